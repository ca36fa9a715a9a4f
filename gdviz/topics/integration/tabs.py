"""The tabs of the page *integration*: errors of all rules, trees, tables, maps, failures, code."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from gdviz.cache import cached
from gdviz.knobs import replace
from gdviz.numerals import number
from gdviz.probability import DISTRIBUTIONS, RULES, ProbabilityError, adaptive
from gdviz.probability.adaptive_estimates import subdivisions
from gdviz.probability.convergence import error_curve, romberg_table
from gdviz.probability.curse_of_dimension import cost
from gdviz.probability.integrand import finite_or_raise, transform
from gdviz.probability.rules import RULE_LABELS
from gdviz.probability.substitutions import SUBSTITUTIONS, substitution_of
from gdviz.topics.integration import charts
from gdviz.topics.integration import settings as topic
from gdviz.topics.integration.controls import PAGE
from gdviz.topics.integration.integrands import GALLERY
from gdviz.topics.integration.program import as_python
from gdviz.topics.integration.question import (
    answer,
    estimate,
    known_points,
    on_infinite_range,
    question,
)
from gdviz.topics.integration.settings import Integration
from gdviz.topics.integration.tabs_law import law, tails, thrown
from gdviz.topics.integration.tabs_maths import maths
from gdviz.topics.integration.tabs_numbers import HEIGHT, csv_of, numbers
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import show_error
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.tables import show_table

VIEWS = {
    "errors": "All rules",
    "tree": "Where the work goes",
    "romberg": "Romberg's table",
    "maps": "Infinite ranges",
    "failures": "Where rules fail",
    "law": "The law: F, mean, variance",
    "darts": "Darts",
    "tails": "Where a tail errs",
    "means": "Means that never settle",
    "dimensions": "Many dimensions",
}
SIZES = tuple(np.unique(np.geomspace(2, 1024, 12).astype(int)).tolist())
DRAWS = 100_000


def curves(spec: Integration) -> None:
    """Draw the chosen view."""
    _VIEWS[view(PAGE, VIEWS)](spec)


def _errors(spec: Integration) -> None:
    truth = answer(spec).truth
    if truth is None:
        known = "No true value is known" if answer(spec).is_open else "There is no true value"
        st.info(f"{known} to be off from. {answer(spec).reason}")
        return
    found = all_errors(spec)
    st.caption(
        "How far each rule is off against the work it does. The number beside a name is the slope: "
        "−4 says that ten times the work gives four more digits."
    )
    chart(
        charts.error_curves(found, spec.rule, lecture_mode()),
        height=HEIGHT + 40,
        key="integration_errors",
        alt="Error against evaluations for every rule, on logarithmic axes, with the slopes.",
    )


def all_errors(spec: Integration) -> dict[str, tuple[Any, Any]]:
    """Return evaluations and errors of every rule on the question of a spec."""
    return _all_errors(replace(spec, rule="simpson", n=8))


@cached
def _all_errors(spec: Integration) -> dict[str, tuple[Any, Any]]:
    asked, truth = question(spec), answer(spec).truth
    assert truth is not None
    exact = asked.sign * truth.value
    return {
        name: error_curve(asked.f, asked.lo, asked.hi, name, SIZES, exact, spec.seed)
        for name in RULES
    }


def _tree(spec: Integration) -> None:
    rule = spec.rule if RULES[spec.rule].kind == "adaptive" else "adaptive_gauss_kronrod"
    asked = question(spec)
    try:
        points = known_points(asked)
        states = subdivisions(asked.f, asked.lo, asked.hi, rule, 64, spec.change, points=points)
    except ProbabilityError as error:
        show_error(error)
        return
    change = substitution_of(asked.lo, asked.hi, spec.change)
    st.caption(
        f"{RULE_LABELS[rule]}: each step halves the piece with the largest error. "
        f"{int(states[-1].leaf.sum())} pieces, {states[-1].evaluations} evaluations. "
        "Choose an adaptive rule above and play it on the stage."
    )
    infinite = not np.isfinite(asked.hi - asked.lo)
    chart(
        charts.tree(states[-1], (lambda u: u) if infinite else change.point, lecture_mode()),
        height=HEIGHT,
        key="integration_tree",
        alt="The tree of pieces of an adaptive rule, a row for each time a piece was halved.",
    )


def _romberg(spec: Integration) -> None:
    asked, truth = question(spec), answer(spec).truth
    try:
        table = romberg_table(asked.f, asked.lo, asked.hi, 6)
    except ProbabilityError as error:
        show_error(error)
        return
    st.caption(
        "The first column is the trapezoid rule; each next one combines two neighbours so that "
        "the leading error cancels. On a smooth integrand the diagonal gains digits at every step."
    )
    exact = asked.sign * truth.value if truth else table[-1, -1]
    chart(
        charts.romberg(table, exact, lecture_mode()),
        height=HEIGHT,
        key="integration_romberg",
        alt="Romberg's table of extrapolated trapezoid values, coloured by their errors.",
    )


def _maps(spec: Integration) -> None:
    shown = on_infinite_range(spec)
    if shown != spec:
        st.caption(
            "Your range is finite, and needs no change of variable. Here is "
            f"{question(shown).label} over an infinite one."
        )
    asked = question(shown)
    lo, hi = asked.lo, asked.hi
    u = np.linspace(-0.999, 0.999, 501)
    rows = []
    for name in SUBSTITUTIONS:
        change = substitution_of(lo, hi, name)
        try:
            seen = transform(finite_or_raise(asked.f), lo, hi, change)(u)
        except ProbabilityError:
            seen = np.full_like(u, np.nan)
        with np.errstate(all="ignore"):
            rows.append((name, u, change.point(u), seen))
    st.caption(
        "A rule on −1 … 1 integrates f(x(u)) dx/du instead of f. What it is handed should fall "
        "off smoothly at both ends: the map decides that, not the rule."
    )
    chart(
        charts.maps(rows, SUBSTITUTIONS, lecture_mode()),
        height=HEIGHT,
        key="integration_maps",
        alt="Four changes of variable, and the integrand each of them hands to the rule.",
    )
    st.latex(substitution_of(lo, hi, spec.change).latex)


def _failures(spec: Integration) -> None:
    chosen = ("trapezoid", "simpson", "gauss_legendre", "tanh_sinh", "adaptive_gauss_kronrod")
    st.caption("Each integrand of the gallery by five rules with n = 32: how far each is off.")
    show_table(
        failure_table(chosen), hide_index=True, height=HEIGHT + 70, key="integration_failures"
    )


@cached
def failure_table(rules: tuple[str, ...]) -> list[dict[str, str]]:
    """Return a row for each integrand of the gallery: what five rules make of it."""
    rows = []
    for name, sample in GALLERY.items():
        spec = Integration(function=name, n=32, **topic.gallery_values(name))
        truth = answer(spec).truth
        row = {"integrand": sample.label, "true": number(truth.value, 10) if truth else "none"}
        for rule in rules:
            try:
                found = estimate(spec, rule).value
                off = number(abs(found - truth.value), 2) if truth else f"{number(found)} (!)"
            except ProbabilityError:
                off = "cannot"
            row[RULE_LABELS[rule]] = off
        rows.append(row | {"why": sample.why})
    return rows


def _means(spec: Integration) -> None:
    rng = np.random.default_rng(spec.seed)
    draws = {
        "Cauchy": DISTRIBUTIONS["cauchy"]().draw(rng, DRAWS),
        "Cauchy, again": DISTRIBUTIONS["cauchy"]().draw(rng, DRAWS),
        "Student t, ν = 2": DISTRIBUTIONS["student_t"](2.0).draw(rng, DRAWS),
        "Normal": DISTRIBUTIONS["normal"]().draw(rng, DRAWS),
    }
    st.caption(
        "The mean of the first n draws. Of the normal it settles like 1/√n; of the Cauchy it "
        "never does: one draw outweighs all before it, and it is as wild after 100,000 as after 1."
    )
    chart(
        charts.running_means(draws, lecture_mode()),
        height=HEIGHT,
        key="integration_means",
        alt="Running means of four samples; those of the Cauchy distribution jump for ever.",
    )


def _dimensions(spec: Integration) -> None:
    found = _cost(spec.seed)
    st.caption(
        "∫ e^(−|x|²) over the unit cube with 4096 evaluations, in 1 to 10 dimensions. A grid has "
        f"{found.per_axis[0]} nodes an axis in one dimension and {found.per_axis[-1]} in ten; "
        "the error of random points falls like 1/√n in all of them."
    )
    chart(
        charts.dimensions(found, lecture_mode()),
        height=HEIGHT,
        key="integration_dimensions",
        alt="Relative error against the dimension for a grid, Monte Carlo and quasi-Monte Carlo.",
    )


@cached
def _cost(seed: int) -> Any:
    return cost(range(1, 11), seed=seed)


_VIEWS: dict[str, Callable[[Integration], None]] = {
    "errors": _errors,
    "tree": _tree,
    "romberg": _romberg,
    "maps": _maps,
    "failures": _failures,
    "law": law,
    "darts": thrown,
    "tails": tails,
    "means": _means,
    "dimensions": _dimensions,
}


def code(spec: Integration) -> None:
    """Show the page as Python, and the source of the rule that ran."""
    entry = RULES[spec.rule]
    program_and_sources(as_python(spec), {entry.label: entry.make or adaptive})


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, step = drawn.spec, drawn.step
    panels = {
        "Curves": lambda: curves(spec),
        "Numbers": lambda: numbers(spec, step),
        "Maths": lambda: maths(spec),
        "Code": lambda: code(spec),
        "Pitfalls": lambda: pitfalls("integration"),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv_of(spec))
