"""The page, the library and the command line: one link, one preset, the same numbers."""

from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner

from gdviz.catalogue import lookup
from gdviz.cli import main
from gdviz.cli.links import from_link
from gdviz.cli.pages import titles
from gdviz.export import csv_of, link
from gdviz.learn.recommender.ratings import RatingsError

PRESETS = [(page, preset.label) for page in titles() for preset in lookup.presets(page)]


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
