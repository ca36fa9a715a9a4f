"""A page with a knob of each kind for test_controls.py; it shows what it read."""

from dataclasses import dataclass
from typing import Annotated

import streamlit as st

from gdviz.knobs import Choice, Choices, Range, Switch, Text
from gdviz.ui.controls import Controls, settings_to_query, write

FRUIT = {"apple": "A red apple", "pear": "A green pear", "plum": "A blue plum"}


@dataclass(frozen=True)
class Basket:
    """One knob of each kind."""

    one: Annotated[str, Choice(FRUIT, "one fruit", "Only one.")] = "pear"
    several: Annotated[tuple[str, ...], Choices(FRUIT, "fruits", most=2)] = ("apple",)
    weight: Annotated[float, Range(0.5, 20.0, "weight", log=True)] = 2.0
    count: Annotated[int, Range(1, 9, "count")] = 3
    label: Annotated[str, Text("label", most=12)] = "a basket"
    ripe: Annotated[bool, Switch("ripe")] = False


def page() -> None:
    """Draw every knob, then the spec."""
    st.button("preset", on_click=write, args=("basket", {"one": "plum", "several": ("pear",)}))
    st.button("wild", on_click=write, args=("basket", {"several": ("plum", "apple"), "count": 9}))
    controls = Controls(Basket, "basket")
    for name in controls.knobs:
        controls.draw(name)
    settings_to_query("basket", controls.spec())
    st.text(repr(controls.spec()))
    st.text(f"moving {controls.moving}")


page()
