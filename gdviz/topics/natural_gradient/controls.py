"""The knobs of the natural gradient."""

from collections.abc import Callable

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.topics.natural_gradient import settings as topic
from gdviz.topics.natural_gradient.settings import TRUTHS, NaturalGradient
from gdviz.ui.controls import MORE_KNOBS, Controls, key_of, write

PAGE = "natural_gradient"


MAIN = {
    "families": ("family", "coordinates", "lr", "plain_lr"),
    "logistic": ("data", "fisher", "newton", "damping"),
    "network": ("shape", "net_lr", "net_damping", "plain_lr"),
}


def start_with_family() -> None:
    """A chosen family brings a start of its own."""
    name = st.session_state[key_of(PAGE, "family")]
    if name in TRUTHS:
        write(PAGE, topic.start_of(name))


def controls(room: str) -> NaturalGradient:
    """Draw the knobs of a room; return the settings."""
    draw = Controls(NaturalGradient, PAGE, live=True)
    draw.values["room"] = room
    for name in MAIN[room]:
        draw.draw(name, on_change=start_with_family if name == "family" else None)
    with draw.menu("more", *MORE_KNOBS):
        for name in draw.knobs:
            if name != "room" and name not in MAIN[room]:
                draw.draw(name, with_dial=False)
    return draw.spec()


def start_mover(spec: NaturalGradient) -> Callable[[Hand], None]:
    """Return what moves the start that the hand holds."""
    return lambda hand: write(PAGE, topic.move_start(spec, hand))
