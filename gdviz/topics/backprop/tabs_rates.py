"""The rate of the playground: how it goes over the steps, and its range test."""

import streamlit as st

from gdviz.figures.rate_chart import against_rate, rate_over_steps
from gdviz.numerals import number
from gdviz.optimize.methods import LABELS
from gdviz.optimize.schedules import SCHEDULE_LABELS
from gdviz.topics.backprop import rates
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.settings import Playground, Result
from gdviz.ui.chart import chart
from gdviz.ui.lecture import lecture_mode

HEIGHT = 330
NO_RATE = "This method finds the length of its steps itself: there is no η to set."


def rate_steps(spec: Playground, result: Result, step: int) -> None:
    """Draw η at each step of the training."""
    if not rates.is_rated(spec):
        st.info(NO_RATE)
        return
    found = rates.rates_of(spec)
    each = rates.steps_of_epoch(spec)
    of_layers = " Each layer multiplies it by its own factor." if spec.layer_rates else ""
    earlier = " Earlier stretches had their own." if spec.past else ""
    st.caption(
        f"η of {LABELS[spec.method]} over {len(found):,} steps, {each} an epoch: "
        f"{SCHEDULE_LABELS[spec.schedule]}, from {number(found[0], 3)} to {number(found[-1], 3)}."
        f"{of_layers}{earlier}"
    )
    figure = rate_over_steps(spec.method, found, lecture_mode())
    chart(figure, height=HEIGHT, key=f"{PAGE}_rate", alt="The learning rate at each step.")


def range_test(spec: Playground, result: Result, step: int) -> None:
    """Draw the loss while η grows, in a run of its own."""
    if not rates.is_rated(spec):
        st.info(NO_RATE)
        return
    test = rates.range_test_of(spec)
    figure = against_rate(test.rates, {spec.method: test.f}, "loss after each step", lecture_mode())
    chart(figure, height=HEIGHT, key=f"{PAGE}_range", alt="The training loss while η grows.")
    without = " Without the schedule." if spec.schedule != "constant" else ""
    st.caption(
        f"One run of {LABELS[spec.method]} from the first weights, {len(test.rates)} steps whose η "
        f"grows by the same factor (Smith 2017): {test.in_words()}{without}"
    )
