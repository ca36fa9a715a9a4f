"""The house explains itself: sizes, one meaning a name, and a topic that can be taken out."""

import ast
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = sorted((ROOT / "gdviz").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION, MEDIAN = 300, 40, 9
# Words that end like participles and are the field's nouns, or the names of things.
NOUNS = set(
    "backtracking binding cached heading meaning ranking tempering training unscaled".split()
)
PREPOSITIONS = set(
    "at around beside between beyond by from in inside into of off on over to under with within "
    "without".split()
)
IRREGULAR = set(  # but "left", a side
    "begun brought built done drawn found gone held kept known laid lost made meant put said "
    "seen sent shot shown sold spread taken told worn written".split()
)


@cache
def trees() -> dict[Path, ast.Module]:
    """Return the syntax tree of each file, read once and only by the process that asks."""
    return {file: ast.parse(file.read_text("utf-8")) for file in PYTHON}


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def lengths_of_functions() -> dict[str, int]:
    return {
        f"{name_of(file)}:{node.name}": node.end_lineno - node.lineno + 1
        for file, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_files_and_functions_are_short():
    files = [*PYTHON, *(ROOT / "gdviz").rglob("*.js")]
    counts = {name_of(f): len(f.read_text("utf-8").splitlines()) for f in files}
    assert {f: n for f, n in counts.items() if n > LONGEST_FILE} == {}, "split it where it can be"
    functions = lengths_of_functions()
    assert len(functions) > 3000
    assert {f: n for f, n in functions.items() if n > LONGEST_FUNCTION} == {}, "take a part out"
    assert statistics.median(functions.values()) <= MEDIAN


def test_every_file_says_what_it_is_for():
    silent = [name_of(file) for file, tree in trees().items() if not ast.get_docstring(tree)]
    assert silent == [], "begin it with a docstring of one line"


def test_one_class_name_has_one_meaning():
    homes = defaultdict(list)
    for file, tree in trees().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name_of(file))
    assert len(homes) > 200
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def is_no_name(word: str) -> bool:
    """Tell whether a word is a bare participle or preposition.

    >>> is_no_name("worked"), is_no_name("into"), is_no_name("held"), is_no_name("run_job")
    (True, True, True, False)
    """
    if "_" in word or word in NOUNS:
        return False
    participle = re.fullmatch(r"[a-z]+(ed|ing)", word) is not None
    return participle or word in PREPOSITIONS | IRREGULAR


def test_no_public_function_is_a_bare_participle_or_preposition():
    words = [
        f"{name_of(file)}:{node.name}"
        for file, tree in trees().items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and is_no_name(node.name)
    ]
    assert words == [], "name it by a verb, or by what it returns"
    assert is_no_name("told") and is_no_name("beside") and not is_no_name("tell_progress")


def test_a_topic_can_be_taken_out(tmp_path: Path):
    """Without its folder, its page and its row in the table of pages the app still runs."""
    copy = tmp_path / "copy"
    skip = shutil.ignore_patterns("*.nb[ic]", ".*", "tests", "benchmarks", "docs")
    shutil.copytree(ROOT, copy, ignore=skip, symlinks=True)
    shutil.copytree(ROOT / ".streamlit", copy / ".streamlit")
    shutil.rmtree(copy / "gdviz" / "topics" / "natural_gradient")
    (copy / "pages" / "natural_gradient.py").unlink()
    table = copy / "gdviz" / "catalogue" / "pages.py"
    rows = re.sub(
        r'    Entry\(\n        "natural_gradient",.*?\n    \),\n',
        "",
        table.read_text("utf-8"),
        flags=re.S,
    )
    assert "natural_gradient" not in rows
    table.write_text(rows, "utf-8")
    code = (
        "from pathlib import Path\n"
        "from streamlit.testing.v1 import AppTest\n"
        "shell = str(Path('gdviz/ui/shell.py').resolve())\n"
        "at = AppTest.from_file(shell, default_timeout=250).run()\n"
        "for page in ('home', 'geometry', 'pitfalls', 'references', 'sweep'):\n"
        "    at = at.switch_page(f'../../pages/{page}.py').run()\n"
        "    assert not at.exception, (page, at.exception[0].message)\n"
        "from gdviz.catalogue import lookup\n"
        "from gdviz.topics.home.gallery import search\n"
        "assert search('geometry') and 'natural_gradient' not in lookup.packages()\n"
        "print('runs')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=copy,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},  # a copy has no compiled kernels
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.strip().endswith("runs"), done.stderr[-2000:]
