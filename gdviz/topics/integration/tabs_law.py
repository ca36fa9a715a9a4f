"""The views of a law with mean and variance, of darts beside the rule, and of a cut-off tail."""

import numpy as np
import streamlit as st

from gdviz.knobs import replace
from gdviz.probability import ProbabilityError
from gdviz.probability.rules import RULE_LABELS
from gdviz.topics.integration import charts_law as charts
from gdviz.topics.integration.question import answer, ends, estimate, question
from gdviz.topics.integration.settings import Integration
from gdviz.topics.integration.studies import LawStudy, darts, law_study, tail_budget
from gdviz.topics.integration.tabs_numbers import HEIGHT
from gdviz.ui.chart import chart
from gdviz.ui.controls import escape_markdown
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.tables import show_table


def law(spec: Integration) -> None:
    """Draw F, and the running mean of draws of the law of the page beside the true mean."""
    if spec.quantity == "integral":
        st.info("An area has no random variable: choose P(a ≤ X ≤ b) or E[g(X)] above.")
        return
    found = law_study(replace(spec, rule="simpson", n=8, change="rational"))
    st.caption(escape_markdown(law_words(found, spec)))
    lo, hi, _ = ends(spec)
    figure = charts.law_chart(found, (lo, hi), lecture_mode())
    alt = "The distribution function with its values at a and b; the running mean of draws."
    chart(figure, height=HEIGHT, key="integration_law", alt=alt)


def law_words(found: LawStudy, spec: Integration) -> str:
    """Return mean and variance in words, with what the draws say, or why there is none."""
    draws = f"{int(found.n[-1]):,} draws have the mean {found.running[-1]:.5g}"
    if found.mean is None:
        return f"E[{found.name}]: {found.reason} {draws}, and others have another."
    mean = f"E[{found.name}] = {found.mean:.6g}"
    if found.variance is None:
        return f"{mean}; its variance: {found.reason} {draws}; their ± 2 s.e. means nothing."
    error = float(found.error[-1])
    off = abs(found.running[-1] - found.mean) / error if error else 0.0
    return (
        f"{mean}, Var[{found.name}] = {found.variance:.6g}, standard deviation "
        f"{np.sqrt(max(found.variance, 0)):.6g}. {draws}, {off:.2g} standard errors off."
    )


def thrown(spec: Integration) -> None:
    """Draw darts at the box around f, and their estimate beside the rule's."""
    found, truth = darts(spec), answer(spec).truth
    if found is None:
        st.info("Darts need a box: a finite range, on which f is finite.")
        return
    own = "its error estimate"
    rows = [{"by": f"{len(found.x)} darts", "estimate": found.value, own: found.error}]
    for rule in dict.fromkeys(("monte_carlo", spec.rule)):
        try:
            one = estimate(spec, rule)
        except ProbabilityError:
            continue
        name = f"{RULE_LABELS[rule]}, {one.evaluations} evaluations"
        rows.append({"by": name, "estimate": one.value, own: one.error})
    for row in rows:
        row["true error"] = float(row["estimate"]) - truth.value if truth else None
    left, right = st.columns([3, 2])
    with left:
        figure = charts.darts_chart(found, question(spec).f, lecture_mode())
        alt = "Darts at the box around the integrand: those that hit the area, and the others."
        chart(figure, height=HEIGHT, key="integration_darts", alt=alt)
    with right:
        show_table(rows, hide_index=True, key="integration_darts_table")
        st.caption(
            "The share of darts that hit, times the box. A dart says hit or miss only: the mean of "
            "f at as many random points (Monte Carlo) never has a larger true standard error."
        )


def tails(spec: Integration) -> None:
    """Draw where the error comes from if an infinite range is cut off."""
    found = tail_budget(spec)
    if found is None:
        st.info(
            "There is no tail to cut off: choose an infinite range of a value that exists and has "
            "a density, and a rule for a finite range."
        )
        return
    best = int(np.argmin(found.tail + found.inside))
    st.caption(
        f"No change of variable: the range ends at L instead. A short one misses the tail, a long "
        f"one spreads n = {spec.n} thin. The sum of both is least near L = {found.cut[best]:.3g}: "
        f"{found.tail[best]:.2g} lies beyond, the rule errs by {found.inside[best]:.2g} within. "
        "Of opposite signs, they cancel in part."
    )
    figure = charts.tail_chart(found, RULE_LABELS[spec.rule], lecture_mode())
    alt = "The tail beyond L, the error of the rule up to L, and both, against L."
    chart(figure, height=HEIGHT, key="integration_tails", alt=alt)
