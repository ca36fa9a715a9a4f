"""The stage of the page *importance*: two curves, weighted samples, the running estimate."""

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.curves import closed_band
from gdviz.figures.hand import Hand
from gdviz.figures.scene import (
    Chip,
    Handle,
    Layer,
    Line,
    Picture,
    Points,
    Polygon,
    Reading,
    Scene,
    Segments,
)
from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, base_layout
from gdviz.numerals import number
from gdviz.probability import Distribution
from gdviz.probability.infinite import in_words
from gdviz.queries import from_query
from gdviz.topics.importance.settings import (
    ImportanceResult,
    Running,
    Weighing,
    apply_hand,
    best_density,
    exact_error,
    proposal_of,
    run,
    running_frames,
    target_of,
    window_of,
)

BEST = "best q ∝ |h|p"
SHOWN = 80  # samples drawn as stems
CURVE_POINTS = 301


def picture(spec: Weighing, large: bool = False) -> Picture:
    """Return the picture of the page at its settings."""
    return Picture(background(spec, large), importance_scene(spec))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    spec = from_query(Weighing, query)
    return importance_scene(apply_hand(spec, hand) if hand else spec, window_of(spec), top_of(spec))


def top_of(spec: Weighing) -> float:
    """Return the height of the taller curve: what stems are measured by."""
    x = np.linspace(*window_of(spec), CURVE_POINTS)
    return float(max(target_of(spec).pdf(x).max(), proposal_of(spec).pdf(x).max()))


# What the chip of the effective sample size says to a hand.
ESS = (
    "The effective sample size (Σw)²/Σw², of the weights alone. For an h that has nothing to do "
    "with them, about so many draws from p itself would be worth as much."
)


