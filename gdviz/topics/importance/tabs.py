"""The tabs of the page *importance*: repeated runs, tails, dimensions, numbers, formulas, code."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from gdviz.export.tables import csv_bytes
from gdviz.numerals import number
from gdviz.probability import importance as compute
from gdviz.probability.infinite import in_words
from gdviz.probability.validation import ProbabilityError
from gdviz.probability.variance_reduction import antithetic, control_variate
from gdviz.topics.importance import charts
from gdviz.topics.importance import settings as topic
from gdviz.topics.importance.program import as_python
from gdviz.topics.importance.settings import ImportanceResult, Weighing
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import Controls, show_error
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

PAGE = "importance"
VIEWS = {
    "repeats": "200 runs",
    "tail": "A tail",
    "dimension": "Many dimensions",
    "ways": "Other ways",
}
HEIGHT, RUNS, MOST = 340, 200, 1000
DIMENSIONS = (1, 2, 3, 5, 8, 12, 17, 23, 30, 40)
RATIOS = (1.05, 1.2, 1.5, 0.75)


def curves(spec: Weighing) -> None:
    """Draw the chosen view."""
    _VIEWS[view(PAGE, VIEWS)](spec)


def _repeats(spec: Weighing) -> None:
    n = min(spec.n, MOST)
    plain, ratio = _repeated(spec.h, spec)
    weighed = topic.run(spec)
    truth = weighed.truth.value if weighed.truth else None
    reported = weighed.found.std_error * np.sqrt(spec.n / n)
    bias = "" if truth is None else f", and are off by {number(plain.mean() - truth, 2)} on average"
    st.caption(
        f"{RUNS} runs of {n} samples, other seeds. One run reports a standard error of "
        f"{number(reported, 2)}; the plain estimates really spread by "
        f"{number(plain.std(), 2)}{bias}. "
        "What lies outside is counted in the last bar."
    )
    chart(
        charts.repeats(plain, ratio, truth, float(reported), lecture_mode()),
        height=HEIGHT,
        key="importance_repeats",
        alt="Histograms of two hundred repeated estimates around the truth.",
    )


@lru_cache(maxsize=32)
def _repeated(h: str, spec: Weighing) -> tuple[Any, Any]:
    p, q = topic.target_of(spec), topic.proposal_of(spec)
    return compute.repeat_estimate(h, p, q, min(spec.n, MOST), RUNS, seed=spec.seed + 10_000)


def _tail(spec: Weighing) -> None:
    left, right = st.columns([1, 2.4])
    with left:
        gamma = Controls(Weighing, PAGE).draw("gamma")
        row = topic.tail(gamma, 10_000, spec.seed)
        show_table(
            {
                "P(Z > γ)": ["true", "crude", "from N(γ, 1)"],
                "value": [number(v) for v in (row.truth, row.crude.value, row.shifted.value)],
                "standard error": [
                    "",
                    number(row.crude.std_error, 2),
                    number(row.shifted.std_error, 2),
                ],
            },
            hide_index=True,
            key="importance_tail_table",
        )
        st.caption(
            f"10,000 samples each. The crude estimate would need {number(row.ratio, 3)} times "
            "as many "
            "to be as good."
        )
    gammas = np.linspace(0, 12, 121)
    with right:
        chart(
            charts.tail(gammas, topic.tail_ratio(gammas), gamma, lecture_mode()),
            height=HEIGHT,
            key="importance_tail",
            alt="The variance of the crude estimate over that of the shifted one, against γ.",
        )


def _dimension(spec: Weighing) -> None:
    rows = [(ratio, *compute.degeneracy(ratio, DIMENSIONS, 10_000, spec.seed)) for ratio in RATIOS]
    st.caption(
        "A standard normal target in d dimensions, a proposal a little wider or narrower in each. "
        "Points: 10,000 samples; lines: the limit, which falls like a power d. Where the points "
        "lie above their line, the samples do not even know how bad it is."
    )
    chart(
        charts.degeneracy(np.array(DIMENSIONS), rows, lecture_mode()),
        height=HEIGHT,
        key="importance_dimension",
        alt="The share of effective samples falls with the dimension, the faster the worse q fits.",
    )


def _ways(spec: Weighing) -> None:
    p = topic.target_of(spec)
    weighed = topic.run(spec)
    rows = [("importance sampling from q", weighed.found.value, weighed.found.std_error, "")]
    ways: tuple[tuple[str, Callable[[], Any]], ...] = (
        ("samples of p itself", lambda: _plain(spec)),
        ("antithetic pairs", lambda: antithetic(spec.h, p, spec.n, spec.seed)),
        (
            "control variate sin(x)",
            lambda: control_variate(spec.h, "sin(x)", p, spec.n, spec.seed),
        ),
        (
            "control variate exp(−x²)",
            lambda: control_variate(spec.h, "exp(-x**2)", p, spec.n, spec.seed),
        ),
    )
    for name, way in ways:
        try:
            found = way()
            rows.append((name, found.value, found.error, found.note))
        except ProbabilityError as error:
            rows.append((name, np.nan, np.nan, str(error)))
    st.caption(
        f"{spec.n} samples, used better: they differ in variance. A control variate's slope is "
        "fitted to the same samples, which makes its estimate biased by an amount of order 1/n; "
        "the others are not."
    )
    show_table(
        {
            "way": [row[0] for row in rows],
            "estimate": [number(row[1], 6) for row in rows],
            "standard error": [number(row[2], 3) for row in rows],
            "note": [row[3] for row in rows],
        },
        hide_index=True,
        key="importance_ways",
    )


def _plain(spec: Weighing) -> Any:
    p = topic.target_of(spec)
    found = compute.importance_estimate(spec.h, p, p, spec.n, spec.seed)
    return compute.Estimate(found.value, found.std_error, spec.n, "every weight is 1")


_VIEWS: dict[str, Callable[[Weighing], None]] = {
    "repeats": _repeats,
    "tail": _tail,
    "dimension": _dimension,
    "ways": _ways,
}


def numbers(spec: Weighing) -> None:
    """Draw the numbers of the estimate, and the heaviest samples."""
    weighed = topic.run(spec)
    found = weighed.found
    share = np.exp(found.log_weights - np.logaddexp.reduce(found.log_weights))
    heavy = np.argsort(share)[::-1][:12]
    one, other = st.columns(2)
    said = _in_words(weighed, topic.exact_error(spec), share[heavy[0]])
    show_table(
        {"what": list(said), "value": list(said.values())},
        one,
        hide_index=True,
        height=HEIGHT,
        key="importance_numbers",
    )
    show_table(
        {
            "the heaviest samples: x": found.samples[heavy],
            "log w": found.log_weights[heavy],
            "share of the weight": share[heavy],
        },
        other,
        hide_index=True,
        height=HEIGHT,
        key="importance_heaviest",
    )
    if found.warning:
        show_error(ValueError(found.warning))


def _in_words(weighed: ImportanceResult, exact: float | None, largest: float) -> dict[str, str]:
    """Return the numbers of an estimate by name; `largest` is the share of the heaviest weight."""
    found = weighed.found
    return {
        "E[h(X)], by quadrature": in_words(
            weighed.truth.value if weighed.truth else weighed.infinite
        ),
        "mean of w·h": number(found.value, 8),
        "its reported standard error": number(found.std_error),
        "its true standard error": number(exact) if exact is not None else "infinite",
        "Σwh / Σw": number(found.self_normalised, 8),
        "its reported standard error ": number(found.self_normalised_error),
        "weight ESS": f"{found.ess:.1f} of {found.n}",
        "Pareto k̂": number(found.pareto_k),
        "the heaviest sample's share": f"{largest:.2%}",
    }


def maths(spec: Weighing) -> None:
    """Write the estimators with the numbers of the page, and the words."""
    found = topic.run(spec).found
    latex = topic.formula(spec.h, ("x",)).latex
    st.latex(rf"h(x) = {latex}, \qquad w(x) = \frac{{p(x)}}{{q(x)}} = e^{{\log p(x)-\log q(x)}}")
    st.latex(
        rf"\hat\mu = \frac1n\sum w_i h_i = {found.value:.5g}, \qquad "
        rf"\tilde\mu = \frac{{\sum w_i h_i}}{{\sum w_i}} = {found.self_normalised:.5g}, \qquad "
        rf"\mathrm{{ESS}} = \frac{{(\sum w_i)^2}}{{\sum w_i^2}} = {found.ess:.1f}"
    )
    st.latex(
        r"\operatorname{var}\hat\mu = \frac1n\left(\int\frac{h^2p^2}{q}\,dx - \mu^2\right), \qquad"
        r" q^* \propto |h|\,p"
    )
    words(PAGE)


def code(spec: Weighing) -> None:
    """Show the page as Python, and the source of the estimator."""
    program_and_sources(as_python(spec), {"the estimator": compute})


def csv_of(spec: Weighing) -> bytes:
    """Return the samples and their weights as CSV."""
    found = topic.run(spec).found
    rows = zip(found.samples.tolist(), found.log_weights.tolist(), strict=True)
    return csv_bytes(["x", "log_weight"], rows)


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec = drawn.spec
    panels = {
        "Curves": lambda: curves(spec),
        "Numbers": lambda: numbers(spec),
        "Maths": lambda: maths(spec),
        "Code": lambda: code(spec),
        "Pitfalls": lambda: pitfalls("importance"),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv_of(spec))
