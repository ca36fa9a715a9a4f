"""The room of the chain rule: an expression, its graph, and one node at a time."""

import streamlit as st

from gdviz.learn.graph import Tape
from gdviz.numerals import number
from gdviz.topics.backprop.chain import settings as topic
from gdviz.topics.backprop.chain.figure import chain_stage
from gdviz.topics.backprop.chain.presets import PRESETS
from gdviz.topics.backprop.chain.settings import Chain, ChainStep
from gdviz.topics.backprop.controls import PAGE
from gdviz.ui import frame
from gdviz.ui.controls import Controls, write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.stage import Hand


def body() -> PageState:
    """The live part: the expression and its inputs at the left, the graph at the right."""
    left, right = frame.knobs_and_stage()
    with left:
        spec = _controls()
    graph = topic.run(spec)
    walk = topic.moments(graph)
    drawn = chain_stage(graph, walk, lecture_mode())

    def numbers(step: int) -> None:
        moment = walk[min(step, len(walk) - 1)]
        st.latex(moment.formula)
        st.latex(moment.numbers)
        st.caption(_checked(graph, moment))

    with right:
        return frame.show(PAGE, spec, graph, drawn, _nothing, PRESETS, (350, 380), numbers)


def _checked(graph: Tape, moment: ChainStep) -> str:
    """Return the gradients just passed on beside those by differences, once they are complete."""
    if moment.forward or moment.node < 0:
        return "On the way back, each gradient is checked here by differences."
    by_difference = topic.differences(graph)
    parts = [
        f"∂L/∂{graph[p].name} by differences: {number(by_difference[p], 6)}"
        + ("" if moment.grads[p] == graph[p].grad else " (more is to come)")
        for p in dict.fromkeys(graph[moment.node].parents)
        if moment.grads[p] is not None
    ]
    return ",  ".join(parts) or "The output by itself: 1."


def _nothing(hand: Hand) -> None:
    """No hand moves anything here: the walk is gone with the keys."""


def _controls() -> Chain:
    draw = Controls(Chain, PAGE)
    draw.draw("expression")
    draw.draw("values")
    draw.keep_valid(("expression", "values"), topic.run)
    spec = draw.spec()
    st.caption("Turn one input:")
    columns = st.columns(2)
    for i, (name, value) in enumerate(topic.inputs_of(spec).items()):
        with columns[i % 2]:
            _turn(spec, name, value)
    st.caption("← and → walk through the graph, one node at a time.")
    return spec


def _turn(spec: Chain, name: str, value: float) -> None:
    """Draw the number of one input; what is set goes into the text of all."""
    key = f"{PAGE}_turn_{name}"
    st.session_state[key] = value

    def turned() -> None:
        values = topic.inputs_of(spec) | {name: float(st.session_state[key])}
        write(PAGE, {"values": ", ".join(f"{n}={v:.6g}" for n, v in values.items())})

    st.number_input(
        name, -topic.LARGEST, topic.LARGEST, step=0.1, format="%.6g", key=key, on_change=turned
    )
