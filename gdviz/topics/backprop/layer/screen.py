"""The room of one layer: its matrices, a weight that can be turned, and sum against mean."""

import streamlit as st

from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.layer import settings as topic
from gdviz.topics.backprop.layer.figure import layer_stage
from gdviz.topics.backprop.layer.presets import PRESETS
from gdviz.topics.backprop.layer.settings import OneLayer
from gdviz.ui import frame
from gdviz.ui.controls import Controls, key_of
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.stage import Hand


def body() -> PageState:
    """The live part: the layer's knobs at the left, its matrices at the right."""
    left, right = frame.knobs_and_stage()
    with left:
        draw = Controls(OneLayer, PAGE)
        draw.draw("weights")
        draw.keep_valid(("weights",), topic.run)
        _turn(draw.spec())
        for column, names in zip(
            st.columns(2), (("samples", "reduction"), ("repeats", "layer_activation")), strict=True
        ):
            with column:
                for name in names:
                    draw.draw(name)
        draw.draw("rate")
        draw.draw("layer_seed")
    spec = draw.spec()
    found = topic.run(spec)
    drawn = layer_stage(spec, found, lecture_mode())
    with right:
        return frame.show(PAGE, spec, found, drawn, chosen, PRESETS, heights=(400, 420))


def chosen(hand: Hand) -> None:
    """A click on a weight chooses it to be turned."""
    if not hand.down and hand.id.startswith("w_"):
        st.session_state[f"{PAGE}_cell"] = hand.id


def _turn(spec: OneLayer) -> None:
    """Draw the number of the chosen weight; what is set goes into the text of W."""
    W = topic.weights_in(spec.weights)
    row, column = _cell(W.shape)
    key = f"{PAGE}_cell_value_{row}_{column}"
    st.session_state[key] = float(W[row, column])

    def turned() -> None:
        typed = topic.with_weight(spec, row, column, float(st.session_state[key]))
        st.session_state[key_of(PAGE, "weights")] = typed

    st.number_input(
        f"weight of input {row + 1}, unit {column + 1}", -topic.LARGEST, topic.LARGEST, step=0.1,
        format="%.4g", key=key, on_change=turned, help="Click another weight on the stage.",
    )  # fmt: skip


def _cell(shape: tuple[int, ...]) -> tuple[int, int]:
    parts = str(st.session_state.get(f"{PAGE}_cell", "w_0_0")).split("_")[1:]
    row, column = (int(part) if part.isdecimal() else 0 for part in (parts + ["0", "0"])[:2])
    return min(row, shape[0] - 1), min(column, shape[1] - 1)
