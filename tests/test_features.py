"""What docs/features.md promises: every address opens, and every control is on its page."""

import ast
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES
from gdviz.cli.links import from_link
from gdviz.ui.page_state import TABS

ROOT = Path(__file__).parents[1]
EVERYWHERE = ("ui", "browser", "catalogue", "figures")
TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "features.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| what")
]


@cache
def words_of(folder: str) -> str:
    """Return all texts of the Python of a folder, and its JavaScript as it is."""
    files = sorted((ROOT / "gdviz" / folder).rglob("*.py"))
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    texts = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    scripts = [file.read_text() for file in sorted((ROOT / "gdviz" / folder).rglob("*.js"))]
    return "\n".join([*texts, *scripts])


def test_every_address_opens_and_says_only_what_the_page_knows() -> None:
    assert len(TABLE) > 70
    for what, address, _ in TABLE:
        link = address.strip("`")
        asked = from_link(link)  # strict: an unknown, idle or damaged field raises
        page = urlsplit(link).path.strip("/")
        query = parse_qs(urlsplit(link).query)
        assert asked.page in lookup.packages(), what
        assert query.get(f"{page}_tab", ["Code"])[0] in TABS, what
        view = query.get(f"{page}_view", [""])[0]
        assert not view or f"\n{view}\n" in words_of(f"topics/{page}"), (what, view)


def test_every_control_is_on_its_page() -> None:
    lost = []
    for _, address, controls in TABLE:
        folder = f"topics/{urlsplit(address.strip('`')).path.strip('/')}"
        known = [words_of(folder), *(words_of(name) for name in EVERYWHERE)]
        known += TABS
        known += [words_of("optimize"), words_of("probability"), words_of("learn")]
        names = re.findall(r"\*([^*]+)\*", controls)
        assert names, controls
        lost += [(address, name) for name in names if not any(name in text for text in known)]
    assert lost == []


def test_every_page_with_settings_is_in_the_table() -> None:
    shown = {urlsplit(address.strip("`")).path.strip("/") for _, address, _ in TABLE}
    settings = {name.split("_")[0] for name in lookup.packages()}
    assert {page.stem for page in PAGES if page.stem.split("_")[0] in settings} <= shown
