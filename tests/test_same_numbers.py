"""The page, the library and the command line: one link, one preset, the same numbers."""

import contextlib
import io
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from gdviz.catalogue import lookup
from gdviz.cli import main
from gdviz.cli.links import from_link
from gdviz.cli.pages import titles
from gdviz.export import csv_of, link, tables
from gdviz.learn.recommender.ratings import RatingsError

PRESETS = [(page, preset.label) for page in titles() for preset in lookup.presets(page)]
NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d{4,}(?:e[+-]?\d+)?")


@cache
def computed(page: str, label: str) -> Any:
    """Return what the library computes at a preset; skip one whose data must be downloaded."""
    try:
        return lookup.numbers(lookup.preset(page, label))
    except RatingsError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(("page", "label"), PRESETS)
def test_a_preset_survives_its_link(page: str, label: str) -> None:
    spec = lookup.preset(page, label)
    asked = from_link(link(f"https://example.org/{page}", page, spec))
    assert asked == (page, spec, None, "https://example.org")


@pytest.mark.parametrize(("page", "label"), [*dict(PRESETS).items()])
def test_the_command_line_computes_what_the_library_computes(page: str, label: str, tmp_path: Any):
    spec, file = lookup.preset(page, label), tmp_path / "a.csv"
    expected = csv_of(computed(page, label))
    words = ["export", link(f"/{page}", page, spec) + "?" * (spec == type(spec)()), "-o", str(file)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    origin, _, rows = file.read_bytes().partition(b"\r\n")
    assert rows == expected and origin.startswith(b"# {")


@pytest.mark.parametrize(("page", "label"), [p for p in PRESETS if p[0] in ("descent", "race")])
def test_copied_python_prints_numbers_of_the_run(page: str, label: str) -> None:
    """Every number with four decimals or more that the program prints is one of the table's."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        exec(lookup.as_python(lookup.preset(page, label)), {"__name__": "copied"})
    columns = [v for table in tables(computed(page, label)).values() for v in table.values()]
    known = np.concatenate([np.ravel(values).astype(float) for values in columns])
    for text in NUMBER.findall(printed.getvalue()):
        digits = len(text.split("e")[0].replace(".", "").lstrip("-0"))
        near = np.abs(known - float(text)) <= 10.0 ** (1 - digits) * abs(float(text))
        assert near.any(), f"{text} is no number of the run"
