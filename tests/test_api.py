"""The library as a reader meets it: `import gdviz`, its doctests, its reference, its notebook."""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from browser import ROOT

import gdviz
from gdviz.catalogue import lookup
from gdviz.cli.pages import titles

sys.path.append(str(ROOT / "scripts"))
from notebook import execute  # noqa: E402

MODULES = [
    module.name
    for module in pkgutil.walk_packages(gdviz.__path__, "gdviz.")
    if not module.name.startswith("gdviz.ui") and module.name != "gdviz.__main__"
]
WITH_EXAMPLES = [
    name
    for name in ["gdviz", *MODULES]
    if ">>>" in Path(importlib.util.find_spec(name).origin).read_text("utf-8")  # type: ignore
]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_docstring_are_true(name: str) -> None:
    """A reader has the public names of the library, and of the package, at hand."""
    public = {name: getattr(gdviz, name) for name in gdviz.__all__}
    module = importlib.import_module(name)
    package = importlib.import_module(name.rpartition(".")[0] or name)
    done = doctest.testmod(module, globs=public | vars(package) | vars(module))
    assert done.attempted > 0 and done.failed == 0


def test_there_are_examples() -> None:
    assert len(WITH_EXAMPLES) >= 7


@pytest.mark.parametrize("name", [name for name in gdviz.__all__ if name != "__version__"])
def test_a_public_name_is_there_and_says_what_it_is(name: str) -> None:
    found = getattr(gdviz, name)
    assert name in dir(gdviz)
    assert isinstance(found, dict) or (found.__doc__ and not found.__doc__.startswith("dict("))


def test_a_name_that_is_not_there_is_refused_in_words() -> None:
    with pytest.raises(AttributeError, match="it has .*descend.*figure.*race"):
        gdviz.nope  # noqa: B018


IMPORTS = """
import sys
def unused(words):
    found = set(words.split()) & set(sys.modules)
    assert not found, found
import gdviz
unused("numpy sympy scipy plotly streamlit numba")
from gdviz import descend
unused("plotly streamlit")
gdviz.figure(gdviz.Descent(steps=3)), gdviz.to_bytes(gdviz.Descent(steps=3), "html")
unused("streamlit")
"""


def test_to_import_it_is_cheap() -> None:
    """`import gdviz` imports nothing of weight; optimizers need no plots, figures no Streamlit."""
    words = [sys.executable, "-W", "error", "-c", IMPORTS]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", titles())
def test_a_page_is_reached_by_its_name(page: str) -> None:
    spec = gdviz.settings(page)()
    assert gdviz.page_of(spec) == page
    first = lookup.presets(page)[0]
    assert gdviz.preset(page, first.label.upper()) == type(spec)(**first.values)


def test_the_version_is_that_of_the_package() -> None:
    assert f'version = "{gdviz.__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda f: f.stem)
def test_a_notebook_prints_what_it_shows(file: Path) -> None:
    """Every cell runs as a reader runs it, and prints what stands in the file."""
    kept, fresh = nbformat.read(file, as_version=4), execute(file)
    assert [_said(cell) for cell in fresh.cells] == [_said(cell) for cell in kept.cells]
    kinds = {kind for cell in kept.cells for out in cell.get("outputs", []) for kind in _kinds(out)}
    assert {"text/plain", "application/vnd.plotly.v1+json"} <= kinds


def _said(cell: dict) -> str:
    """Return what a cell prints; how it is cut into pieces is chance."""
    outputs = cell.get("outputs", [])
    return "".join(out.get("text") or out["data"].get("text/plain", "") for out in outputs)


def _kinds(out: dict) -> list[str]:
    return list(out.get("data", {}))


def test_the_reference_is_made_from_the_docstrings(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "pdoc", "-o", str(tmp_path), "gdviz", "gdviz.export"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Warn" not in done.stderr, done.stderr
    page = (tmp_path / "gdviz" / "export.html").read_text("utf-8")
    assert 'id="save"' in page and "Write a page" in page
