"""The browser modules of our components, as files and as one text; no Streamlit is needed."""

import hashlib
import re
from pathlib import Path

MODULES = {path.name: path for path in Path(__file__).parent.rglob("*.js")}
TAG = hashlib.sha256(b"".join(MODULES[n].read_bytes() for n in sorted(MODULES))).hexdigest()[:12]

_IMPORT = re.compile(r"^import .* from '\./(.+)';\n", re.MULTILINE)


def bundle(name: str) -> str:
    """Return a module and all that it imports as one text, for a file that stands alone."""
    order: dict[str, str] = {}

    def collect(file: str) -> None:
        if file not in order:
            text = MODULES[file].read_text("utf-8")
            for imported in _IMPORT.findall(text):
                collect(imported)
            order[file] = _IMPORT.sub("", text)

    collect(f"{name}.js")
    return "\n".join(order.values())
