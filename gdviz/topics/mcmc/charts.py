"""The charts below the stage of *mcmc*: ranks, autocorrelation, running means, energies, sweeps."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, DASHES, GREY, ORANGE, VERMILLION, base_layout
from gdviz.knobs import knobs
from gdviz.probability.density_check import check_density
from gdviz.probability.diagnostics import autocorrelation, bfmi, ess_mean, ranks, running_means
from gdviz.probability.samplers import SAMPLER_LABELS
from gdviz.probability.target_moments import moments
from gdviz.topics.mcmc.figure import COLORS
from gdviz.topics.mcmc.figure_density import truth
from gdviz.topics.mcmc.settings import Mcmc, McmcResult
from gdviz.topics.mcmc.studies import ErrorsByLength, Score, StepSweep

GUIDES = {"rwm": ((0.234, "0.234, d → ∞"), (0.44, "0.44, d = 1")),
          "adaptive": ((0.234, "0.234, d → ∞"),), "mala": ((0.574, "0.574, d → ∞"),),
          "hmc": ((0.651, "0.651, d → ∞"), (0.8, "0.8")),
          "nuts": ((0.8, "0.8"),)}  # fmt: skip
RANK_BINS = 20


def panels(large: bool, domains: Any, titles: Any, **kinds: Any) -> dict[str, Any]:
    """Return a layout of panels beside each other, with the titles `(x, y)` of their axes."""
    axes: dict[str, Any] = {}
    for i, (domain, (x, y)) in enumerate(zip(domains, titles, strict=True)):
        n = "" if i == 0 else str(i + 1)
        more_x, more_y = kinds.get(f"x{n}", {}), kinds.get(f"y{n}", {})
        axes[f"xaxis{n}"] = {"domain": domain, "anchor": f"y{n}", "title": {"text": x}, **more_x}
        axes[f"yaxis{n}"] = {"anchor": f"x{n}", "title": {"text": y}, **more_y}
    return base_layout(large, **axes)


def curve(x: Any, y: Any, name: str, n: str = "", **line: Any) -> go.Scatter:
    """Return a curve in panel n; `line` is its look."""
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        mode="lines",
        line=line,
        xaxis=f"x{n}",
        yaxis=f"y{n}",
        hovertemplate=f"{name}: %{{x}}, %{{y}}<extra></extra>",
    )


def diagnosis(seen: McmcResult, axis: int, large: bool = False) -> go.Figure:
    """Return rank plot, autocorrelation and running mean of one coordinate, a line a chain."""
    x = seen.trace.chains[axis]
    width = 3.0 if large else 1.8
    traces = [*_ranks(x, width), *_acf(x, width), *_running(seen, axis, width)]
    name = seen.trace.target.variables[axis]
    titles = (
        (f"rank of {name} among all draws", "draws of each chain"),
        ("lag", "autocorrelation"),
        ("draws per chain", f"running mean of {name}"),
    )
    domains = ([0.0, 0.28], [0.37, 0.64], [0.73, 1.0])
    return go.Figure(traces, panels(large, domains, titles, y2={"range": [-0.2, 1.03]}))


def _ranks(x: np.ndarray, width: float) -> list[Any]:
    """Return how the ranks of each chain are spread: level if the chains agree."""
    edges = np.linspace(0.5, x.size + 0.5, RANK_BINS + 1)
    found = ranks(x)
    traces = [
        curve(
            np.repeat(edges, 2)[1:-1],
            np.repeat(np.histogram(row, edges)[0], 2),
            f"chain {c + 1}",
            color=COLORS[c % 8],
            dash=DASHES[c % 4],
            width=width,
        )
        for c, row in enumerate(found)
    ]
    level = x.shape[1] / RANK_BINS
    return [*traces, curve(edges[[0, -1]], [level, level], "level", color=GREY, width=1)]


def _acf(x: np.ndarray, width: float) -> list[Any]:
    found = autocorrelation(x)
    lags = min(x.shape[1] - 1, 120)
    bound = 2 / np.sqrt(x.shape[1])
    traces = [
        curve(np.arange(lags + 1), row[: lags + 1], f"chain {c + 1}", "2",
               color=COLORS[c % 8], dash=DASHES[c % 4], width=width)
        for c, row in enumerate(found)
    ]  # fmt: skip
    guides = [curve([0, lags], [b, b], "2/√n", "2", color=GREY, width=1, dash="dot")
              for b in (bound, -bound)]  # fmt: skip
    return [*traces, *guides]


def _running(seen: McmcResult, axis: int, width: float) -> list[Any]:
    """Return the running mean of all chains between ± 2 standard errors, and the truth."""
    x = seen.trace.chains[axis]
    at = np.unique(np.geomspace(1, x.shape[1], 160).astype(int))
    mean = running_means(x)[at - 1]
    share = ess_mean(x) / x.size
    error = 2 * x.std() / np.sqrt(np.maximum(share * at * len(x), 1.0))
    band = go.Scatter(
        x=np.concatenate([at, at[::-1]]),
        y=np.concatenate([mean + error, (mean - error)[::-1]]),
        fill="toself",
        mode="none",
        fillcolor="rgba(0,114,178,0.18)",
        name="± 2 MCSE",
        xaxis="x3",
        yaxis="y3",
        hoverinfo="skip",
    )
    traces = [band, curve(at, mean, "mean", "3", color=BLUE, width=width)]
    if check_density(seen.trace.target).status == "ok":
        exact = float(moments(seen.trace.target).mean[axis])
        traces.append(
            curve(at[[0, -1]], [exact] * 2, "truth", "3", color=GREY, width=2, dash="dot")
        )
    return traces


def energies(seen: McmcResult, large: bool = False) -> tuple[go.Figure, np.ndarray]:
    """Return the energies around their mean beside their changes, and E-BFMI of each chain."""
    energy = seen.trace.states.energy.T
    around = (energy - energy.mean()).ravel()
    change = np.diff(energy, axis=1).ravel()
    low, high = np.quantile(np.concatenate([around, change]), [0.002, 0.998])
    edges = np.linspace(low, high, 60)
    middle = (edges[1:] + edges[:-1]) / 2
    traces = []
    for name, values, color in (
        ("energy − mean", around, BLUE),
        ("change per draw", change, ORANGE),
    ):
        height = np.histogram(values, edges, density=True)[0]
        traces.append(
            curve(middle, height, name, color=color, width=3, shape="hvh").update(fill="tozeroy")
        )
    layout = panels(large, ([0.0, 1.0],), (("energy", "density"),)) | {"showlegend": True}
    return go.Figure(traces, layout), bfmi(energy)


def sweep(found: StepSweep, sampler: str, large: bool = False) -> go.Figure:
    """Return acceptance, and ESS per 1000 evaluations and per second, against the step."""
    width = 4 if large else 2.2
    traces = [
        curve(found.values, found.acceptance, "accepted", color=BLUE, width=width),
        curve(found.values, 1000 * found.per_evaluation, "ESS per 1000 evaluations", "2",
               color=ORANGE, width=width),
        curve(found.values, found.rhat, "R̂", "3", color=VERMILLION, width=width),
    ]  # fmt: skip
    label = knobs(Mcmc)[found.knob].kind.label
    per_ms = found.per_second / 1000
    traces.append(
        curve(found.values, per_ms, "ESS per ms", "2", color=BLUE, width=width, dash="dot")
    )
    for value, name in GUIDES.get(sampler, ()):
        ends = found.values[[0, -1]]
        traces.append(curve(ends, [value] * 2, name, color=GREY, width=1, dash="dot"))
    traces.append(curve(found.values[[0, -1]], [1.01] * 2, "1.01", "3", color=GREY, width=1))
    log = {"type": "log", "dtick": 1}
    titles = (
        (label, "accepted (or mean α)"),
        (label, "ESS / 1000 evaluations —, / ms ···"),
        (label, "R̂"),
    )
    domains = ([0.0, 0.28], [0.37, 0.64], [0.73, 1.0])
    top = float(np.nanmax(np.where(np.isfinite(found.rhat), found.rhat, np.nan), initial=1.1))
    kinds = {"x": log, "x2": log, "x3": log, "y": {"range": [0, 1.03]}, "y2": log,
             "y3": {"range": [0.98, min(top, 4.0) + 0.05]}}  # fmt: skip
    return go.Figure(traces, panels(large, domains, titles, **kinds))


def samplers(scores: list[Score], large: bool = False) -> go.Figure:
    """Return bars of ESS per 1000 evaluations and per second; pale where R-hat is above 1.01."""
    names = [SAMPLER_LABELS[s.sampler] for s in scores][::-1]
    colors = [BLUE if s.rhat < 1.01 else "rgba(128,128,128,0.5)" for s in scores][::-1]
    columns = ([1000 * s.per_evaluation for s in scores], [s.per_second for s in scores])
    traces = [
        go.Bar(
            x=values[::-1],
            y=names,
            orientation="h",
            marker={"color": colors},
            xaxis=f"x{n}",
            yaxis=f"y{n}",
            hovertemplate="%{y}: %{x}<extra></extra>",
        )
        for n, values in zip(("", "2"), columns, strict=True)
    ]
    titles = (("ESS per 1000 evaluations", ""), ("ESS per second", ""))
    kinds = {"x": {"type": "log"}, "x2": {"type": "log"}, "y2": {"showticklabels": False}}
    layout = panels(large, ([0.0, 0.46], [0.54, 1.0]), titles, **kinds)
    return go.Figure(traces, layout)


def errors(found: ErrorsByLength, variables: tuple[str, ...], large: bool = False) -> go.Figure:
    """Return the error of the mean and the KS distance against n, with the guide 1/√n."""
    traces = []
    for n, table in (("", found.mean), ("2", found.distance)):
        for j, row in enumerate(table):
            traces.append(
                curve(found.n, row, variables[j], n, color=(BLUE, ORANGE)[j],
                       width=4 if large else 2.2, dash=DASHES[j])
            )  # fmt: skip
        guide = table[0, -1] * np.sqrt(found.n[-1] / found.n)
        traces.append(curve(found.n, guide, "1/√n", n, color=GREY, width=1.5, dash="dot"))
    log = {"type": "log", "exponentformat": "power"}
    titles = (("draws n", "RMS error of the mean"), ("draws n", "KS distance to the truth"))
    kinds = {"x": log, "x2": log, "y": log, "y2": log}
    layout = panels(large, ([0.0, 0.46], [0.54, 1.0]), titles, **kinds)
    return go.Figure(traces, layout)


def fit(seen: McmcResult, axis: int, large: bool = False) -> go.Figure:
    """Return the histogram of all kept draws of a coordinate under its true marginal."""
    target = seen.trace.target
    side, density = truth(target, axis)
    edges = np.linspace(*target.box[axis], 61)
    height = np.histogram(seen.trace.chains[axis], edges)[0] / seen.trace.chains[axis].size
    middle = (edges[1:] + edges[:-1]) / 2
    bars = curve(middle, height / np.diff(edges), "draws", color=BLUE, width=2, shape="hvh")
    line = curve(side, density, "truth", color=GREY, width=3, dash="dot")
    name = target.variables[axis]
    layout = panels(large, ([0.0, 1.0],), ((name, "density"),)) | {"showlegend": True}
    return go.Figure([bars.update(fill="tozeroy"), line], layout)
