"""The tabs of a line."""

from dataclasses import replace

import numpy as np
import streamlit as st

from gdviz.knobs import Choice, Switch
from gdviz.learn import fit_linear
from gdviz.learn.fit_grids import fit_grid
from gdviz.learn.spectrum import spectrum
from gdviz.numerals import number
from gdviz.topics.regression import charts
from gdviz.topics.regression import figure as figures
from gdviz.topics.regression.controls import PAGE
from gdviz.topics.regression.fit import LineFit, rows_seen, run
from gdviz.topics.regression.polynomial import fits_by_degree, verdict_on
from gdviz.topics.regression.program import as_python
from gdviz.topics.regression.settings import KINDS, STATISTICS, LineSettings
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import write
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import tab_knob, view
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {
    "loss": "Loss and weights",
    "scaling": "Scaling and κ",
    "floor": "The floor of SGD's noise",
    "degree": "Error by degree",
}


def statistics(spec: LineSettings, done: LineFit, step: int) -> None:
    """Draw the scores of the first descent as buttons: a click shows in the plot what it is."""
    st.session_state["regression_before"] = spec
    fit = next(iter(done.fits.values()))
    found = done.scores_of(fit.theta[min(step, len(fit.loss) - 1)])
    values = found._asdict()
    with st.container(horizontal=True, key="presets_statistics", gap="small"):
        for name, label in STATISTICS.items():
            st.button(
                f"{label} {_number(values[name])}" if name in values else label,
                key=f"{PAGE}_statistic_{name}",
                type="primary" if spec.statistic == name else "secondary",
                on_click=write,
                args=(PAGE, {"statistic": name}),
                help="Click to see in the plot what it is.",
            )


def _number(value: float | None) -> str:
    return "undefined" if value is None else number(value)


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, done = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: _VIEWS[view(PAGE, VIEWS)](spec, done),
        "Numbers": lambda: numbers(done),
        "Maths": lambda: maths(spec, done, drawn.step),
        "Code": lambda: code(spec),
        "Pitfalls": lambda: pitfalls("regression", 2, 5),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv_of(done))


def _loss(spec: LineSettings, done: LineFit) -> None:
    against = tab_knob(PAGE, "epochs", Switch("against epochs instead of updates"), False)
    title = "epoch" if against else "update"
    least = float(done.goal.total(done.best[None])[0])
    curves: list[list[charts.Curve]] = [[], [], []]
    for kind, fit in done.fits.items():
        look = figures.KIND_LOOKS[kind]
        x = fit.epoch if against else np.arange(len(fit.loss))
        for place, y in zip(curves, (fit.loss - least, *done.raw(fit.theta).T), strict=True):
            place.append(charts.Curve(KINDS[kind], x, y, look.color, look.dash))
    names = ("loss above the least", "slope w", "intercept b")
    parts = [
        charts.Panel(title, name, part, "" if i else "y")
        for i, (name, part) in enumerate(zip(names, curves, strict=True))
    ]
    figure = charts.panels(parts, lecture_mode())
    words_of = "Three charts: the loss above the least, the slope and the intercept."
    chart(figure, height=HEIGHT, key="regression_curves", alt=words_of)


def _scaling(spec: LineSettings, done: LineFit) -> None:
    share = spec.lr / done.eigen.edge if np.isfinite(done.eigen.edge) else 0.5
    parts = []
    for scale, title in ((False, "x as it is"), (True, "x standardised")):
        other = run(replace(spec, scale=scale, kinds=("batch",), loss="squared"))
        rate = (
            max(share * spectrum(other.goal).edge, 1e-9) if np.isfinite(other.eigen.edge) else 0.1
        )
        fit = fit_linear(
            other.goal.A[:, :1], other.y, lr=rate, steps=min(spec.steps, 60), start=other.start
        )
        title += f": κ = {number(other.eigen.condition, 3)}, 2/L = {number(other.eigen.edge, 3)}"
        parts.append(charts.Bowl(title, other.best, other.eigen, fit.theta))
    st.caption(
        f"Gradient descent on the squared loss in both, with the same share {number(share, 2)} "
        "of 2/L. "
        "The level lines become circles, and every step points at the minimum."
    )
    figure = charts.bowls(parts, lecture_mode())
    words_of = "Level lines and a path, with x as it is and with x standardised."
    chart(figure, height=HEIGHT + 60, key="regression_scaling", alt=words_of)


