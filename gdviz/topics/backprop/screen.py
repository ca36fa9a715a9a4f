"""The room of the playground: knobs, stage, and a weight that can be typed."""

from dataclasses import replace

import streamlit as st

from gdviz.figures.scene import Picture
from gdviz.learn.network import unflat
from gdviz.topics.backprop import figure as figures
from gdviz.topics.backprop.brought import fits
from gdviz.topics.backprop.controls import PAGE, controls, keep, on_hand, present, remember
from gdviz.topics.backprop.history import with_weight
from gdviz.topics.backprop.link import LARGEST_WEIGHT, MOST_LEGS, Edit
from gdviz.topics.backprop.outputs import slice_told
from gdviz.topics.backprop.presets import PRESETS
from gdviz.topics.backprop.settings import Playground, Result
from gdviz.topics.backprop.training import run
from gdviz.ui import frame
from gdviz.ui.controls import show_error
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons


def body() -> PageState:
    """The live part: knobs at the left, the stage at the right."""
    left, right = frame.knobs_and_stage()
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    with right:
        result = run(spec)
        drawn = Picture(figures.stage_of(spec, lecture_mode()), figures.scene_of(spec, result))
        state = frame.show(PAGE, spec, result, drawn, on_hand, PRESETS, heights=(432, 500))
        shown = min(state.step, len(result.epochs) - 1)
        remember(spec, int(result.epochs[shown]))
        _notes(spec, result)
        _weight(spec, result, shown)
    return state


def _notes(spec: Playground, result: Result) -> None:
    if result.lost:
        show_error(ValueError(result.reason))
    if result.stopped:
        st.caption(result.reason)
    if result.short:
        st.caption(f"{result.short} epochs of {spec.epochs}: as many as one run may take here.")
    if words := slice_told(spec):
        st.text(words)
    if spec.brought and not fits(spec):
        st.caption("The weights that were brought are those of other layers: new ones are drawn.")
    if spec.past:
        with st.container(horizontal=True, vertical_alignment="center"):
            epochs = sum(leg.epochs for leg in spec.past)
            changes = (
                f"{len(spec.past)} of {MOST_LEGS} changes" if len(spec.past) > 1 else "one change"
            )
            st.caption(f"Training goes on from epoch {epochs}, after {changes}.")
            st.button("Start again", key=f"{PAGE}_restart", on_click=_restart, type="tertiary")


def _restart() -> None:
    keep(replace(present(), past=()))
    st.session_state.pop(f"{PAGE}_shown", None)


def _weight(spec: Playground, result: Result, step: int) -> None:
    """Draw the field of the weight that was clicked; what is typed goes into the training."""
    place = _place(st.session_state.get(f"{PAGE}_weight", ""), result.sizes)
    if place is None:
        return
    layer, source, unit = place
    W, b = unflat(result.path[step], result.sizes)[layer]
    bias = source == len(W)
    value = float(b[unit] if bias else W[source, unit])
    name = (
        f"bias of layer {layer + 1}, unit {unit + 1}"
        if bias
        else (f"weight {source + 1} → {unit + 1} of layer {layer + 1}")
    )
    key = f"{PAGE}_typed_{layer}_{source}_{unit}_{step}_{len(spec.past)}"

    def typed() -> None:
        edit = Edit(layer, source, unit, float(st.session_state[key]))
        keep(with_weight(spec, int(result.epochs[step]), edit))
        st.session_state.pop(f"{PAGE}_shown", None)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            f"{name} at epoch {int(result.epochs[step])}",
            -LARGEST_WEIGHT,
            LARGEST_WEIGHT,
            min(LARGEST_WEIGHT, max(-LARGEST_WEIGHT, value)),
            step=None,
            format="%.4g",
            key=key,
            on_change=typed,
            help="Type a value: training goes on from this step with it.",
            width=320,
        )
        st.button("Done", key=f"{PAGE}_weight_done", on_click=_done, type="tertiary")


def _done() -> None:
    st.session_state.pop(f"{PAGE}_weight", None)


def _place(name: str, sizes: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Return layer, source and unit of a handle `w_2_0_1` or `b_2_1`, if there is such a weight."""
    kind, *parts = name.split("_")
    if not parts or not all(part.isdecimal() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if not 1 <= numbers[0] < len(sizes):
        return None
    layer = numbers[0] - 1
    source = numbers[1] if kind == "w" else sizes[layer]
    sound = source <= sizes[layer] and numbers[-1] < sizes[layer + 1]
    return (layer, source, numbers[-1]) if sound else None
