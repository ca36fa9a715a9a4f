"""The targets by name, each with what is known of it exactly, and why it is worth sampling."""

import math

import numpy as np

from gdviz.expressions import FormulaError, formula
from gdviz.expressions.tokens import tokenize
from gdviz.probability.bayesian_targets import bioassay_posterior, line_posterior
from gdviz.probability.mixture_targets import normal_mixture, one_normal, round_covariance
from gdviz.probability.target import Box, Component, SamplerError, Target, float_box
from gdviz.probability.target_draws import (
    box_moments,
    draw_banana,
    draw_box,
    draw_donut,
    draw_funnel,
    draw_rosenbrock,
    draw_squiggle,
    draw_student,
    draw_twisted,
)


def correlated_normal(rho: float) -> Target:
    """Return the normal of two unit variances with correlation `rho`."""
    text = f"-(x**2 - {2 * rho:.6g}*x*y + y**2)/{2 * (1 - rho * rho):.6g}"
    return normal_mixture(
        text,
        one_normal((0.0, 0.0), ((1.0, rho), (rho, 1.0))),
        f"correlated normal, ρ = {rho:g}",
        ((-4.0, 4.0), (-4.0, 4.0)),
        "One coordinate at a time crawls along the ridge; the gradient finds it.",
        log_z=math.log(2 * math.pi * math.sqrt(1 - rho * rho)),
    )


# --- exact samplers of what is no mixture ---------------------------------------------------------


# --- data -----------------------------------------------------------------------------------------


# The marginal of the t in the scale of its own text: times 2π, the integral of the latter.
_T_SHIFT = math.log(2 * math.pi) + math.lgamma(3) - math.lgamma(2.5) - 0.5 * math.log(5 * math.pi)

TARGETS: dict[str, Target] = {
    "normal": normal_mixture(
        "-(x - 2)**2/4.5",
        one_normal((2.0,), ((2.25,),)),
        "normal, mean 2, sd 1.5",
        ((-4.0, 8.0),),
        "The tutorial's target: one variable, one mode. Everything should work here.",
        log_z=0.5 * math.log(2 * math.pi * 2.25),
    ),
    "standard": normal_mixture(
        "-(x**2 + y**2)/2",
        one_normal((0.0, 0.0), round_covariance(1.0)),
        "standard normal",
        ((-4.0, 4.0), (-4.0, 4.0)),
        "Two independent coordinates: the best case.",
        log_z=math.log(2 * math.pi),
    ),
    "correlated": correlated_normal(0.9),
    "correlated_99": correlated_normal(0.99),
    "banana": Target(
        "-((x/2)**2 - x/2*(2*y + 0.4*x**2 - 2.4) + (2*y + 0.4*x**2 - 2.4)**2)/1.5",
        ("x", "y"),
        "banana",
        ((-6.0, 6.0), (-6.0, 3.5)),
        reach=((-14.0, 14.0), (-45.0, 6.0)),
        mean=(0.0, 0.4),
        cov=((4.0, 0.5), (0.5, 1.53)),
        log_z=math.log(2 * math.pi * math.sqrt(0.75)),
        draw=draw_banana,
        teaches="A normal bent along a parabola: no one step size suits its body and its tips.",
    ),
    "twisted": Target(
        "-x**2/200 - (y + 0.03*x**2 - 3)**2/2",
        ("x", "y"),
        "twisted normal",
        ((-28.0, 28.0), (-18.0, 8.0)),
        reach=((-70.0, 70.0), (-150.0, 12.0)),
        mean=(0.0, 0.0),
        cov=((100.0, 0.0), (0.0, 19.0)),
        log_z=math.log(2 * math.pi * 10),
        draw=draw_twisted,
        teaches="Haario's banana: ten times as long as it is wide, and bent.",
    ),
    "rosenbrock": Target(
        "-((1 - x)**2 + 100*(y - x**2)**2)/20",
        ("x", "y"),
        "Rosenbrock density",
        ((-8.0, 10.0), (-5.0, 70.0)),
        reach=((-20.0, 22.0), (-4.0, 420.0)),
        mean=(1.0, 11.0),
        cov=((10.0, 20.0), (20.0, 240.1)),
        log_z=math.log(2 * math.pi),
        draw=draw_rosenbrock,
        teaches="The optimizers' valley as a density: a thin ridge along a parabola.",
    ),
    "donut": Target(
        "-(sqrt(x**2 + y**2) - 2.6)**2/0.033",
        ("x", "y"),
        "donut",
        ((-4.0, 4.0), (-4.0, 4.0)),
        reach=((-4.0, 4.0), (-4.0, 4.0)),
        mean=(0.0, 0.0),
        cov=round_covariance((2.6**2 + 3 * 0.0165) / 2),
        log_z=math.log(2 * math.pi * 2.6 * math.sqrt(math.pi * 0.033)),
        draw=draw_donut,
        teaches="All the mass lies in a thin ring: steps that stay in it are short.",
    ),
    "funnel": Target(
        "-y**2/18 - y/2 - x**2*exp(-y)/2",
        ("x", "y"),
        "Neal's funnel",
        ((-12.0, 12.0), (-9.0, 9.0)),
        reach=((-400.0, 400.0), (-18.0, 18.0)),
        mean=(0.0, 0.0),
        cov=((math.exp(4.5), 0.0), (0.0, 9.0)),
        log_z=math.log(6 * math.pi),
        draw=draw_funnel,
        marginals=("", "-y**2/18 + 0.9189385332046727"),
        teaches="The width of x is e^{y/2}: a step that suits the mouth diverges in the neck, and "
        "chains that shun the neck look fine.",
    ),
    "squiggle": Target(
        "-(0.5*x**2 - 0.5*x*(y + sin(5*x)) + 2*(y + sin(5*x))**2)/1.875",
        ("x", "y"),
        "squiggle",
        ((-5.0, 5.0), (-4.0, 4.0)),
        reach=((-10.0, 10.0), (-7.0, 7.0)),
        mean=(0.0, 0.0),
        cov=((2.0, 0.25), (0.25, 1.0)),
        log_z=math.log(2 * math.pi * math.sqrt(0.9375)),
        draw=draw_squiggle,
        teaches="A normal bent into waves: fast along them, slow across.",
    ),
    "student": Target(
        "-3.5*log(1 + (x**2 + y**2)/5)",
        ("x", "y"),
        "heavy tails, t with 5 degrees",
        ((-8.0, 8.0), (-8.0, 8.0)),
        reach=((-300.0, 300.0), (-300.0, 300.0)),
        mean=(0.0, 0.0),
        cov=round_covariance(5 / 3),
        log_z=math.log(2 * math.pi),
        draw=draw_student,
        marginals=tuple(f"-3*log(1 + {v}**2/5) + {_T_SHIFT!r}" for v in "xy"),
        teaches="Tails that fall like a power: a random walk that goes out comes back late.",
    ),
    "bimodal": normal_mixture(
        "-(x + 4)**2/2 + softplus(8*x)",
        (Component(0.5, (-4.0,), ((1.0,),)), Component(0.5, (4.0,), ((1.0,),))),
        "two modes, ±4",
        ((-8.0, 8.0),),
        "The tutorial's trap: a chain sees one mode, looks perfect, and is wrong by 4.",
        log_z=math.log(2 * math.sqrt(2 * math.pi)),
    ),
    "far_modes": normal_mixture(
        "-((x + 3)**2 + (y + 3)**2)/2 + softplus(6*x + 6*y)",
        (
            Component(0.5, (-3.0, -3.0), round_covariance(1.0)),
            Component(0.5, (3.0, 3.0), round_covariance(1.0)),
        ),
        "two far modes",
        ((-7.0, 7.0), (-7.0, 7.0)),
        "Two equal islands: only several chains tell that one of them is missing.",
        log_z=math.log(4 * math.pi),
    ),
    "three_modes": normal_mixture(
        "0.47000362924573563 - (x + 2)**2 - (y - 2)**2 + softplus((x + 2)**2 + (y - 2)**2 "
        "- ((x + 1.5)**2 + (y + 1.5)**2)/1.6 + softplus(3.75*(x + y)) - 0.47000362924573563)",
        (
            Component(1 / 3, (1.5, 1.5), round_covariance(0.8)),
            Component(1 / 3, (-1.5, -1.5), round_covariance(0.8)),
            Component(1 / 3, (-2.0, 2.0), round_covariance(0.5)),
        ),
        "three modes",
        ((-6.0, 6.0), (-6.0, 6.0)),
        "Three hills with passes between them: crossing is rare, not impossible.",
        log_z=math.log(3 * 2 * math.pi * 0.8),
    ),
    "box": Target(
        "2*x + y",
        ("x", "y"),
        "a box with walls",
        ((-0.25, 1.25), (-0.25, 1.25)),
        bounds=((0.0, 1.0), (0.0, 1.0)),
        draw=draw_box,
        teaches="The density leans on its walls, where proposals are lost.",
        **box_moments(),
    ),
    "line": line_posterior(),
    "bioassay": bioassay_posterior(),
}


