"""The tabs of the page *mcmc*: diagnosis, energies, sweep, comparison, numbers, one test, code."""

import inspect
from collections.abc import Sequence

import numpy as np
import streamlit as st

from gdviz.figures.scene import Handle, Scene
from gdviz.knobs import Choice, clamp
from gdviz.numerals import number
from gdviz.probability import SAMPLERS
from gdviz.probability.density_check import check_density
from gdviz.probability.diagnostics import integrated_time, mcse_quantile
from gdviz.probability.samplers import SAMPLER_LABELS
from gdviz.probability.target_moments import moments
from gdviz.topics.mcmc import charts as mcmc_charts
from gdviz.topics.mcmc import settings as topic
from gdviz.topics.mcmc import studies
from gdviz.topics.mcmc.program import as_csv, as_python
from gdviz.topics.mcmc.settings import Mcmc, McmcResult
from gdviz.topics.mcmc.tabs_draw import draw_at, flight_view, one_test
from gdviz.topics.mcmc.verdicts import Verdict, rhat_words
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import write
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import tab_knob, view
from gdviz.ui.stage import Hand, stage
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

PAGE = "mcmc"
HEIGHT = 320
VIEWS = {
    "diagnosis": "Ranks, ACF, running mean",
    "fit": "Against the truth",
    "energy": "Energies",
    "flight": "Energy along a path",
    "sweep": "Sweep the step",
    "samplers": "Samplers compared",
    "errors": "Error against n",
}
ICONS = {
    "bad": ":material/error:",
    "warning": ":material/warning:",
    "good": ":material/check_circle:",
}
COLORS = {"bad": "red", "warning": "orange", "good": "green"}


def say(found: Sequence[Verdict], most: int = 3) -> None:
    """Say what the draws say of themselves, each in a line."""
    lines = [f":{COLORS[v.level]}[{ICONS[v.level]}] {v.words}" for v in found[:most]]
    st.caption("  \n".join(lines))


def curves(spec: Mcmc, seen: McmcResult, step: int) -> None:
    """Draw the chosen view of the run."""
    chosen = view(PAGE, VIEWS)
    if chosen == "flight":
        flight_view(spec, seen, step)
    else:
        _VIEWS[chosen](spec, seen)


def _axis(seen: McmcResult) -> int:
    """Draw a choice among the coordinates, if there is one, and return it."""
    names = seen.trace.target.variables
    if len(names) == 1:
        return 0
    kind = Choice({name: name for name in names}, "coordinate")
    return names.index(tab_knob(PAGE, "axis", kind, names[0]))


def _diagnosis(spec: Mcmc, seen: McmcResult) -> None:
    axis = _axis(seen)
    chart(
        mcmc_charts.diagnosis(seen, axis, lecture_mode()),
        height=HEIGHT,
        key="mcmc_diagnosis",
        alt="Three charts: ranks by chain, autocorrelation by lag, running mean with its error.",
    )
    st.caption(
        "Ranks are level when the chains agree. The autocorrelation says how far apart draws must "
        "be to be new. The running mean should settle within its own error."
    )


def _fit(spec: Mcmc, seen: McmcResult) -> None:
    axis = _axis(seen)
    alt = "Histogram of the kept draws under the true marginal density."
    figure = mcmc_charts.fit(seen, axis, lecture_mode())
    chart(figure, height=HEIGHT, key="mcmc_fit", alt=alt)


def _energy(spec: Mcmc, seen: McmcResult) -> None:
    if "energy" not in seen.trace.states._fields:
        st.info("Energies belong to samplers with a momentum: choose HMC, MALA or NUTS.")
        return
    figure, values = mcmc_charts.energies(seen, lecture_mode())
    alt = "Histograms of the energy and of its change from draw to draw."
    chart(figure, height=HEIGHT, key="mcmc_energy", alt=alt)
    told = ", ".join(f"{value:.2f}" for value in values)
    st.caption(
        f"E-BFMI by chain: {told}. Below 0.3 the kicks are too weak to reach all energies: the two "
        "histograms should be equally wide."
    )


def _sweep(spec: Mcmc, seen: McmcResult) -> None:
    knob = studies.swept_knob(spec)
    if knob is None:
        st.info("This sampler has no step to sweep.")
        return
    key = ("sweep", _question(spec), tuple(topic.knobs_of(spec).items()), spec.seed)
    found = run_job(PAGE, key, lambda: studies.sweep(spec))
    if found is None:
        return
    figure = mcmc_charts.sweep(found, spec.sampler, lecture_mode())
    now = Handle("step", "now", float(getattr(spec, knob)), 0.5, "x", live=False)

    def load(hand: Hand) -> None:
        write(PAGE, {knob: float(f"{clamp(Mcmc, knob, hand.x):.3g}")})

    alt = "Acceptance, effective draws per evaluation and R-hat against the step."
    scene = Scene((), (now,), alt)
    stage("mcmc_sweep", figure, scene, height=HEIGHT, on_hand=load)
    best = int(np.nanargmax(np.where(found.rhat < 1.05, found.per_evaluation, -1.0)))
    st.caption(
        f"Click the first chart to load a step. Most effective draws per evaluation here: "
        f"{number(found.values[best], 3)}, where {found.acceptance[best]:.2f} is accepted, "
        f"{found.per_second[best]:,.0f} effective draws a second. The dotted guides are where "
        "theory puts the best acceptance in the limit of many dimensions; a random walk's is 0.44 "
        "in one, 0.35 in two."
    )


