"""The tables of integration: every rule on the question of the page."""

from typing import Any

import streamlit as st

from gdviz.export.tables import csv_bytes
from gdviz.numerals import number
from gdviz.probability import RULES, Estimate, ProbabilityError
from gdviz.probability.estimate import is_vague
from gdviz.probability.rules import RULE_LABELS
from gdviz.topics.integration.frames import frames
from gdviz.topics.integration.question import answer, estimate
from gdviz.topics.integration.settings import Integration
from gdviz.ui.controls import show_error
from gdviz.ui.tables import show_table

HEIGHT = 360


def numbers(spec: Integration, step: int) -> None:
    """Draw what every rule makes of the question, and the frames of the chosen one."""
    truth = answer(spec).truth
    one, other = st.columns([3, 2])
    with one:
        st.markdown(f"**Every rule with n = {spec.n}**")
        show_table(rule_table(spec), hide_index=True, height=HEIGHT, key="integration_rules")
    with other:
        st.markdown(f"**{RULE_LABELS[spec.rule]}, as n grows**")
        try:
            found = frames(spec)
        except ValueError as error:
            show_error(error)
            return
        table = {"n": found.n, "evaluations": found.evaluations, "estimate": found.estimate}
        if truth and not is_vague(truth):
            table["error"] = found.estimate - truth.value
        show_table(table, hide_index=True, height=HEIGHT, key="integration_frames")


def rule_table(spec: Integration) -> list[dict[str, Any]]:
    """Return a row for each rule: estimate, its own error estimate, true error, work."""
    truth = answer(spec).truth
    rows = []
    for name in RULES:
        try:
            found = estimate(spec, name)
        except ProbabilityError as error:
            rows.append({"rule": RULE_LABELS[name], "note": str(error)})
            continue
        row: dict[str, Any] = {
            "rule": RULE_LABELS[name],
            "estimate": number(found.value, 12),
            "its error estimate": number(found.error, 2),
            "true error": _true_error(found.value, truth),
            "evaluations": found.evaluations,
            "note": found.note,
        }
        rows.append(row)
    return rows


def _true_error(value: float, truth: Estimate | None) -> str:
    if truth is None:
        return "none"
    return "not known" if is_vague(truth) else number(value - truth.value, 2)


def csv_of(spec: Integration) -> bytes:
    """Return the table of frames as CSV, empty where the rule cannot answer."""
    truth = answer(spec).truth
    exact = truth.value if truth and not is_vague(truth) else None
    try:
        found = frames(spec)
        rows = list(zip(found.n, found.evaluations, found.estimate, strict=True))
    except ValueError:
        rows = []
    return csv_bytes(["n", "evaluations", "estimate", "true value"], ([*r, exact] for r in rows))
