"""What a preset says of its run is true, and so is what its page asks about it."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from question_truths import wrong_answers

from gdviz.catalogue import lookup
from gdviz.catalogue.preset import Preset
from gdviz.learn.datasets import CALIFORNIA, local_file
from gdviz.learn.recommender.movielens import find_movielens

ALL = [(page, one) for page in lookup.packages() for one in lookup.presets(page)]


def _settings(page: str, one: Preset) -> Any:
    """Return the settings of a preset, as its page shows them: on the houses that are there."""
    spec: Any = lookup.settings(page)(**one.values)
    if page == "regression_houses" and local_file(CALIFORNIA) is None:
        return replace(spec, homes="baltimore")
    return spec


@cache
def run_once(spec: Any) -> Any:
    """Return what a preset's settings show, computed once for all who ask of it."""
    return lookup.run(spec)


@pytest.mark.parametrize(("page", "one"), ALL, ids=[f"{page}: {one.label}" for page, one in ALL])
def test_a_preset_does_what_it_says(page: str, one: Preset) -> None:
    spec = _settings(page, one)
    if getattr(spec, "data", "") == "movielens" and find_movielens() is None:
        pytest.skip("no MovieLens here: set GDVIZ_DATA to a folder that has it")
    assert one.claim(spec, run_once(spec)), one.reason
    asked = lookup.questions(spec)
    assert wrong_answers(page, spec, asked) == []
    # No lead survives the bands, and a comparison that takes a while.
    silent = {"Three starts", "Noisy gradients", "Is curvature worth it?"}
    assert bool(asked) != (one.label in silent), "a page has something to ask"


def test_a_claim_can_fail() -> None:
    """A claim asked of another preset's run is false: none is true of everything."""
    for page in lookup.packages():
        presets = lookup.presets(page)
        for one in presets:
            others = [other for other in presets if other is not one]
            assert any(not _holds(page, one, other) for other in others), one.label


def _holds(page: str, one: Preset, other: Preset) -> bool:
    spec = _settings(page, other)
    try:
        return bool(one.claim(spec, run_once(spec)))
    except (KeyError, ValueError, TypeError):  # it asks for what is not there
        return False
