"""The pitfalls: the programs that are shown are run, and print what the audit of the code found."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from cases import each

from gdviz.catalogue import lookup
from gdviz.catalogue.pitfall import Pitfall, lines_that_differ, output_of, rows_in
from gdviz.cli.links import from_link
from gdviz.topics.pitfalls.slides import SLIDES, Row, rows

RACE = Path(__file__).parent / "reference" / "race.json"
ROWS: dict[str, Row] = {r.pitfall.row: r for s in SLIDES for r in rows(s.number)}
# What the programs of each row print: the audit's figures, or exact ones. A figure that a seed
# moves stands in RANGES.
FIGURES = {
    "1a": ("0.0049565, 298 points|0.0099|0.0048574", "0.0000020, 685 points"),
    "1b": ("x = 2.0 after 1 step", "jumps between -2.0 and 2.0"),
    "1c": ("from 5: minimum x = 5.0|from 2: minimum x = 2.0", "minimum x = 3e-06|x = 1e-06"),
    "1d": ("3.0e+79|x = nan|OverflowError", "diverged at step 76|diverged at step 5"),
    "1e": ("minimum x = 0.0577", "no minimum: an inflection|left = -1.9e-04"),
    "1f": ("ValueError: The truth value", "minimum x = [0. 0.]"),
    "2a": ("w = [0.], b = 0.0000|ValueError: non-broadcastable", "[2.0055], b = 0.9945"),
    "2b": ("(1, 100), predictions (100, 100)|0.99451|-1.3714e+301", "w = 2.0055, b = 0.9945"),
    "2c": ("MSE = 7.45|10000", "MSE = 0.00911"),
    "2d": ("[nan nan]", "2/L = 1.8975|[2.0055 0.9945]"),
    "3a": ("8 form feeds, 0 fractions", "0 form feeds, 8 fractions"),
    "3b": ("times as long", "1.00 to 1.00 times as long"),
    "3c": ("times as long", "1.00 to 1.00 times as long"),
    "4a": ("150 rows: MSE 6.7e-28|MSE 1.9e+53|MSE 1.8e+194", "e-37"),
    "4b": ("differs by 1e-03", "differs by 0e+00, W moved 0e+00|0e+00 to 0e+00"),
    "4c": ("8.3e-10", "after six layers 8"),
    "4d": ("AttributeError: 'NoneType' object has no attribute 'T'", "call forward first"),
    "5a": ("96 of 100 rows, 32 of 63", "100 of 100 rows, 63 of 63"),
    "5b": ("0 batches|ZeroDivisionError", "1 batch of 20"),
    "5c": ("X (32, 2) y (32, 1)", "X (32, 1) y (32, 2)"),
    "5d": ("ValueError", "data (40, 2)"),
    "5e": ("0.5488|after a call: 0.0961", "after a call: 0.5488"),
    "5f": ("off by +", "off by +0.0% to +0.0%"),
    "5g": ("0.009329|0.008627|0.008583", "0.008585|0.008584|0.008583"),
    "6a": ("", "(-1.267307111331, 1.612510221818)"),
    "6b": ("W moves -0.677|ValueError", "W moves -1.000|b moves -1.000"),
    "6c": ("yours is [0.9 1.9]|UFuncTypeError|AttributeError", "[0.9 1.9], and yours is [1 2]"),
    "6d": ("x = nan|x = 1.0", "x = 0.000000|x = 0.900000"),
    "7a": ("0.99998456|3.5997|5.1554|1.7724|6.65", "= 1\n|= 4\n|= 9\n|= 3\n|= 101"),
    "7b": ("±1000:  0.0|1e-4):  0.0|N(10⁴, 1):  0.0", "±1000: 1\n|1e-4): 1\n|N(10⁴, 1): 1"),
    "7c": ("nan", "1.6487212707"),
    "7d": ("26.1", "1.4659 1.4659 without end|is infinite"),
    "7e": ("σ = −1: -0.6827|a > b: -0.6827|ZeroDivisionError", "σ = 0: refused"),
    "7f": ("P(Z > 40) = 0.0", "-804.608442013754"),
    "8a": ("loss 0.6931, accuracy 0.50|0.6111, accuracy 0.98", "0.6342|0.77|0.1808|1.00"),
    "8b": ("loss 0.6931472, accuracy 0.50", "loss 0.0001946, accuracy 1.00"),
    "8c": ("loss 0.6931472", "loss 0.00125"),
    "8d": ("", "differs from central differences by"),
    "8e": ("nan", "4.248e-18"),
    "8f": ("ValueError: shapes (100,100) and (1,4)", "(100, 4)|loss 0.09"),
    "9a": ("s1 = -7.12|off by 30.6|0.51506", "s1 = -37.68|0.51775"),
    "9b": ("[nan nan]", "left out: row 3|[2. 1.]"),
    "9c": ("MSE nan", "0.24850|MSE 2859.7"),
    "9d": ("ValueError: operands could not be broadcast", "[1. 2. 3. 4. 5.]"),
    "9e": ("R² = -inf|MSE of the others", "undefined|refused"),
    "10a": ("epochs: 0.130", "test error 2.11|the mean alone: 1.401"),
    "10b": ("epoch 1: 3.32|-2.1 to 5.1", "epoch 1: 1.40|1.0 to 5.0"),
    "10c": ("test error at its best", "biases alone"),
    "10d": ("error 0.1369 to", "error 0.1288 to"),
    "10e": (
        "87 pairs come twice|shuffled|unseen id: IndexError|ZeroDivisionError"
        "|float array: IndexError|one epoch: nan",
        "the latest counts|as it was|not a single rating|Diverged",
    ),
    "11a": ("0.974 ± 0.011", "1.964 ± 0.022|ESS 4422"),
    "11b": ("error 0.051|in 38%|spread 4.15", "in 95%"),
    "11c": ("1 different draws, mean 1.764", "mean 49.975"),
    "11d": ("1 different draws, mean 1.764", "mean 2.057\nmean of the data 2.058"),
    "11e": ("± 0.015", "± 0.13|accepted 0.898|ESS 124"),
    "11f": ("0.99, ESS|0.89, ESS|0.019, ESS", "step 3.6: accepts 0.44"),
    "11g": ("+4.0 +3.9 -3.6 +3.7", "R̂ = 1.7"),
    "12a": ("(160, 160) gradient (5120,)|1024 rows: solve|1000 rows: all the input", "(50, 50)"),
    "12b": ("rank 32|to 0.000372", "rank 50|0.784 to 1.11"),
    "12c": ("0.06% to 0.13%", "to 11"),
    "12d": ("gives 5|1.4%", "gives 1\n|89.3%"),
    "13a": ("[0, 0, 1] -2.0000|[1, 1, 1] -4.0000", "1] -1.0000|[1, 0, 0] 0.5000|1, 1] -1.0000"),
    "13b": ("[0, 0, 1] -0.2500|[1, 1, 1] -0.5000", "1] -0.5000|[1, 0, 0] 0.2500|1, 1] -0.5000"),
    "13c": ("-inf", "-4.00000"),
    "13d": ("1.20056|4.00000|10.00000|100.00000", "1.18938|3.24199|5.58738|12.04570"),
    "13e": ("8.683|9.717", "9.76904"),
    "13f": ("[1. 0.]\n|[8.9000000e-06 1.0000312e+00]", "[ 34. -12.] / 19|[24. 34.] / 19"),
    "13g": ("2.0]]|[[inf, nan]|None", "σ = -1 must be positive|leaves the range|1.6449"),
    "14a": ("(-1.26499, 1.60667)", "(-1.22127, 1.49874)"),
    "14b": ("noisy 9.988, quiet 9.022", "quiet 9.048"),
    "14c": ("1.000 0.744 0.639 0.581|0.484|200", "1.000 1.000|epochs: 100"),
    "14d": ("5.000 times", "1.000 times"),
    "14e": ("loss 0.931|0.761 to 1.134|bias 2.907", "bias 3.005, loss 0.010"),
}
# What the audit measured with a seed of its own must lie in the range that seeds give here.
RANGES = {
    "3b": ("wrong", r"([\d.]+) to ([\d.]+) times", 3.48),  # |[.1105, -.1412, -.0525]| / |[.0277 …]|
    "3c": ("wrong", r"([\d.]+) to ([\d.]+) times", 2.81),
    "4b": ("wrong", r"100 seeds: (\S+) to (\S+)", 5e-4),
    "4c": ("wrong", r"100 seeds (\S+) to (\S+)", 9.5e-10),
    "10d": ("wrong", r"error (\S+) to (\S+),", 0.1370),
    "12c": ("wrong", r"([\d.]+)% to ([\d.]+)%", 100 * 0.000494 / 0.5274),
    "14b": ("right", r"decayed by (\S+) to (\S+)", 10 * (1 - 1e-4) ** 1000 - 10),
    "14e": ("wrong", r"100 seeds: (\S+) to (\S+)", 0.9643),
}
# Mistakes in the code around a method, which no setting of a page can make.
ON_NO_PAGE = set("1f 2c 3a 4b 4d 5c 5d 5e 6b 6c 7e 8f 9b 9d 9e 11d 12d 13g 14c 14d 14e".split())


def test_every_row_of_the_audit_is_there_and_only_those():
    promised = dict(zip(range(1, 15), "f d c d g d f f e e g d g e".split(), strict=True))
    names = [f"{n}{chr(c)}" for n, last in promised.items() for c in range(97, ord(last) + 1)]
    assert list(ROWS) == names == list(FIGURES) and len(names) == 73
    assert {name for name, row in ROWS.items() if not row.pitfall.wrong} == {"6a", "8d"}
    for row in ROWS.values():
        assert row.pitfall.title and row.pitfall.why.endswith((".", ".)")), row.pitfall.row


@each("name", FIGURES)
def test_the_programs_print_the_figures(name: str):
    row = ROWS[name].pitfall
    for program, figures in zip((row.wrong, row.right), FIGURES[name], strict=True):
        told = output_of(program) + "\n" if program else ""
        assert [part for part in figures.split("|") if part not in told] == [], told


@each("name", RANGES)
def test_what_a_seed_moves_is_told_with_its_range(name: str):
    kind, pattern, audited = RANGES[name]
    found = re.search(pattern, output_of(getattr(ROWS[name].pitfall, kind)))
    assert found and float(found[1]) <= audited <= float(found[2]), found


@each("name", ROWS)
def test_the_programs_are_short_and_differ_where_the_mistake_is(name: str):
    row = ROWS[name].pitfall
    for program in filter(None, (row.wrong, row.right)):
        lines = program.splitlines()
        assert len(lines) <= 36 and max(map(len, lines)) <= 100
        assert "input(" not in program and "open(" not in program
    if row.wrong:
        left, right = lines_that_differ(row.wrong, row.right)
        same = set(row.wrong.splitlines()) & set(row.right.splitlines())
        assert right and output_of(row.wrong) != output_of(row.right) and same


@each("name", ROWS)
def test_open_this_setting_opens_a_setting_and_no_tab(name: str):
    row = ROWS[name]
    assert bool(row.query()) is (name not in ON_NO_PAGE)
    if row.query():
        assert "_tab" not in row.query()
        asked = from_link(f"/{row.page}?{row.query()}")
        assert asked.spec != lookup.settings(asked.page)() or "_room=" in row.query()
        if asked.page.endswith("_chain"):  # its sign of addition survives the link
            assert "+" in asked.spec.expression and lookup.run(asked.spec)


def test_adam_and_adamw_are_those_of_pytorch_and_of_the_page():
    """6a and 14a: the programs, the page at their link, and PyTorch's own paths."""
    torch = json.loads(RACE.read_text("utf-8"))["torch"]["runs"]
    ends = {
        (run["method"], run["knobs"]["weight_decay"]): run["x"][run["steps"].index(100)]
        for run in torch
        if run["problem"] == "rosenbrock" and run["method"] in ("adam", "adamw")
    }
    for name, method, decay, side in (
        ("6a", "adam", 0.0, "right"),
        ("14a", "adam", 0.01, "wrong"),
        ("14a", "adamw", 0.01, "right"),
    ):
        told = re.findall(r"-?\d\.\d+", output_of(getattr(ROWS[name].pitfall, side)))
        digits = len(told[0].partition(".")[2])
        assert told == [f"{x:.{digits}f}" for x in ends[method, decay]], name
        run = lookup.run(from_link(f"/race?{ROWS[name].query()}").spec)[method]
        np.testing.assert_allclose(run.x[-1], ends[method, decay], rtol=1e-10)


def test_a_row_is_read_from_its_text():
    text = "## 3z · A title\n\nWhy it\nis so.\n\nSetting: Known\n\n```python\na = 1\n```\n\n"
    text += "```python\na = 2\n```\n## 4a · Right\n\nIt is.\n\n```python\nprint(1)\n```\n"
    assert rows_in(text) == (
        Pitfall("3z", "A title", "Why it is so.", "a = 1\n", "a = 2\n", "Known"),
        Pitfall("4a", "Right", "It is.", "", "print(1)\n", ""),
    )
    assert rows_in(text)[0].slide == 3


def test_what_a_program_prints_and_raises_is_kept(capsys: pytest.CaptureFixture[str]):
    assert output_of("print(1, 'b')\nx = [][0]") == "1 b\nIndexError: list index out of range"
    assert capsys.readouterr().out == ""
