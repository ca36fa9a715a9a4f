"""The page, the library and the command line: one link, one preset, the same numbers."""

import contextlib
import io
import re
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from test_pages import open_page

from gdviz.cli import main
from gdviz.cli.asking import from_link, titles
from gdviz.export import csv_of, link, tables
from gdviz.learn.movielens import find_movielens
from gdviz.topics import catalogue

NEEDS_FILMS = pytest.mark.skipif(
    find_movielens() is None, reason="MovieLens small is not here: GDVIZ_DATA names its parent"
)


def at_hand(page: str, label: str) -> Any:
    """Return a page and a preset as a case, skipped where its real data are not at hand."""
    real = getattr(catalogue.preset(page, label), "data", "") == "movielens"
    return pytest.param(page, label, marks=NEEDS_FILMS if real else ())


PRESETS = [(page, preset.label) for page in titles() for preset in catalogue.presets(page)]
RUNNABLE = [at_hand(*names) for names in PRESETS]
NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d{4,}(?:e[+-]?\d+)?")


@pytest.mark.parametrize(("page", "label"), PRESETS)
def test_a_preset_survives_its_link(page: str, label: str) -> None:
    spec = catalogue.preset(page, label)
    asked = from_link(link(f"https://example.org/{page}", page, spec))
    assert asked == (page, spec, None)


@pytest.mark.parametrize(("page", "label"), RUNNABLE)
def test_the_command_line_computes_what_the_library_computes(page: str, label: str, tmp_path: Any):
    spec, file = catalogue.preset(page, label), tmp_path / "a.csv"
    words = ["export", link(f"/{page}", page, spec) + "?" * (spec == type(spec)()), "-o", str(file)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert file.read_bytes() == csv_of(catalogue.numbers(spec))


@pytest.mark.parametrize(("page", "label"), RUNNABLE)
def test_copied_python_prints_numbers_of_the_page(page: str, label: str) -> None:
    """Every number with four decimals or more that the program prints is one of the run's."""
    spec = catalogue.preset(page, label)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        exec(catalogue.as_python(spec), {"__name__": "copied"})
    said = NUMBER.findall(printed.getvalue())
    columns = [v for table in tables(catalogue.numbers(spec)).values() for v in table.values()]
    known = np.concatenate([np.ravel(values).astype(float) for values in columns])
    for text in said:
        digits = len(text.split("e")[0].replace(".", "").lstrip("-0"))
        near = np.abs(known - float(text)) <= 10.0 ** (1 - digits) * abs(float(text))
        assert near.any(), f"{text} is no number of the run"


@pytest.mark.parametrize("page", titles())
def test_the_page_says_the_program_of_its_settings(page: str) -> None:
    """Press every preset: the program that the page shows is that of the preset's settings."""
    at = open_page(page)
    for preset in catalogue.presets(page):
        if preset.values.get("data") == "movielens" and find_movielens() is None:
            continue
        at.button(key=f"{page}_preset_{preset.label}").click().run()
        spec = catalogue.preset(page, preset.label)
        assert catalogue.as_python(spec) in {code.value for code in at.code}, preset.label
        assert link("", page, spec).strip("?") in "".join(code.value for code in at.code)
