"""The arrows between the folders point one way."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RANKS = [
    {"app_folder", "core", "environment", "kept", "kernels", "knobs", "expressions", "words"},
    {"optimize", "learn", "probability", "geometry"},
    {"figures", "topics"},
    {"ui", "export", "sweep"},
    {"pages", "app.py", "cli", "__main__", "__init__.py"},
]
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}
HOMES = {
    "streamlit": {"ui", "pages", "app.py"},
    "plotly": {"figures", "export", "ui"},
    "numba": {"kernels"},
}
FILES = [ROOT / "app.py", *sorted(ROOT.glob("pages/*.py")), *sorted(ROOT.glob("gdviz/**/*.py"))]


def place(file: Path) -> str:
    """Return the folder of the house that a file belongs to: "core", "ui", "pages" ..."""
    parts = file.relative_to(ROOT).parts
    return parts[0] if parts[0] != "gdviz" else parts[1] if parts[2:] else own_name(parts[1])


def own_name(file_name: str) -> str:
    return file_name if file_name == "__init__.py" else file_name.removesuffix(".py")


def imports(file: Path) -> set[str]:
    """Return the dotted names that a file imports, with `from a import b` as `a.b`."""
    package = file.relative_to(ROOT).with_suffix("").parts
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: -node.level]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_respect_the_layers(file: Path):
    here = place(file)
    assert here in RANK, f"{here} has no place in RANKS"
    for name in imports(file):
        top, *rest = name.split(".")
        assert here in HOMES.get(top, {here}), f"{top} is for {HOMES[top]} only"
        if top == "gdviz" and rest and rest[0] in RANK:
            assert RANK[rest[0]] <= RANK[here], f"{here} must not import {name}"
