"""The knobs of the page *integration*: what is integrated, over which range, by which rule."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import streamlit as st

from gdviz.catalogue.preset import Preset
from gdviz.figures.hand import Hand
from gdviz.knobs import Range, clamp, knobs
from gdviz.probability import DISTRIBUTIONS, RULES
from gdviz.topics.integration import settings as topic
from gdviz.topics.integration.integrands import GALLERY
from gdviz.topics.integration.question import check
from gdviz.topics.integration.settings import DENSITIES, TYPED, Integration
from gdviz.ui.controls import Controls, key_of, write

PAGE = "integration"


def forget_parameters(preset: Preset) -> None:
    """Set the parameters of every density back, before a preset writes those it names."""
    for name in DENSITIES:
        if name != TYPED:
            declared = knobs(DISTRIBUTIONS[name])
            write(f"{PAGE}_{name}", {key: knob.default for key, knob in declared.items()})


def range_of_sample() -> None:
    """A chosen integrand brings its own range."""
    name = st.session_state[key_of(PAGE, "function")]
    if name in GALLERY:
        write(PAGE, topic.gallery_values(name))


def range_of_density() -> None:
    """A chosen density, or the first question about one, brings a range where its mass lies."""
    values = {n: st.session_state.get(key_of(PAGE, n)) for n in ("quantity", "density")}
    if values["quantity"] == "integral" or values["density"] in (None, TYPED):
        return
    law = DISTRIBUTIONS[str(values["density"])]()
    lo, hi = float(law.ppf(0.16)), float(law.ppf(0.84))
    write(PAGE, {"a": float(f"{lo:.3g}"), "b": float(f"{hi:.3g}"), "reach": "ab"})


def new_quantity() -> None:
    """Another question brings the range of its integrand or of its density."""
    if st.session_state[key_of(PAGE, "quantity")] == "integral":
        if key_of(PAGE, "function") in st.session_state:
            range_of_sample()
    else:
        range_of_density()


def controls() -> Integration:
    """Draw the knobs; return the settings, always sound."""
    draw = Controls(Integration, PAGE, live=True)
    quantity = draw.draw("quantity", on_change=new_quantity)
    if quantity == "integral":
        _function(draw)
    else:
        _density(draw)
        if quantity == "expectation":
            draw.draw("g")
    _range(draw)
    columns = st.columns([2, 1])
    with columns[0]:
        rule = draw.draw("rule")
    with columns[1]:
        draw.draw("n")
    if RULES[rule].kind == "random":
        draw.draw("seed")
    names = [n for n in draw.knobs if n not in ("rule", "n", "seed")]
    hyper = draw.values.get("hyper", ())
    draw.keep_valid(names, lambda spec: check(replace(spec, hyper=hyper)))
    return replace(draw.spec(), hyper=hyper)


def _function(draw: Controls) -> None:
    if draw.draw("function", on_change=range_of_sample) == TYPED:
        draw.draw("formula")
    else:
        st.caption(GALLERY[draw.values["function"]].why)


def _density(draw: Controls) -> None:
    """Draw the density and its parameters."""
    name = draw.draw("density", on_change=range_of_density)
    if name == TYPED:
        draw.draw("density_text")
        draw.beside("low", "high")
        return
    own = Controls(DISTRIBUTIONS[name], f"{PAGE}_{name}", live=True)
    keys = list(own.knobs)
    few = len(keys) <= 2
    with nullcontext() if few else own.menu("parameters", "Parameters"):
        columns: list[Any] = st.columns(len(keys)) if few else [nullcontext()] * len(keys)
        for column, key in zip(columns, keys, strict=True):
            with column:
                own.draw(key, window=_window(own, key))
    draw.values["hyper"] = topic.changed_knobs(name, own.values)


def _window(own: Controls, key: str) -> tuple[float, float]:
    """Return a range for the dial of a parameter, narrower than its bounds."""
    kind = own.knobs[key].kind
    assert isinstance(kind, Range)
    if kind.log:
        return max(kind.lo, 0.05), min(kind.hi, 20.0)
    return max(kind.lo, -10.0), min(kind.hi, 10.0)


def _range(draw: Controls) -> None:
    reach = draw.draw("reach")
    named = {"ab": ("a", "b"), "right": ("a",), "left": ("b",), "line": ()}[reach]
    if named:
        draw.beside(*named)
    if reach != "ab":
        draw.draw("change")


def put_end(hand: Hand) -> None:
    """Move an end of the range to where the hand is on the axis."""
    if hand.id in ("a", "b"):
        write(PAGE, {hand.id: clamp(Integration, hand.id, hand.x)})