def _floor(spec: LineSettings, done: LineFit) -> None:
    z, edge = done.goal.A[:, :1], done.eigen.edge
    if not np.isfinite(edge):
        st.info("All points have one x: there is no slope to learn.")
        return
    rates = edge * np.geomspace(0.01, 0.9, 8)
    n = len(done.y)
    sizes = tuple(dict.fromkeys((1, min(spec.size, n - 1), 0)))
    key = ("floor", done.x.tobytes(), done.y.tobytes(), spec.scale, sizes)
    found = run_job(PAGE, key, lambda: fit_grid(z, done.y, sizes, rates, steps=400))
    if found is None:
        return
    st.caption(
        "Squared loss, gradient descent from zero, four seeds: at a constant η batches settle "
        "above the least loss, higher the larger η and the smaller the batch, unless one line "
        "meets every point. All rows do not: what is left of theirs is the way still to go."
    )
    figure = charts.noise_floor(found, edge, lecture_mode())
    words_of = "The loss above the least over the learning rate, a band for each batch size."
    chart(figure, height=HEIGHT, key="regression_floor", alt=words_of)


def _degree(spec: LineSettings, done: LineFit) -> None:
    found = fits_by_degree(done)
    chosen = found[min(spec.degree or 1, len(found) - 1)]
    st.caption(f"{verdict_on(chosen, found)} The train error cannot rise with the degree.")
    degrees = np.arange(len(found))
    curves = [
        charts.Curve(name, degrees, np.maximum(values, 1e-12), *look)
        for name, values, look in (
            ("train", np.array([f.train for f in found]), (charts.BLUE, "solid")),
            ("held out", np.array([f.test for f in found]), (charts.VERMILLION, "dash")),
        )
        if np.isfinite(values).all()
    ]
    parts = [charts.Panel("degree of the polynomial", "mean squared error", curves, "y")]
    words_of = "The error at the points to learn from and at those held out, over the degree."
    figure = charts.panels(parts, lecture_mode())
    chart(figure, height=HEIGHT, key="regression_degrees", alt=words_of)


_VIEWS = {"loss": _loss, "scaling": _scaling, "floor": _floor, "degree": _degree}


def numbers(done: LineFit) -> None:
    """Draw the table of steps of one descent."""
    options = Choice({kind: KINDS[kind] for kind in done.fits}, "steps of")
    kind = tab_knob(PAGE, "kind", options, next(iter(done.fits)))
    fit = done.fits[kind]
    st.markdown(f"**{KINDS[kind]}**: {fit.reason}")
    w, b = done.raw(fit.theta).T
    table = {
        "update": np.arange(len(fit.loss)),
        "epoch": fit.epoch,
        "w": w,
        "b": b,
        "loss": fit.loss,
    }
    show_table(table, height=HEIGHT, hide_index=True, key="regression_table")


def maths(spec: LineSettings, done: LineFit, step: int) -> None:
    """Show the update, and the numbers of the present step in it."""
    kind, fit = next(iter(done.fits.items()))
    k = min(step, len(fit.loss) - 2)
    st.markdown(f"**{KINDS[kind]}**, step {max(k, 0)} to {max(k, 0) + 1}:")
    st.latex(
        r"w \leftarrow w - \eta\,\frac1{|B|}\sum_{i\in B} \ell'(\hat y_i, y_i)\,x_i,\qquad "
        r"b \leftarrow b - \eta\,\frac1{|B|}\sum_{i\in B} \ell'(\hat y_i, y_i)"
    )
    if k >= 0:
        rows = rows_seen(spec, kind, len(done.y), k + 1)[k]
        slope = done.goal.grad(fit.theta[k], rows)
        (w, b), (w1, b1) = fit.theta[k], fit.theta[k + 1]
        st.latex(
            rf"\nabla_B = ({slope[0]:.4g},\ {slope[1]:.4g}),\quad |B| = {len(rows)},\quad "
            rf"w: {w:.4g} \to {w1:.4g},\quad b: {b:.4g} \to {b1:.4g}"
        )
    words("regression")


def code(spec: LineSettings) -> None:
    """Show the room as Python, and the source of what ran."""
    program_and_sources(as_python(spec), {"fit_linear": fit_linear})


def csv_of(done: LineFit) -> bytes:
    """Return the steps of all descents as CSV."""
    lines = ["kind,update,epoch,w,b,loss"]
    for kind, fit in done.fits.items():
        w, b = done.raw(fit.theta).T
        rows = zip(fit.epoch.tolist(), w.tolist(), b.tolist(), fit.loss.tolist(), strict=True)
        lines += [f"{kind},{k},{','.join(map(repr, row))}" for k, row in enumerate(rows)]
    return "\n".join(lines).encode()


HEIGHT = 330