def target(
    text: str, *, name: str = "typed", box: Box | None = None, bounds: Box | None = None
) -> Target:
    """Return the target whose log-density in x, or in x and y, a text says.

    The key of a target of `TARGETS` is a text for it too. Raises `FormulaError` for a text that
    says no log-density, and `SamplerError` for a window or bounds that hold nothing.

    >>> float(target("-x**2/2 - 2*y**2").log_density([1.0, 0.5]))
    -1.0
    """

    if text in TARGETS and box is None and bounds is None:
        return TARGETS[text]
    both = any(token.kind == "name" and token.text in ("y", "Y") for token in tokenize(text))
    variables = ("x", "y") if both else ("x",)
    if not formula(text, variables).numba_ready:
        raise FormulaError("a log-density with `gamma` cannot be compiled: write it without")
    for what, sides in (("box", box), ("bounds", bounds)):
        _check_sides(what, sides, len(variables))
    window = box or tuple(_window(side) for side in bounds or ((-np.inf, np.inf),) * len(variables))
    return Target(text, variables, name, float_box(window), None, bounds and float_box(bounds))


def _window(side: tuple[float, float]) -> tuple[float, float]:
    lo, hi = side
    if math.isinf(lo) and math.isinf(hi):
        return -5.0, 5.0
    return (hi - 10.0 if math.isinf(lo) else lo), (lo + 10.0 if math.isinf(hi) else hi)


def _check_sides(what: str, sides: Box | None, d: int) -> None:
    if sides is None:
        return
    if len(sides) != d or any(len(side) != 2 or not side[0] < side[1] for side in sides):
        raise SamplerError(f"`{what}` must be {d} pairs (low, high) with low < high.")
    if what == "box" and not np.isfinite(np.array(sides, float)).all():
        raise SamplerError("the window must be finite.")
