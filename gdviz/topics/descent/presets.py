"""The presets of the page descent, each with the reason why it is worth seeing."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.optimize import Run
from gdviz.topics.descent.settings import Descent, problem_of

_preset = partial(preset, Descent)
Runs = Mapping[str, Run]

# --- what the presets say, as tests of their runs -------------------------------------------------


def _one_factor(spec: Descent, runs: Runs) -> bool:
    """Each step shrinks x by the same factor 1 − ηf″, which is between 0 and 1."""
    x = runs["gd"].x[:, 0]
    return bool(np.allclose(x[1:] / x[:-1], 1 - 2 * spec.lr, rtol=1e-9) and 0 < 1 - 2 * spec.lr < 1)


def _at_once(spec: Descent, runs: Runs) -> bool:
    return runs["gd"].x[:, 0].tolist() == [spec.x0, 0.0] and spec.lr * 2 == 1


def _never_changes(spec: Descent, runs: Runs) -> bool:
    return runs["gd"].verdict == "2-cycle" and len(set(runs["gd"].f.tolist())) == 1


def _ever_longer(spec: Descent, runs: Runs) -> bool:
    steps = np.abs(np.diff(runs["gd"].x[:, 0]))
    leaves = abs(runs["gd"].x[-1, 0]) > problem_of(spec).box[0][1]
    return bool((np.diff(steps) > 0).all() and leaves and runs["gd"].status == "diverged")


def _bounded_and_chaotic(spec: Descent, runs: Runs) -> bool:
    return runs["gd"].verdict == "chaotic" and bool(np.abs(runs["gd"].x).max() < 2.2)


def _the_other_is_deeper(spec: Descent, runs: Runs) -> bool:
    careful, other = runs["gd"], problem_of(spec).f([-1.3008395659])
    return careful.status == "converged" and careful.x[-1, 0] > 0 and other < careful.f[-1] - 1


def _one_climbs(spec: Descent, runs: Runs) -> bool:
    plain, safe = runs["newton_plain"], runs["newton"]
    return plain.verdict.endswith("maximum") and safe.status == "converged"


def _stops_after_one(spec: Descent, runs: Runs) -> bool:
    run = runs["gd"]
    return len(run.x) == 2 and run.status == "stopped early" and abs(run.x[-1, 0]) > 4.9


def _only_the_ball_rolls_over(spec: Descent, runs: Runs) -> bool:
    ends = {name: float(run.x[-1, 0]) for name, run in runs.items()}
    return all((end < 2.5) == (name == "heavy_ball") for name, end in ends.items())


PRESETS = (
    _preset(
        "A safe rate",
        True,
        "η below 1/f″: every step shrinks the error by the same factor, without overshooting.",
        _one_factor,
        function="parabola",
        lr=0.15,
    ),
    _preset(
        "One step",
        True,
        "η = 1/f″ lands on the minimum of a parabola at once; that is Newton's step.",
        _at_once,
        function="parabola",
        lr=0.5,
    ),
    _preset(
        "2-cycle",
        False,
        "η = 2/f″ exactly: f never changes, so a rule that watches f calls this converged.",
        _never_changes,
        function="parabola",
        lr=1.0,
    ),
    _preset(
        "Divergence",
        False,
        "η beyond 2/f″: every step is longer than the last. Watch the arrow leave the window.",
        _ever_longer,
        function="parabola",
        lr=1.1,
        x0=0.3,
        steps=30,
    ),
    _preset(
        "Chaos",
        False,
        "Still bounded, never settling: beyond the 2-cycle the map x − ηf′(x) turns chaotic.",
        _bounded_and_chaotic,
        function="double_well",
        lr=0.21,
        x0=-1.0,
        steps=200,
    ),
    _preset(
        "Wrong valley",
        False,
        "A careful rate stays in the valley it starts in, though the other is deeper.",
        _the_other_is_deeper,
        function="double_well",
        lr=0.02,
        x0=1.8,
        methods=("gd", "heavy_ball"),
        steps=200,
    ),
    _preset(
        "Newton climbs",
        False,
        "Plain Newton solves f′ = 0 and finds the maximum; the safeguarded one descends.",
        _one_climbs,
        function="double_well",
        x0=0.3,
        methods=("newton_plain", "newton"),
    ),
    _preset(
        "Flat fools |Δf|",
        False,
        "The tutorial's rule stops after one step at x = 5: f hardly changes where f is flat.",
        _stops_after_one,
        function="flat",
        x0=5.0,
        lr=0.1,
        stop="value",
    ),
    _preset(
        "Four at once",
        True,
        "The same start and η: only the heavy ball is fast enough to roll over the hill.",
        _only_the_ball_rolls_over,
        function="wavy",
        x0=4.5,
        lr=0.05,
        methods=("gd", "heavy_ball", "nesterov", "adam"),
        steps=120,
    ),
)
