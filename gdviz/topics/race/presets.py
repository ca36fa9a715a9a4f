"""The presets of the optimizer race: settings worth seeing, each with its reason and its claim."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gdviz.catalogue.preset import Preset, every_knob
from gdviz.optimize import Run
from gdviz.optimize.linalg import norm
from gdviz.optimize.typed_rules import RULE
from gdviz.topics.race.racers import changed_knobs
from gdviz.topics.race.settings import NO_STOP, Race, run

Runs = Mapping[str, Run]


def _preset(
    label: str,
    good: bool,
    reason: str,
    claim: Callable[[Race, Runs], bool],
    hyper: Mapping[str, Any],
    **values: Any,
) -> Preset:
    """A preset sets every knob, those it does not name to their defaults."""
    every = every_knob(Race, values)
    given = [(name, tuple(pairs.items())) for name, pairs in hyper.items()]
    own = changed_knobs(every["methods"], given, every["rule"])
    return Preset(label, good, reason, every | {"hyper": own}, claim)


# --- what the presets say, as tests of their runs -------------------------------------------------


def _crawls_overshoots_adapts_bends(spec: Race, runs: Runs) -> bool:
    """Gd is far off, the ball was past the minimum and is back, Adam is even, Newton is there."""
    gd, ball, adam, newton = (runs[n] for n in ("gd", "heavy_ball", "adam", "newton"))
    crawls = gd.f[20] < 0.3 * gd.f[0] and norm(gd.x[-1] - 1) > 1.5
    overshoots = ball.x[:, 0].max() > 1.2 and norm(ball.x[-1] - 1) < 0.1
    pace = norm(np.diff(adam.x[20:180], axis=0))
    adapts = pace.max() < 10 * pace.min() and norm(adam.x[-1] - 1) < norm(gd.x[-1] - 1) / 3
    return (
        bool(crawls and overshoots and adapts)
        and newton.status == "converged"
        and len(newton.x) < 30
    )


def _ends_differ(spec: Race, runs: Runs) -> bool:
    ends = {tuple(np.round(run.x[-1], 0).tolist()) for run in runs.values()}
    return len(ends) > 1 and sum(run.f[-1] < 1e-2 for run in runs.values()) >= 4


def _measures_by_laws(spec: Race, runs: Runs) -> bool:
    plain, natural = runs["gd"], runs["natural_gradient"]
    left = np.abs(natural.x[:15, 0] - 1)  # μ of the sample is 1
    halves = np.allclose(left[1:], left[:-1] / 2, rtol=1e-9)
    ends = natural.status == plain.status == "converged"
    return ends and halves and 2 * len(natural.x) < len(plain.x)


def _zigzags(run: Run) -> int:
    """Return how often the path turns by more than a right angle in its first 40 steps."""
    moves = np.diff(run.x[:41], axis=0)
    return int((np.sum(moves[1:] * moves[:-1], axis=1) < 0).sum())


def _momentum_adds_up(spec: Race, runs: Runs) -> bool:
    gd, ball, adam = runs["gd"], runs["heavy_ball"], runs["adam"]
    slow = all(run.status == "step limit" for run in (gd, adam))
    quick = ball.status == "converged" and runs["conjugate_gradient"].last <= 5
    return bool(_zigzags(gd) > 20 and slow and quick)


def _stays_on_the_ridge(spec: Race, runs: Runs) -> bool:
    return all((run.x[:, 1] == 0).all() and run.verdict.endswith("saddle") for run in runs.values())


def _slope_feelers_are_lost(spec: Race, runs: Runs) -> bool:
    lost = [runs[name] for name in ("gd", "heavy_ball")]
    named = all(run.status == "diverged" and "η·λmax" in run.reason for run in lost)
    adam = runs["adam"]
    return named and adam.status != "diverged" and bool(adam.f[-1] < adam.f[0])


def _decays_differ(spec: Race, runs: Runs) -> bool:
    """Adam + L2 ends where the gradient of f + ω|x|²/2 vanishes, AdamW somewhere else."""
    l2, decoupled = runs["adam"], runs["adamw"]
    pull = norm(l2.grad[-1] + 0.1 * l2.x[-1])
    return bool(pull < 1e-3 and norm(decoupled.x[-1] - l2.x[-1]) > 0.1)


def _decay_settles(spec: Race, runs: Runs) -> bool:
    """Under the decaying rate the last steps spread a tenth of those under a constant one."""
    constant = run(replace(spec, schedule="constant"))
    return all(
        (done.x[-20:].std(axis=0) < 0.1 * constant[name].x[-20:].std(axis=0)).all()
        for name, done in runs.items()
    )


def _values_only(spec: Race, runs: Runs) -> bool:
    simplex, quasi = runs["nelder_mead"], runs["bfgs"]
    return bool(simplex.status == quasi.status == "converged" and simplex.last > quasi.last)


def _tiring_settles(spec: Race, runs: Runs) -> bool:
    """The last steps of the typed rule spread a third of those of the heavy ball, or less."""
    typed, ball = (run.x[-50:].std(axis=0) for run in runs.values())
    return bool((typed < ball / 3).all())


def _held_back(spec: Race, runs: Runs) -> bool:
    alone = run(replace(spec, outer="none"))["gd"]
    return runs["gd"].status == "converged" and alone.status == "diverged"


def _never_rests(spec: Race, runs: Runs) -> bool:
    still = all(r.status == "converged" for r in run(replace(spec, outer="none")).values())
    return still and all(r.status == "oscillating" for r in runs.values())


PRESETS = (
    _preset(
        "The banana",
        True,
        "Rosenbrock's valley: gradient descent crawls along it, the heavy ball shoots past the "
        "minimum and comes back, Adam keeps an even pace, and Newton sees the bend.",
        _crawls_overshoots_adapts_bends,
        {
            "gd": {"lr": 0.001},
            "heavy_ball": {"lr": 0.0015, "momentum": 0.95},
            "adam": {"lr": 0.3},
        },
        surface="rosenbrock",
        x0=-1.2,
        y0=1.0,
        methods=("gd", "heavy_ball", "adam", "newton"),
        steps=200,
    ),
    _preset(
        "Four valleys",
        True,
        "One start, one surface, and not all methods end in the same minimum.",
        _ends_differ,
        {
            "gd": {"lr": 0.01},
            "heavy_ball": {"lr": 0.005},
            "adam": {"lr": 0.4},
            "rprop": {"lr": 0.1},
        },
        surface="himmelblau",
        x0=-0.3,
        y0=0.6,
        methods=("gd", "heavy_ball", "adam", "rprop", "newton"),
        steps=150,
    ),
    _preset(
        "Ill-conditioned",
        True,
        "A narrow, tilted bowl: gradient descent zigzags, momentum adds up what its steps have in "
        "common, conjugate gradients need four steps, and Adam's axes do not fit the tilt.",
        _momentum_adds_up,
        {"gd": {"lr": 0.018}, "heavy_ball": {"lr": 0.03, "momentum": 0.7}, "adam": {"lr": 0.2}},
        surface="rotated_bowl",
        x0=-3.0,
        y0=1.5,
        methods=("gd", "heavy_ball", "adam", "conjugate_gradient"),
        steps=200,
    ),
    _preset(
        "Saddle",
        False,
        "Started exactly on the ridge, both run into the saddle and stay: there y is 0, and so is "
        "its slope. A start at y = 1e-12 would leave.",
        _stays_on_the_ridge,
        {"gd": {"lr": 0.1}, "newton_plain": {}},
        surface="saddle",
        x0=1.5,
        y0=0.0,
        methods=("gd", "newton_plain"),
        steps=100,
    ),
    _preset(
        "Too fast",
        False,
        "The same η for all, beyond the edge of stability at the wall: those that feel the slope "
        "are lost.",
        _slope_feelers_are_lost,
        {"gd": {"lr": 0.003}, "heavy_ball": {"lr": 0.003}, "adam": {"lr": 0.003}},
        surface="rosenbrock",
        x0=-1.5,
        y0=2.0,
        methods=("gd", "heavy_ball", "adam"),
        steps=100,
    ),
    _preset(
        "AdamW is not Adam + L2",
        True,
        "The same decay ω, once in the gradient and once on the weights. Without noise Adam + L2 "
        "finds the minimum of f + ω|x|²/2; AdamW is pulled however small the gradient: elsewhere.",
        _decays_differ,
        {
            "adam": {"lr": 0.05, "weight_decay": 0.1},
            "adamw": {"lr": 0.05, "weight_decay": 0.1},
        },
        surface="rosenbrock",
        x0=-1.5,
        y0=2.0,
        methods=("adam", "adamw"),
        steps=2000,
        stop=NO_STOP,
    ),
    _preset(
        "Noise",
        True,
        "Stochastic gradients: a constant rate never settles, a decaying one does.",
        _decay_settles,
        {"gd": {"lr": 0.05}, "adam": {"lr": 0.15}},
        surface="bowl",
        x0=-3.0,
        y0=1.5,
        methods=("gd", "adam"),
        noise=3.0,
        schedule="cosine",
        steps=300,
        stop=NO_STOP,
    ),
    _preset(
        "A likelihood",
        True,
        "−log p of a sample over μ and log σ. While σ is large the slope is flat and gradient "
        "descent slow; the natural gradient measures by laws, and halves the way of μ each step.",
        _measures_by_laws,
        {"gd": {"lr": 0.2}, "natural_gradient": {"lr": 0.5}},
        surface="normal_likelihood",
        x0=-3.0,
        y0=1.0,
        methods=("gd", "natural_gradient"),
    ),
    _preset(
        "No derivatives",
        True,
        "Nelder-Mead's simplex crawls like an amoeba; it asks for values only.",
        _values_only,
        {},
        surface="himmelblau",
        x0=0.5,
        y0=-4.0,
        methods=("nelder_mead", "bfgs"),
        steps=80,
    ),
    _preset(
        "Your rule",
        True,
        "A rule typed by hand beside the heavy ball: its steps shrink as 1/√t, so that under noise "
        "it settles where a constant rate does not. Change a line.",
        _tiring_settles,
        {RULE: {"lr": 0.2}, "heavy_ball": {"lr": 0.02}},
        surface="bowl",
        x0=-3.0,
        y0=1.5,
        methods=(RULE, "heavy_ball"),
        noise=3.0,
        steps=300,
        stop=NO_STOP,
    ),
    _preset(
        "Held back by Lookahead",
        True,
        "η = 0.25 is beyond 2/λ = 0.2: alone gradient descent diverges. Lookahead takes back 70 % "
        "of every three steps, and it converges.",
        _held_back,
        {"gd": {"lr": 0.25}},
        surface="bowl",
        methods=("gd",),
        x0=-4.0,
        steps=300,
        outer="lookahead",
        outer_period=3,
        outer_pull=0.3,
    ),
    _preset(
        "SAM never rests",
        False,
        "Each rule gets the gradient of a point uphill (the arrow). Beside the minimum that point "
        "changes sides, and all three go on jumping. Without SAM all three converge.",
        _never_rests,
        {"gd": {"lr": 0.05}, "heavy_ball": {"lr": 0.02}, "adam": {"lr": 0.1}},
        surface="bowl",
        methods=("gd", "heavy_ball", "adam"),
        x0=-4.0,
        y0=1.5,
        steps=300,
        outer="sam",
        outer_climb=0.3,
    ),
)
