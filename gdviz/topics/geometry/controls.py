"""The knobs of the page *geometry*: the room, the family, and what the room asks for."""

from collections.abc import Callable

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.geometry.planes import PLANE_FAMILIES
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.results import measures
from gdviz.topics.geometry.settings import Geometry
from gdviz.ui.controls import MORE_KNOBS, Controls, key_of, write

PAGE = "geometry"
MAIN = {
    "between": ("path",),
    "shoot": ("time", "overlays"),
    "transport": ("way", "ladder", "rungs"),
    "bound": ("samples", "seed"),
}
POINTS = ("ax", "ay", "bx", "by", "vx", "vy")


def points_with_family() -> None:
    """A chosen family brings points of its own."""
    name = st.session_state[key_of(PAGE, "family")]
    if name in PLANE_FAMILIES:
        write(PAGE, topic.start_of(name))


def controls(room: str) -> Geometry:
    """Draw the knobs of a room; return the settings."""
    draw = Controls(Geometry, PAGE, live=True)
    draw.values["room"] = room
    draw.draw("family", on_change=points_with_family)
    for name in MAIN[room]:
        draw.draw(name)
    with draw.menu("more", *MORE_KNOBS):
        for pair in zip(POINTS[::2], POINTS[1::2], strict=True):
            draw.beside(*pair)
        draw.draw("loop")
        draw.draw("ellipses")
        for other, names in MAIN.items():
            for name in names if other != room else ():
                draw.draw(name, with_dial=False)
    return draw.spec()


def show_measures(spec: Geometry) -> None:
    """Say every measure of how far b is from a, a line each."""
    known = {name: value for name, value in measures(spec).items() if value is not None}
    st.caption("  \n".join(f"{name}: **{value:.4g}**" for name, value in known.items()))


def point_mover(spec: Geometry) -> Callable[[Hand], None]:
    """Return what moves the point, the arrow or the corner that the hand holds."""
    return lambda hand: write(PAGE, topic.move_point(spec, hand))
