"""The browser modules of our components, as files and as one text; no Streamlit is needed."""

import hashlib
import re
from pathlib import Path

MODULES = {path.name: path for path in Path(__file__).parent.rglob("*.js")}
TAG = hashlib.sha256(b"".join(MODULES[n].read_bytes() for n in sorted(MODULES))).hexdigest()[:12]

# What only files have.
OF_FILES = {"film.js", "deck.js", "standalone.js", "explore.js", "explore_style.js"}
# What is loaded with a hall.
OF_HALLS = {"hall.js", "hall_page.js", "hall_style.js", "crowd.js"}
# What a page asks for when a hand takes hold of a start: no page needs it to open.
OF_HANDS = ("ahead.js", "moved_scene.js", "moved_layers.js", "walk_down.js", "elementary.js")

_IMPORT = re.compile(r"^import .* from '\./(.+)';\n", re.MULTILINE)


def bundle(*names: str) -> str:
    """Return modules and all that they import as one text, for a file that stands alone."""
    order: dict[str, str] = {}

    def collect(file: str) -> None:
        if file not in order:
            text = MODULES[file].read_text("utf-8")
            for imported in _IMPORT.findall(text):
                collect(imported)
            order[file] = _IMPORT.sub("", text)

    for name in names:
        collect(f"{name}.js")
    return "\n".join(order.values())
