"""The tables of integration: every rule on the question of the page."""

import csv
import io
from collections.abc import Callable
from typing import Any

import streamlit as st

from gdviz.probability import RULES, ProbabilityError
from gdviz.probability.rules import RULE_LABELS
from gdviz.topics.integration.frames import frames
from gdviz.topics.integration.question import answer, estimate
from gdviz.topics.integration.settings import Integration
from gdviz.ui.controls import show_error

HEIGHT = 360


def numbers(spec: Integration, step: int) -> None:
    """Draw what every rule makes of the question, and the frames of the chosen one."""
    truth = answer(spec).truth
    one, other = st.columns([3, 2])
    with one:
        st.markdown(f"**Every rule with n = {spec.n}**")
        st.dataframe(rule_table(spec), hide_index=True, height=HEIGHT, key="integration_rules")
    with other:
        st.markdown(f"**{RULE_LABELS[spec.rule]}, as n grows**")
        try:
            found = frames(spec)
        except ValueError as error:
            show_error(error)
            return
        table = {"n": found.n, "evaluations": found.evaluations, "estimate": found.estimate}
        if truth:
            table["error"] = found.estimate - truth.value
        st.dataframe(table, hide_index=True, height=HEIGHT, key="integration_frames")


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
            "estimate": f"{found.value:.12g}",
            "its error estimate": f"{found.error:.2g}",
            "true error": f"{found.value - truth.value:.2g}" if truth else "none",
            "evaluations": found.evaluations,
            "note": found.note,
        }
        rows.append(row)
    return rows


def csv_of(spec: Integration) -> Callable[[], bytes]:
    """Return what makes the table of frames as CSV."""

    def make() -> bytes:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["n", "evaluations", "estimate", "true value"])
        truth = answer(spec).truth
        try:
            found = frames(spec)
        except ValueError:
            return out.getvalue().encode()
        rows = zip(found.n, found.evaluations, found.estimate, strict=True)
        last = repr(truth.value) if truth else ""
        writer.writerows([int(n), int(e), repr(float(v)), last] for n, e, v in rows)
        return out.getvalue().encode()

    return make
