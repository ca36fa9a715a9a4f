"""Importance sampling: the knobs of the page, its presets, what it draws, and that as Python."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.expressions import formula
from gdviz.figures.hand import Hand
from gdviz.knobs import Choice, Range, Text, clamp, needs
from gdviz.probability import (
    DISTRIBUTIONS,
    Distribution,
    DoesNotExist,
    Estimate,
    Importance,
    ProbabilityError,
    expectation,
    importance_estimate,
    optimal_proposal,
)
from gdviz.probability.importance import running_estimate, second_moment
from gdviz.probability.mixtures import mixture_of

SHAPES = {
    "normal": "Normal",
    "student_t": "Student t",
    "laplace": "Laplace",
    "logistic": "Logistic",
    "cauchy": "Cauchy",
}
TARGETS = {**SHAPES, "two_humps": "Two humps"}
WIDEST, NARROWEST = 30.0, 0.05
FRAMES = 60
LARGEST = 1e100


@dataclass(frozen=True)
class Weighing:
    """Everything that the page *importance* can be asked."""

    target: Annotated[str, Choice(TARGETS, "target p")] = "normal"
    mu: Annotated[float, Range(-50.0, 50.0, "μ of p", "Drag the handle on its top.")] = 2.0
    sigma: Annotated[
        float, Range(NARROWEST, WIDEST, "width of p", "Drag the handle on its side.", log=True)
    ] = 1.5
    proposal: Annotated[str, Choice(SHAPES, "proposal q")] = "normal"
    nu: Annotated[float, Range(-50.0, 50.0, "μ of q", "Drag the handle on its top.")] = 0.0
    tau: Annotated[
        float, Range(NARROWEST, WIDEST, "width of q", "Drag the handle on its side.", log=True)
    ] = 2.0
    df: Annotated[
        float,
        Range(0.5, 50.0, "degrees of freedom of t", log=True),
        needs("target or proposal", "student_t"),
    ] = 3.0
    h: Annotated[
        str, Text("h(x) =", "What the expectation is taken of; heaviside(x - 3) for a tail.")
    ] = "x"
    n: Annotated[int, Range(10, 20_000, "samples n")] = 1000
    seed: Annotated[int, Range(0, 9999, "seed")] = 0
    gamma: Annotated[
        float,
        Range(0.0, 12.0, "γ of P(Z > γ)", "For the view “A tail”."),
        needs("", "the view “A tail” of the page"),
    ] = 4.0


def law(shape: str, place: float, width: float, df: float) -> Distribution:
    """Return a distribution of the page from its shape, place and width."""
    if shape == "two_humps":
        humps = (place - 1.5 * width, place + 1.5 * width)
        return mixture_of((0.4, 0.6), humps, (0.5 * width, 0.7 * width))
    if shape == "student_t":
        return DISTRIBUTIONS["student_t"](df, place, width)
    return DISTRIBUTIONS[shape](place, width)


def target_of(spec: Weighing) -> Distribution:
    """Return the target p."""
    return law(spec.target, spec.mu, spec.sigma, spec.df)


def proposal_of(spec: Weighing) -> Distribution:
    """Return the proposal q."""
    return law(spec.proposal, spec.nu, spec.tau, spec.df)


class ImportanceResult(NamedTuple):
    """What the page shows: the estimate, the truth if there is one, the variance's second moment.

    `reason` says why there is no truth, which is `infinite` then (±∞) or does not exist (nan).
    """

    found: Importance
    truth: Estimate | None
    reason: str
    second: Estimate | None
    infinite: float = float("nan")


@cached
def run(spec: Weighing) -> ImportanceResult:
    """Return estimate and truth of a spec; raise `ValueError` with a sentence if it has none."""
    spec_ = replace(spec, gamma=4.0)
    if spec_ != spec:
        return run(spec_)
    p, q = target_of(spec), proposal_of(spec)
    found = importance_estimate(spec.h, p, q, spec.n, spec.seed)
    if not max(abs(found.value), abs(found.self_normalised), found.std_error) < LARGEST:
        raise ProbabilityError("h is too large where the samples are.")
    truth, reason, second, infinite = None, "", None, float("nan")
    try:
        truth = expectation(spec.h, p)
    except DoesNotExist as error:
        reason, infinite = str(error), error.value
    try:
        second = second_moment(spec.h, p, q)
    except DoesNotExist:
        pass
    return ImportanceResult(found, truth, reason, second, infinite)


def numbers(weighed: ImportanceResult) -> dict[str, dict[str, Any]]:
    """Return both estimates with what is known of them in one row, and the samples in another."""
    found = weighed.found
    names = ("value", "std_error", "self_normalised", "self_normalised_error", "ess", "pareto_k")
    row = {name: np.array([getattr(found, name)]) for name in names}
    if weighed.truth is not None:
        row["true_value"] = np.array([weighed.truth.value])
    return {"estimates": row, "samples": {"x": found.samples, "log_weight": found.log_weights}}


@lru_cache(maxsize=64)
def best_curve(spec: Weighing) -> Distribution | None:
    """Return the best possible proposal ∝ |h|p, None where it cannot be normalised."""
    only = Weighing(target=spec.target, mu=spec.mu, sigma=spec.sigma, df=spec.df, h=spec.h)
    if only != spec:
        return best_curve(only)
    try:
        return optimal_proposal(spec.h, target_of(spec))
    except ProbabilityError:
        return None


def best_density(spec: Weighing, x: Any) -> Any:
    """Return the density of the best proposal at points `(n,)`.

    It is None where that proposal cannot be normalised, or where h is not a number at a point.
    """
    best = best_curve(spec)
    try:
        return None if best is None else best.pdf(x)
    except ProbabilityError:
        return None


def exact_error(spec: Weighing) -> float | None:
    """Return the true standard error of the plain estimate, None where it is infinite."""
    weighed = run(spec)
    if weighed.second is None or weighed.truth is None:
        return None
    return float(np.sqrt(max(weighed.second.value - weighed.truth.value**2, 0) / spec.n))


class Running(NamedTuple):
    """The estimates after `sizes` samples, `(k,)`: plain with its error, and self-normalised."""

    sizes: Any
    plain: Any
    error: Any
    ratio: Any


def running_frames(spec: Weighing) -> Running:
    """Return the running estimates at the sizes of the frames."""
    weighed = run(spec)
    plain, error, ratio = running_estimate(weighed.found, spec.h)
    sizes = np.unique(np.geomspace(2, spec.n, FRAMES).astype(int))
    return Running(sizes, plain[sizes - 1], error[sizes - 1], ratio[sizes - 1])


def check(spec: Weighing) -> None:
    """Raise `ValueError` with a sentence unless the spec can be run."""
    formula(spec.h, ("x",))
    run(spec)


def apply_hand(spec: Weighing, hand: Hand) -> Weighing:
    """Return the spec after a hand moved a handle: the tops move, the sides scale."""
    moved: dict[str, Any] = {}
    if hand.id == "p_top":
        moved = {"mu": clamp(Weighing, "mu", hand.x)}
    elif hand.id == "q_top":
        moved = {"nu": clamp(Weighing, "nu", hand.x)}
    elif hand.id == "p_side":
        moved = {"sigma": clamp(Weighing, "sigma", abs(hand.x - spec.mu))}
    elif hand.id == "q_side":
        moved = {"tau": clamp(Weighing, "tau", abs(hand.x - spec.nu))}
    return replace(spec, **moved)


def window_of(spec: Weighing) -> tuple[float, float]:
    """Return the range of x that is drawn, both curves in it, in steps that a hand can stay in."""
    ends = []
    for place, width in ((spec.mu, spec.sigma), (spec.nu, spec.tau)):
        ends += [place - 3.6 * width, place + 3.6 * width]
    lo, hi = min(ends), max(ends)
    step = 2.0 ** np.floor(np.log2(max(hi - lo, 1e-6))) / 4
    return float(np.floor(lo / step) * step), float(np.ceil(hi / step) * step)


# --- the tail -------------------------------------------------------------------------------------


class TailRow(NamedTuple):
    """P(Z > γ): the truth, both estimates with their standard errors, and the variance ratio."""

    truth: float
    crude: Importance
    shifted: Importance
    ratio: float


def tail(gamma: float, n: int, seed: int) -> TailRow:
    """Return P(Z > γ) of a standard normal by its own samples and by those of N(γ, 1)."""
    normal = DISTRIBUTIONS["normal"]
    p, q = normal(0.0, 1.0), normal(gamma, 1.0)

    def beyond(x: Any) -> Any:
        return x > gamma

    crude = importance_estimate(beyond, p, p, n, seed)
    shifted = importance_estimate(beyond, p, q, n, seed)
    return TailRow(float(p.sf(gamma)), crude, shifted, float(tail_ratio(gamma)))


def tail_ratio(gamma: Any) -> Any:
    """Return the variance of the crude estimate over that of the shifted one, exactly.

    E_q[w²; x > γ] = e^(γ²) P(Z > 2γ) for q = N(γ, 1).
    """
    p = DISTRIBUTIONS["normal"]()
    gamma = np.asarray(gamma, float)
    share = p.sf(gamma)
    second = np.exp(gamma**2 + p.logsf(2 * gamma))
    return share * (1 - share) / (second - share**2)


# --- code and presets -----------------------------------------------------------------------------
