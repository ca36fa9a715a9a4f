"""The editor of a typed update rule: its text, what may stand in it, and rules to start from."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import streamlit as st

from gdviz.expressions import FormulaError
from gdviz.expressions.update_rule import read_rule
from gdviz.knobs import KnobError, knobs, validate
from gdviz.optimize.typed_rules import KNOWN, RULE, RULE_EXAMPLES, typed_rule
from gdviz.ui.controls import Controls, key_of, write

WORDS = (
    "A name that is read before it is computed is a memory, zero at first; `k = 0.5` sets a knob."
)
MORE_WORDS = (
    "The lines run for each coordinate x with its gradient g at step t = 1, 2, … "
    f"{', '.join(f'`{name}`' for name in KNOWN)} are knobs that need no line. "
    "There are + − * / ^ and functions such as sqrt, sign, abs, max, tanh."
)


def rule_editor(draw: Controls, check: Callable[[Any], Any]) -> None:
    """Draw the text of the rule and its examples; a rule that cannot be read keeps the last one.

    `check` raises `ValueError` for settings whose rule cannot be read.
    """
    key = key_of(draw.page, RULE)
    draw.draw(RULE, on_change=lambda: new_rule(draw.page, st.session_state[key]))
    draw.keep_valid((RULE,), check)
    st.caption(WORDS)
    with draw.menu("start", "Rules to start from", ":material/edit_note:") as is_open:
        if is_open:
            st.caption(MORE_WORDS)
        for label, text in RULE_EXAMPLES.items() if is_open else ():
            start = partial(start_with, draw.page, text)
            st.button(label, on_click=start, key=f"{draw.page}_start_{label}", width="stretch")
            st.code(text, language=None)
    _keep_knobs_in_bounds(draw.page, draw.values[RULE])


def start_with(page: str, text: str) -> None:
    """Put a rule into the editor."""
    write(page, {RULE: text})
    new_rule(page, text)


def new_rule(page: str, text: str) -> None:
    """Set the knobs that a rule declares in its text to the defaults there."""
    with suppress(FormulaError):
        told = read_rule(text, frozenset(KNOWN)).knobs
        write(f"{page}_{RULE}", {name: value for name, value in told.items() if value is not None})


def _keep_knobs_in_bounds(page: str, text: str) -> None:
    """Forget the value of a knob that was chosen for another rule, where it is too large here."""
    for name, knob in knobs(typed_rule(text)).items():
        key = key_of(f"{page}_{RULE}", name)
        try:
            validate(knob, st.session_state.get(key, knob.default))
        except KnobError:
            st.session_state[key] = knob.default
