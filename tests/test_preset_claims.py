"""What the sentence of a preset says is true of its run: each preset's claim is asked."""

from typing import Any

import pytest

from gdviz.catalogue import lookup
from gdviz.catalogue.preset import Preset
from gdviz.learn.recommender.movielens import find_movielens

CLAIMED = (
    "descent",
    "race",
    "mcmc",
    "backprop",
    "backprop_chain",
    "backprop_layer",
    "recommender",
    "regression",
    "regression_many",
)  # every preset of these has a claim; add a page when all its have
ALL = [(page, one) for page in lookup.packages() for one in lookup.presets(page) if one.claim]


@pytest.mark.parametrize(("page", "one"), ALL, ids=[f"{page}: {one.label}" for page, one in ALL])
def test_a_preset_does_what_it_says(page: str, one: Preset) -> None:
    spec: Any = lookup.settings(page)(**one.values)
    if getattr(spec, "data", "") == "movielens" and find_movielens() is None:
        pytest.skip("no MovieLens here: set GDVIZ_DATA to a folder that has it")
    assert one.claim is not None and one.claim(spec, lookup.run(spec)), one.reason


@pytest.mark.parametrize("page", CLAIMED)
def test_every_preset_has_a_claim(page: str) -> None:
    silent = [one.label for one in lookup.presets(page) if one.claim is None]
    assert silent == [], f"add a claim to these presets of {page}"


def test_a_claim_can_fail() -> None:
    """A claim asked of another preset's run is false: none is true of everything."""
    for page in CLAIMED:
        presets = lookup.presets(page)
        for one in presets:
            others = [other for other in presets if other is not one]
            assert any(not _holds(page, one, other) for other in others), one.label


def _holds(page: str, one: Preset, other: Preset) -> bool:
    spec: Any = lookup.settings(page)(**other.values)
    try:
        return bool(one.claim and one.claim(spec, lookup.run(spec)))
    except (KeyError, ValueError, TypeError):  # it asks for what is not there
        return False