@lru_cache(maxsize=64)
def background(spec: Weighing, large: bool = False) -> go.Figure:
    """Return the axes of the stage; it is shared: do not change it."""
    weighed, top = run(spec), top_of(spec)
    so_far = running_frames(spec)
    late = slice(len(so_far.sizes) // 3, None)
    mean, error = so_far.plain[late], so_far.error[late]
    truth = weighed.truth.value if weighed.truth else float(mean[-1])
    lows, highs = mean - 2 * error, mean + 2 * error
    lo, hi = float(min(lows.min(), truth)), float(max(highs.max(), truth))
    pad = 0.12 * (hi - lo) or 0.1 * abs(hi) or 1.0
    marks: list[Any] = [go.Scatter(x=[None], y=[None], hoverinfo="skip")]
    if weighed.truth:
        line = {"color": GREEN, "width": 2, "dash": "dash"}
        ends = {"x": [1, 1e6], "y": [truth] * 2}
        marks.append(go.Scatter(**ends, mode="lines", line=line, xaxis="x2", yaxis="y2"))
    else:
        marks.append(go.Scatter(x=[None], y=[None], xaxis="x2", yaxis="y2"))
    axes = {
        "xaxis": {"range": list(window_of(spec)), "anchor": "y"},
        "yaxis": {
            "title": {"text": "density"},
            "range": [-0.06 * top, 1.2 * top],
            "domain": [0.4, 1],
        },
        "xaxis2": {
            "title": {"text": "samples"},
            "type": "log",
            "dtick": 1,
            "range": [np.log10(2), np.log10(spec.n * 1.05)],
            "anchor": "y2",
        },
        "yaxis2": {
            "title": {"text": "estimate"},
            "domain": [0, 0.27],
            "anchor": "x2",
            "range": [lo - pad, hi + pad],
        },
    }
    return go.Figure(marks, base_layout(large, uirevision="importance", **axes))


def importance_scene(
    spec: Weighing, window: tuple[float, float] | None = None, top: float | None = None
) -> Scene:
    """Return both curves, the best proposal, the samples as stems, the running estimate."""
    window, top = window or window_of(spec), top or top_of(spec)
    weighed = run(spec)
    p, q = target_of(spec), proposal_of(spec)
    layers: list[Layer] = [*_curves(spec, p, q, window, top)]
    so_far = running_frames(spec)
    layers += _stems(weighed, so_far.sizes, top)
    layers += _running(so_far)
    layers += [
        Reading("n", so_far.sizes.astype(float)),
        Reading("estimate", so_far.plain),
        Reading("standard error", so_far.error),
    ]
    chips, ends = _chips(spec, weighed), (BEST,)
    return Scene(layers, _handles(spec, p, q), _alt(spec, weighed), chips, ends)


def _curves(
    spec: Weighing, p: Distribution, q: Distribution, window: tuple[float, float], top: float
) -> list[Layer]:
    x = np.linspace(*window, CURVE_POINTS)
    layers: list[Layer] = []
    best = best_density(spec, x)
    if best is not None:
        y = np.minimum(best, 1.2 * top)
        layers.append(Line(BEST, x[None], y[None], GREEN, "dash", width=1.8))
    layers.append(Line("target p", x[None], p.pdf(x)[None], BLUE, width=3, fill=0.0))
    layers.append(Line("proposal q", x[None], q.pdf(x)[None], ORANGE, width=3))
    return layers


def _stems(weighed: ImportanceResult, sizes: Any, top: float) -> list[Layer]:
    """Return the first samples, as tall as their weights; they appear as they are drawn.

    The tallest stem reaches the top of the curves, whatever its weight.
    """
    few = min(SHOWN, weighed.found.n)
    x = weighed.found.samples[:few]
    w = np.exp(weighed.found.log_weights[:few] - weighed.found.log_weights[:few].max())
    height = top * w
    seen = np.arange(few)[None] < np.minimum(sizes, few)[:, None]
    at, up = np.where(seen, x, np.nan), np.where(seen, height, np.nan)
    dots = np.where(seen, 1.2 + 3.2 * np.sqrt(w), 0.0)
    return [
        Segments("weights", at, 0 * up, at, up, VERMILLION),
        Points("samples", at, up, VERMILLION, "circle", 0, dots),
    ]


def _running(so_far: Running) -> list[Layer]:
    """Return the estimates so far, the plain one with twice its reported standard error."""
    k = len(so_far.sizes)
    upto = np.arange(k)[None] <= np.arange(k)[:, None]
    x = np.where(upto, so_far.sizes.astype(float), np.nan)
    ends = (so_far.plain + s * so_far.error for s in (-2, 2))
    band = closed_band(x, *(np.where(upto, end, np.nan) for end in ends))
    plain, ratio = (np.where(upto, part, np.nan) for part in (so_far.plain, so_far.ratio))
    return [
        Polygon("± two standard errors", *band, VERMILLION, 1, 0.18),
        Line("Σwh / Σw", x, ratio, PURPLE, "dash", panel=1, width=1.6),
        Line("mean of w·h", x, plain, VERMILLION, panel=1),
    ]


def _handles(spec: Weighing, p: Distribution, q: Distribution) -> tuple[Handle, ...]:
    def pair(name: str, law: Distribution, place: float, width: float, color: str) -> list[Handle]:
        side = place + width
        return [
            Handle(
                f"{name}_top",
                name,
                place,
                float(law.pdf(place)),
                "x",
                color=color,
                spoken=f"middle of {name}",
            ),
            Handle(
                f"{name}_side",
                "↔",
                side,
                float(law.pdf(side)),
                "x",
                color=color,
                size=6,
                tool=True,
                spoken=f"width of {name}",
            ),
        ]

    return (
        *pair("p", p, spec.mu, spec.sigma, BLUE),
        *pair("q", q, spec.nu, spec.tau, ORANGE),
    )


def _chips(spec: Weighing, weighed: ImportanceResult) -> tuple[Chip, ...]:
    found = weighed.found
    plain = f"{number(found.value)} ± {number(found.std_error, 2)}"
    ratio = f"{number(found.self_normalised)} ± {number(found.self_normalised_error, 2)}"
    true = in_words(weighed.truth.value if weighed.truth else weighed.infinite, 5)
    exact = exact_error(spec)
    known = (
        f"The true standard error is {number(exact, 2)}."
        if exact is not None
        else "The true standard error is infinite."
    )
    chips = [
        Chip("E[h]", "●", GREEN, true, weighed.reason or "By quadrature."),
        Chip("mean of w·h", "│", VERMILLION, plain, known),
        Chip("Σwh / Σw", "┆", PURPLE, ratio, "Self-normalised: biased, a little."),
        Chip("ESS", "○", GREY, f"{found.ess:.0f} of {found.n}", ESS),
        Chip("k̂", "○", GREY, number(found.pareto_k, 2), found.warning or _of_k(found.pareto_k)),
    ]
    if best_density(spec, np.zeros(1)) is not None:
        chips.append(Chip("best q", "┅", GREEN, "∝ |h|·p", "No proposal has a smaller variance."))
    if weighed.second is None:
        chips.append(Chip("variance", "▲", VERMILLION, "infinite", found.warning))
    return tuple(chips)


def _of_k(k: float) -> str:
    """Return what k̂ says where nothing is to be warned of: both densities are known here."""
    if k <= 0.5:
        return (
            "How heavy the tail of the weights is. At most 0.5: nothing in them speaks against a "
            "finite variance."
        )
    return (
        "How heavy the tail of the weights is. Above 0.5 they look as if their variance were "
        "infinite; by quadrature it is not."
    )


def _alt(spec: Weighing, weighed: ImportanceResult) -> str:
    found = weighed.found
    words = found.warning or "The weights are sound."
    return (
        f"E[{spec.h}] by {found.n} samples: {number(found.self_normalised)}, "
        f"{found.ess:.0f} effective, k̂ {number(found.pareto_k, 2)}. {words}"
    )
