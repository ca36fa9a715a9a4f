"""Numbers on screen have one style, in Python and in the browser."""

import json
import re
import shutil
import subprocess

import pytest
from browser import ROOT
from cases import each

from gdviz.numerals import number

WRITTEN = [
    (0.0, 4, "0"), (-0.0, 4, "0"), (1.0, 4, "1"), (-0.5, 4, "−0.5"), (120.0, 2, "120"),
    (0.001, 3, "0.001"), (0.0009999, 2, "0.001"), (5.1e-4, 4, "5.1 × 10⁻⁴"), (8e-5, 3, "8 × 10⁻⁵"),
    (123456.7, 4, "123500"), (999999.9, 3, "1 × 10⁶"), (-4.5678e30, 3, "−4.57 × 10³⁰"),
    (1e-320, 2, "1 × 10⁻³²⁰"), (1 / 3, 10, "0.3333333333"),
]  # fmt: skip


@each("value, digits, text", WRITTEN)
def test_a_number_is_written_as_people_write_it(value: float, digits: int, text: str):
    assert number(value, digits) == text


def test_what_is_no_number_has_a_word():
    inf = float("inf")
    assert [number(v) for v in (inf, -inf, inf - inf)] == ["∞", "−∞", "undefined"]


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
def test_the_browser_writes_the_same():
    source = (ROOT / "gdviz/browser/numerals.js").read_text("utf-8").replace("export ", "")
    cases = json.dumps([[value, digits] for value, digits, _ in WRITTEN])
    code = f"{source}; console.log(JSON.stringify({cases}.map(([v, d]) => number(v, d))))"
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [text for *_, text in WRITTEN]
    assert not re.search(r"\d-\d", done.stdout)
