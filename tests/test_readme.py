"""The documents are true: their code runs, their output is printed, their commands exist."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from browser import ROOT
from cases import each
from streamlit.testing.v1 import AppTest

import gdviz.topics
from gdviz.catalogue import pages
from gdviz.figures.style import LOOKS
from gdviz.optimize import FUNCTIONS, LABELS, METHODS, SURFACES, descend, latex, local_minima
from gdviz.optimize.map_ends import ends
from gdviz.optimize.walkthrough import walkthrough
from gdviz.probability import RULES, SAMPLERS, TARGETS
from gdviz.topics.pitfalls.slides import SLIDES
from gdviz.ui import words
from gdviz.ui.page_state import TABS

README = (ROOT / "README.md").read_text("utf-8")
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
TOUR = (ROOT / "docs" / "library.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
PRINTED = re.compile(r"^```python\n(.*?)^```\n+```text\n(.*?)^```$", re.M | re.S)
FILE = re.compile(
    r"^\*\*`(\S+)`\*\*[^\n]*\n(?:[^\n]+\n)*\n```\w+\n(.*?)^```$", re.M | re.S
)  # a paragraph that begins with the name of a file, then the file
FILES = dict(FILE.findall(GUIDE))
END = "-- end of a block --"  # what no block prints
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
REGISTRIES = (METHODS, LABELS, LOOKS, latex.RULES, latex._SUBSTITUTED, FUNCTIONS)

# What is neither imported nor called by its name in the Makefile: where it is used instead.
USED_IN = {
    "axe-playwright-python": ("tests/axe.py", "axe_playwright_python"),
    "pandas": ("gdviz/topics/descent/tabs.py", "st.dataframe("),
    "imageio-ffmpeg": ("gdviz/export/films.py", "import imageio_ffmpeg"),
    "brotli": ("gdviz/export/fonts.py", 'flavor = "woff2"'),
    "fonttools": ("gdviz/export/fonts.py", "from fontTools."),
    "hatch-requirements-txt": ("pyproject.toml", "metadata.hooks.requirements_txt"),
    "hatchling": ("pyproject.toml", "hatchling.build"),
    "ipykernel": ("scripts/notebook.py", 'kernel_name="python3"'),
    "pip-audit": ("scripts/audit.py", '"-m", "pip_audit"'),
    "pillow": ("gdviz/export/files.py", "from PIL import"),
    "pytest-rerunfailures": ("tests/conftest.py", "flaky(reruns="),
    "pytest-xdist": ("Makefile", "--dist"),
    "python-pptx": ("gdviz/export/pptx_deck.py", "from pptx import"),
    "pyyaml": ("tests/test_deploy.py", "import yaml"),
    "scikit-learn": ("gdviz/learn/pipeline.py", "from sklearn."),
    "uvloop": ("gdviz/cli/run.py", "It takes uvloop"),
    "uvicorn": ("gdviz/cli/run.py", "-m uvicorn"),
}


def run_block(text: str, folder: Path, name: str) -> ModuleType:
    """Run a block as a module with a file, because compiled rules are read from their source."""
    file = folder / f"{name}.py"
    file.write_text(text, "utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def guide_block(word: str) -> str:
    """Return the one block of CONTRIBUTING.md that contains a word."""
    [found] = [text for text in BLOCK.findall(GUIDE) if word in text]
    return found


@pytest.fixture
def registries() -> Iterator[None]:
    """Give every registry its entries back when the test is over."""
    kept = [dict(registry) for registry in REGISTRIES]
    listed = list(pages.PAGES)
    yield
    for registry, entries in zip(REGISTRIES, kept, strict=True):
        registry.clear()
        registry.update(entries)  # type: ignore[arg-type]
    pages.PAGES[:] = listed


# --- README --------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", [README, TOUR], ids=["README", "library"])
def test_a_document_prints_what_it_shows(document: str, tmp_path: Path):
    """In one process, each block with names of its own."""
    shown = PRINTED.findall(document)
    assert len(shown) == len(BLOCK.findall(document)) >= 1
    codes = [code for code, _ in shown]
    run = "exec(code, {'__name__': '__main__'})"
    program = f"for code in {codes!r}:\n    {run}\n    print(end={END!r})"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-W", "error", "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split(END) == [*(output for _, output in shown), ""]


@pytest.mark.parametrize("document", [README, GUIDE], ids=["README", "CONTRIBUTING"])
def test_the_commands_exist(document: str):
    said = set(re.findall(r"^    make (\w+)|`make (\w+)", document, re.M))
    targets = {name for pair in said for name in pair if name}
    assert targets >= ({"run", "test"} if document is README else {"check", "test", "bench"})
    for target in targets:
        assert re.search(rf"^{target}:", MAKEFILE, re.M), target


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_the_files_that_are_named_exist(file: Path):
    document = file.read_text("utf-8")
    links = re.findall(r"\]\((?!https?:|/)([^)#]+)\)", document)  # one with / is the app's
    paths = re.findall(r"`((?:\.ci|docs|gdviz|scripts|tests)/[\w./]*\w)`", document)
    missing = [p for p in set(links) if not (file.parent / p).exists()]
    paths += re.findall(r"`([a-z_]+(?:/\w+)*\.(?:py|js))`", document)  # also within the package
    homes = (ROOT, ROOT / "gdviz", ROOT / "tests")
    lost = {p for p in set(paths) - FILES.keys() if not any((home / p).exists() for home in homes)}
    assert missing == [] and lost == set()


def test_the_documents_name_every_page():
    told = (ROOT / "docs" / "pages.md").read_text("utf-8")
    for page in pages.PAGES:
        assert page.title in README and f"**{page.title}.**" in told, page.title


WORDS = "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()
NUMBERS = {word: 11 + i for i, word in enumerate(WORDS)}
NUMBERS |= {f"twenty-{unit}": 21 + i for i, unit in enumerate("one two three four five".split())}


def test_the_pages_count_what_the_registries_have():
    told = (ROOT / "docs" / "pages.md").read_text("utf-8").lower()
    counted = {
        "functions": FUNCTIONS,
        "surfaces": SURFACES,
        "rules": RULES,
        "samplers": SAMPLERS,
        "densities": TARGETS,
        "slides": SLIDES,
    }
    for what, entries in counted.items():
        [word] = re.findall(rf"([\w-]+)\s+{what}\b", told)
        assert NUMBERS[word] == len(entries), f"{len(entries)} {what}: docs/pages.md"


def test_the_film_of_the_readme_is_small():
    film = (ROOT / "docs" / "drag.gif").read_bytes()
    assert film[:6] == b"GIF89a" and len(film) < 2_000_000
    assert np.frombuffer(film[6:10], "<u2").tolist() == [640, 360]


# --- CONTRIBUTING --------------------------------------------------------------------------------


def test_the_method_of_the_guide_is_a_method(registries: None, tmp_path: Path):
    block = guide_block("@elementwise")
    [name] = re.findall(r'^METHODS\["(\w+)"\]', block, re.M)
    assert name not in METHODS, f"{name} is in the tree: let the guide show another one"
    run_block(block, tmp_path, "guide_method")
    assert METHODS.keys() == LABELS.keys() == LOOKS.keys()
    assert len(set(LOOKS.values())) == len(LOOKS)

    parabola = FUNCTIONS["parabola"]
    run = descend(parabola, [2.0], name, lr=0.25, momentum=0.5, steps=3, stop=None)
    assert run.x[:, 0].tolist() == [2.0, 1.75, 1.5, 1.25]
    assert run.v[:, 0].tolist() == [0.0, 2.0, 2.75, 2.875]
    batch = descend(parabola, [[2.0], [-1.0]], name, lr=0.25, momentum=0.5, steps=3, stop=None)
    assert batch.x[:, 0].tobytes() == run.x.tobytes()
    found = ends(parabola, [[2.0]], name, steps=3, lr=0.25, momentum=0.5)
    assert found.x[0, 0] == 1.25
    walk = walkthrough(name, run, 1, {"lr": 0.25, "momentum": 0.5})
    assert walk[1].numbers == r"v = 0.5 \cdot 2 + \left(1 - 0.5\right) \cdot 3.5 = 2.75"
    assert walk[-1].numbers.endswith("= 1.5")


def test_the_function_of_the_guide_is_a_function(registries: None, tmp_path: Path):
    block = guide_block('entry(\n    "Quartic')
    [name] = re.findall(r'^FUNCTIONS\["(\w+)"\]', block, re.M)
    assert name not in FUNCTIONS, f"{name} is in the tree: let the guide show another one"
    run_block(block, tmp_path, "guide_function")
    problem = FUNCTIONS[name]
    np.testing.assert_allclose(local_minima(problem, *problem.box[0]), [0.0], atol=1e-6)
    assert problem.grad([[2.0]]).tolist() == [[32.0]]


@pytest.fixture
def guide_page(registries: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the files of the guide's page where the tree would have them; return its script."""
    assert len(FILES) == 8, list(FILES)
    for path, text in FILES.items():
        assert not (ROOT / path).exists(), f"{path} is in the tree: let the guide show another one"
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    topics = tmp_path / "gdviz" / "topics"
    monkeypatch.setattr(gdviz.topics, "__path__", [*gdviz.topics.__path__, str(topics)])
    monkeypatch.setattr(words, "FOLDER", topics)
    run_block(guide_block("PAGES.append"), tmp_path, "guide_row")
    yield tmp_path / "pages" / f"{pages.PAGES[-1].stem}.py"
    for name in [n for n in sys.modules if n.startswith("gdviz.topics.heron")]:
        del sys.modules[name]


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".py")])
def test_the_files_of_the_guide_pass_the_check(name: str):
    # Without I001: the order of imports depends on which files are there.
    for command in (["check", "--ignore", "I001", "-"], ["format", "--check", "-"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--quiet", "--stdin-filename", ROOT / name],
            cwd=ROOT,
            input=FILES[name],
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("tab", TABS)
def test_the_page_of_the_guide_runs(guide_page: Path, tab: str):
    at = AppTest.from_file(guide_page, default_timeout=30)
    at.query_params["heron_tab"] = tab
    at.query_params["heron_a"] = "9.0"
    at.query_params["heron_x0"] = "rubbish"
    at.session_state["heron_menu_share"] = True
    at.run()
    assert [e.message for e in at.exception] == []
    assert at.number_input(key="heron_a").value == 9.0
    assert any("Heron" in m.value for m in at.markdown)
    assert any("a=9.0" in c.value for c in at.code), "copied as Python with its settings"
    next(b for b in at.button if b.label == "Too small").click()
    at.run()
    assert [e.message for e in at.exception] == []
    assert at.number_input(key="heron_x0").value == 0.5
    assert any("**Now try**" in c.value for c in at.markdown)


def test_the_page_of_the_guide_is_right(guide_page: Path, capsys: pytest.CaptureFixture[str]):
    from gdviz.topics import heron  # type: ignore[attr-defined]

    for one in import_module("gdviz.topics.heron.presets").PRESETS:
        spec = heron.Heron(**one.values)
        assert one.claim(spec, heron.run(spec)), one.reason
    path = heron.run(heron.Heron(a=2.0, x0=1.0, steps=3))
    np.testing.assert_allclose(path.x, [1, 3 / 2, 17 / 12, 577 / 408], rtol=1e-15)
    (asked,) = import_module("gdviz.topics.heron.questions").questions(heron.Heron(x0=1.0, steps=2))
    np.testing.assert_allclose(asked.answers, [[17 / 12]], rtol=1e-15)
    exec(heron.as_python(heron.Heron()), {})
    printed = [float(line) for line in capsys.readouterr().out.split()]
    assert printed == heron.run(heron.Heron()).x.tolist()


# --- dependencies --------------------------------------------------------------------------------


REQUIREMENT = re.compile(r"^([\w-]+)(?:\[\w+\])?[=>]=", re.M)
ENDS = ("", "-dev", "-tools")


def asked(end: str) -> list[str]:
    """Return the packages that a requirements*.in asks for."""
    return REQUIREMENT.findall((ROOT / f"requirements{end}.in").read_text("utf-8"))


def imported() -> set[str]:
    """Return the top names that the tree imports."""
    files = [ROOT / "app.py"]
    for folder in ("gdviz", "pages", "scripts", "tests", "benchmarks"):
        files += (ROOT / folder).rglob("*.py")
    text = "\n".join(file.read_text("utf-8") for file in files if "reference" not in file.parts)
    return set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.M))


