"""The knobs of the page *integration*: what is integrated, over which range, by which rule."""

from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from gdviz.knobs import Range, knobs
from gdviz.probability import DISTRIBUTIONS
from gdviz.topics import integration as topic
from gdviz.topics.integrands import GALLERY
from gdviz.topics.integration import DENSITIES, TYPED, Integration
from gdviz.topics.preset import Preset
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


def controls() -> tuple[Integration, bool]:
    """Draw the knobs; return the settings, always sound, and whether a hand holds a dial."""
    draw = Controls(Integration, PAGE, live=True)
    quantity = draw.draw("quantity", on_change=new_quantity)
    moving = False
    if quantity == "integral":
        _function(draw)
    else:
        moving = _density(draw)
        if quantity == "expectation":
            draw.draw("g")
    _range(draw)
    columns = st.columns([2, 1])
    with columns[0]:
        rule = draw.draw("rule")
    with columns[1]:
        draw.draw("n")
    if topic.RULES[rule].kind == "random":
        draw.draw("seed")
    names = [n for n in draw.knobs if n not in ("rule", "n", "seed")]
    hyper = draw.values.get("hyper", ())
    draw.keep_sound(names, lambda spec: topic.check(topic.replace(spec, hyper=hyper)))
    return topic.replace(draw.spec(), hyper=hyper), moving or draw.moving


def _function(draw: Controls) -> None:
    if draw.draw("function", on_change=range_of_sample) == TYPED:
        draw.draw("formula")
    else:
        st.caption(GALLERY[draw.values["function"]].why)


def _density(draw: Controls) -> bool:
    """Draw the density and its parameters; return whether a hand holds one of their dials."""
    name = draw.draw("density", on_change=range_of_density)
    if name == TYPED:
        draw.draw("density_text")
        for column, end in zip(st.columns(2), ("low", "high"), strict=True):
            with column:
                draw.draw(end, with_dial=False)
        return False
    own = Controls(DISTRIBUTIONS[name], f"{PAGE}_{name}", live=True)
    _into_link(own)
    keys = list(own.knobs)
    few = len(keys) <= 2
    place: Any = st.container() if few else st.popover("Parameters", width="stretch")
    with place:
        for column, key in zip(
            st.columns(len(keys)) if few else [st.container()] * len(keys), keys, strict=True
        ):
            with column:
                own.draw(key, window=_window(own, key))
    draw.values["hyper"] = topic.told(name, own.values)
    return own.moving


def _into_link(own: Controls) -> None:
    """Write parameters that a preset has set into the link before their widgets are there.

    Streamlit's binding writes what a widget is changed to, but not what a new one starts with.
    """
    for name, knob in own.knobs.items():
        key = key_of(own.page, name)
        value = st.session_state.get(key, knob.default)
        if value != knob.default and key not in st.query_params:
            with suppress(StreamlitAPIException):  # it is there, and says so itself
                st.query_params[key] = repr(value)


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
        for column, name in zip(st.columns(len(named)), named, strict=True):
            with column:
                draw.draw(name, with_dial=False)
    if reach != "ab":
        draw.draw("change")
