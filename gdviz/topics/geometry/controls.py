"""The knobs of the page *geometry*: the room, the family, and what the room asks for."""

from collections.abc import Callable

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.geometry.planes import PLANE_FAMILIES
from gdviz.numerals import number
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.other import other_measures
from gdviz.topics.geometry.results import measures
from gdviz.topics.geometry.settings import Geometry
from gdviz.ui.controls import MORE_KNOBS, Controls, key_of, write

PAGE = "geometry"
MAIN = {
    "between": ("path",),
    "shoot": ("time", "overlays"),
    "transport": ("way", "ladder", "rungs"),
    "bound": ("samples", "seed"),
    "other": ("path",),
}
ENDS = {"rates": ("la", "lb"), "alphas": ("da", "db")}
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
    shown = list(MAIN[room])
    if room == "other":
        shown.append("other")
        shown += ENDS["alphas" if draw.draw("other") == "dirichlet" else "rates"]
    else:
        draw.draw("family", on_change=points_with_family)
    for name in shown:
        if name != "other":
            draw.draw(name)
    with draw.menu("more", *MORE_KNOBS):
        for pair in zip(POINTS[::2], POINTS[1::2], strict=True):
            draw.beside(*pair)
        draw.draw("loop")
        draw.draw("ellipses")
        if room == "other":
            draw.draw("family", on_change=points_with_family, label="family of the other rooms")
        rest = [name for names in (*MAIN.values(), ("other",), *ENDS.values()) for name in names]
        for name in dict.fromkeys(name for name in rest if name not in shown):
            draw.draw(name, with_dial=False)
    return draw.spec()


def show_measures(spec: Geometry) -> None:
    """Say every measure of how far b is from a, a line each."""
    found = other_measures(spec) if spec.room == "other" else measures(spec)
    known = {name: value for name, value in found.items() if value is not None}
    st.caption("  \n".join(f"{name}: **{number(value)}**" for name, value in known.items()))


def point_mover(spec: Geometry) -> Callable[[Hand], None]:
    """Return what moves the point, the arrow or the corner that the hand holds."""
    return lambda hand: write(PAGE, topic.move_point(spec, hand))