@each("name", [name for end in ENDS for name in asked(end)])
def test_a_dependency_is_used(name: str):
    called = re.search(rf"\$\(BIN\)/{name}\b|-m {name}\b", MAKEFILE)
    file, words_ = USED_IN.get(name, ("Makefile", "no such words"))
    assert name in imported() or called or words_ in (ROOT / file).read_text("utf-8")


@pytest.mark.parametrize("end", ENDS)
def test_every_package_is_pinned_with_its_hashes(end: str):
    text = (ROOT / f"requirements{end}.txt").read_text("utf-8")
    rows = [row for row in text.replace("\\\n", " ").splitlines() if row.strip()]
    pins = [row for row in rows if not row.lstrip().startswith("#")]
    names = {re.split(r"[\[=]", row)[0] for row in pins}
    assert pins and all(re.match(r"[\w.-]+(\[\w,]+\])?==[\w.+]+ ", row) for row in pins)
    assert all("--hash=sha256:" in row for row in pins)
    assert set(asked(end)) <= names, "make lock"
    assert not re.search(r"://|--(extra-)?index|--find-links|@ file", text)


@pytest.mark.parametrize("end", ENDS)
def test_every_dependency_stands_under_its_reason(end: str):
    lines = (ROOT / f"requirements{end}.in").read_text("utf-8").splitlines()
    pairs = zip(lines, lines[1:], strict=False)
    reasoned = [REQUIREMENT.findall(below) for above, below in pairs if above.startswith("# ")]
    assert sum(reasoned, []) == sorted(asked(end)), "a comment above each, by the alphabet"