def _question(spec: Mcmc) -> tuple[object, ...]:
    """Return what of a spec says the target and the sampler, for results that are kept."""
    window = (spec.left, spec.right, spec.bottom, spec.top)
    typed = (spec.formula, *window) if spec.target == topic.TYPED else ()
    return spec.target, spec.sampler, *typed


def _samplers(spec: Mcmc, seen: McmcResult) -> None:
    key = ("samplers", _question(spec), tuple(topic.knobs_of(spec).items()), spec.seed)
    scores = run_job(PAGE, key, lambda: studies.compare(spec))
    if not scores:
        return
    left, right = st.columns([3, 2])
    with left:
        figure = mcmc_charts.samplers(scores, lecture_mode())
        alt = "Effective draws of each sampler per evaluation and per second."
        chart(figure, height=HEIGHT + 60, key="mcmc_samplers", alt=alt)
    with right:
        show_table(studies.rows_of(scores), hide_index=True, key="mcmc_scores")
    st.caption(
        "All on this target, 4 chains of 1500 draws: this sampler at the knobs of the page, the "
        "others at steps that suit the target. A gradient counts as an "
        "evaluation. Grey: R̂ above 1.01, a score that means nothing."
    )


def _errors(spec: Mcmc, seen: McmcResult) -> None:
    if check_density(seen.trace.target).status != "ok":
        st.info("There is no truth to compare with: this is no probability.")
        return
    key = ("errors", _question(spec), tuple(topic.knobs_of(spec).items()), spec.seed)
    found = run_job(PAGE, key, lambda: iter([(1.0, studies.errors(spec))]))
    if found is None:
        return
    figure = mcmc_charts.errors(found, seen.trace.target.variables, lecture_mode())
    alt = "The error of the mean and the KS distance against the number of draws."
    chart(figure, height=HEIGHT, key="mcmc_errors", alt=alt)
    st.caption(
        "RMS over 16 chains. A chain that mixes follows the dotted 1/√n; one that is stuck in a "
        "mode levels off, however long it runs."
    )


_VIEWS = {
    "diagnosis": _diagnosis,
    "fit": _fit,
    "energy": _energy,
    "sweep": _sweep,
    "samplers": _samplers,
    "errors": _errors,
}


def numbers(seen: McmcResult) -> None:
    """Draw the table of estimates and diagnostics, and that of the chains."""
    exact = moments(seen.trace.target) if check_density(seen.trace.target).status == "ok" else None
    rows, rhats = [], rhat_words(seen)
    for j, (name, s) in enumerate(zip(seen.trace.target.variables, seen.summaries, strict=True)):
        x = seen.trace.chains[j]
        rows.append(
            {
                "coordinate": name,
                "mean": s.mean,
                "± MCSE": s.mcse_mean,
                "true mean": None if exact is None else float(exact.mean[j]),
                "sd": s.sd,
                "± MCSE of sd": s.mcse_sd,
                "true sd": None if exact is None else float(np.sqrt(exact.cov[j, j])),
                "median": float(np.median(x)),
                "± MCSE of median": mcse_quantile(x, 0.5),
                "R̂": rhats[j],
                "ESS bulk": s.ess_bulk,
                "ESS tail": s.ess_tail,
                "integrated time": integrated_time(x),
            }
        )
    show_table(rows, hide_index=True, key="mcmc_table")
    accepted = seen.trace.accepted.mean(axis=0)
    means = seen.trace.x.mean(axis=0)
    names = seen.trace.target.variables
    table = [
        {"chain": c + 1, "accepted": float(accepted[c])}
        | {f"start {n}": float(seen.trace.start[c, j]) for j, n in enumerate(names)}
        | {f"mean {n}": float(means[c, j]) for j, n in enumerate(names)}
        for c in range(len(accepted))
    ]
    show_table(table, hide_index=True, key="mcmc_chains_table")


def maths(spec: Mcmc, seen: McmcResult, step: int) -> None:
    """Show the target, the rule of the sampler, and the last test with its numbers."""
    left, right = st.columns(2)
    with left:
        st.latex(rf"\log p = {seen.trace.target.formula.latex} + \text{{const}}")
        st.caption(seen.trace.target.teaches)
        draw = draw_at(spec, seen, step)
        if "log_alpha" in seen.states._fields and draw > 0:
            one_test(seen, draw, topic.watched_of(spec))
        st.caption(inspect.getdoc(SAMPLERS[spec.sampler]) or "")
    with right:
        words(PAGE)


def code(spec: Mcmc, seen: McmcResult) -> None:
    """Show the page as Python, and the source of the sampler that ran."""
    from gdviz.kernels import mcmc as kernels

    kernel = SAMPLERS[spec.sampler](seen.trace.target, **topic.knobs_of(spec))
    source = kernels.in_source(kernel.loop)
    program_and_sources(as_python(spec), {SAMPLER_LABELS[spec.sampler]: source})


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, seen = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: curves(spec, seen, drawn.step),
        "Numbers": lambda: numbers(seen),
        "Maths": lambda: maths(spec, seen, drawn.step),
        "Code": lambda: code(spec, seen),
        "Pitfalls": lambda: pitfalls("mcmc"),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: as_csv(seen))
