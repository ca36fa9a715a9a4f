"""What the answers to a page's questions are by other ways than the questions' own.

Places are read off the picture: the end of a track that is drawn, or where it is lowest. Choices
are read off the legend, or worked out by another formula.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import integrate

from gdviz.catalogue import lookup
from gdviz.catalogue.question import Question, Questions, distance, is_valid, score
from gdviz.figures.legend import SIGNS
from gdviz.figures.scene import Scene
from gdviz.geometry import distance as fisher_distance
from gdviz.learn.activations import ACTIVATIONS
from gdviz.topics.backprop.chain.settings import differences
from gdviz.topics.backprop.matrices.settings import RACERS
from gdviz.topics.geometry.settings import member, point
from gdviz.topics.importance.settings import proposal_of, target_of
from gdviz.topics.integration.question import estimate, question

CLOSE = 1e-6  # of the range: a place read off the picture, which is drawn in 64 bits here


def wrong_answers(page: str, spec: Any, asked: Questions) -> list[str]:
    """Return the questions of settings that another way answers otherwise, or that do not score."""
    scene = lookup.picture_of(spec).scene
    wrong = []
    for one in asked:
        truth = TRUTHS[page](spec, scene, one)
        if not truth or not all(_is_answer(one, guess) for guess in truth):
            wrong.append(f"{one.text} {one.answers} is not {truth}: {one.told}")
    return wrong


def _is_answer(one: Question, guess: tuple[float, ...]) -> bool:
    same = is_valid(one, guess) and distance(one, guess) < CLOSE and score(one, guess) == 100
    return same and one.text.endswith("?") and one.told.endswith((".", "°"))


# --- places: on the tracks of the picture ---------------------------------------------------------


def tracks(scene: Scene, panel: int) -> dict[str, np.ndarray]:
    """Return the tracks of a panel by name, `(steps, 2)`."""
    found = [layer for layer in scene.layers if layer.kind == "track" and layer.panel == panel]
    return {t.name: np.column_stack([t.x, t.y]).astype(float) for t in found}


def end_of(scene: Scene, one: Question, name: str) -> list[tuple[float, ...]]:
    """Return the last point of a track, or its coordinate that is asked for."""
    x, y = tracks(scene, one.panel)[name][-1]
    return [{"point": (x, y), "x": (x,), "y": (y,)}[one.kind]]


def lowest_of(scene: Scene, one: Question, name: str) -> list[tuple[float, ...]]:
    """Return where a track is lowest."""
    path = tracks(scene, one.panel)[name]
    return [(float(path[np.argmin(path[:, 1]), 0]),)]


# --- choices --------------------------------------------------------------------------------------


def by_words(one: Question, *right: str) -> list[tuple[float, ...]]:
    """Return the choices that are some words, or else those that begin with them."""
    whole = [(float(i),) for i, said in enumerate(one.choices) if said in right]
    return whole or [(float(i),) for i, said in enumerate(one.choices) if said.startswith(right)]


def between(one: Question, value: float) -> list[tuple[float, ...]]:
    """Return the choice whose limits, as they are written, hold a share."""
    limits = [[int(n) / 100 for n in re.findall(r"(\d+)%", words)] for words in one.choices]
    limits[0], limits[-1] = [-np.inf, *limits[0]], [*limits[-1], np.inf]
    return [(float(i),) for i, (low, high) in enumerate(limits) if low <= value <= high]


def signs(scene: Scene) -> dict[str, str]:
    """Return how the runs of the legend ended, by the sign before the verdict."""
    words = {sign: status for status, sign in SIGNS.items() if status not in ("limit", "left")}
    return {c.name: words.get(c.verdict[0], "") for c in scene.chips}


ENDS = {
    "converged": "It converges",
    "stationary": "It comes to rest",
    "oscillating": "It jumps",
    "diverged": "It diverges",
    "step limit": "It is still",
    "stopped early": "It is stopped",
}


def least(one: Question, ends: dict[str, float]) -> list[tuple[float, ...]]:
    """Return the choices of the lowest end, those included that are as low to nine digits."""
    best = min(ends.values())
    return by_words(one, *(n for n, v in ends.items() if v <= best + 1e-9 * max(1.0, abs(best))))


def of_runs(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    """Race and descent."""
    runs, ended = lookup.run(spec), signs(scene)
    if one.id.startswith("end "):
        return end_of(scene, one, runs[one.id[4:]].title)
    if one.id.startswith("ending "):
        return by_words(one, ENDS[ended[runs[one.id[7:]].title]])
    if one.id == "diverging":
        return by_words(one, *(name for name, status in ended.items() if status == "diverged"))
    names = {run.title: run for run in runs.values() if ended[run.title] != "diverged"}
    if one.id == "lowest":
        return least(one, {n: float(run.problem.f(run.x[-1])) for n, run in names.items()})
    steps = {
        name: int(found[1])
        for name, run in names.items()
        if (found := re.search(r"converged in (\d+) step", run.verdict)) and run.fired
    }
    return by_words(one, *(n for n, k in steps.items() if k == min(steps.values())))


def of_compare(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    return by_words(one, max(scene.chips, key=lambda chip: float(chip.verdict)).name)


def of_lost(one: Question, lost: bool) -> list[tuple[float, ...]]:
    return by_words(one, "Yes" if lost else "No")


def of_line(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    done = lookup.run(spec)
    labels = {"batch": "all rows", "mini": "mini-batches", "sgd": "single rows (SGD)"}
    if one.id.startswith("end "):
        return end_of(scene, one, labels[one.id[4:]])
    lost = {kind: "diverged" in done.fits[kind].status for kind in done.fits}
    if one.id == "lost":
        return of_lost(one, *lost.values())
    if one.id == "diverging":
        return by_words(one, *(labels[kind] for kind, gone in lost.items() if gone))
    kept = {labels[k]: done.goal.f(fit.theta[-1]) for k, fit in done.fits.items() if not lost[k]}
    return least(one, {name: float(value) for name, value in kept.items()})


def of_many(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    if one.id == "lost":
        return of_lost(one, "✕" in scene.chips[0].verdict)
    return (lowest_of if one.id == "turn" else end_of)(scene, one, "test error")


def of_houses(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    def r2(pipe: Any) -> float:
        y = pipe.y[pipe.test]
        return float(1 - np.var(y - pipe.prediction_test) / np.var(y))  # but for a mean of the rest

    done = lookup.run(spec)
    if one.id == "predicted":
        return between(one, r2(done.honest))
    gain = r2(done.shown) - r2(done.honest)
    return by_words(one, "As good" if abs(gain) < 0.01 else "Better" if gain > 0 else "Worse")


def of_double_descent(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    done = lookup.run(spec)
    test, n = done.test[-1], len(done.x)
    first = int(np.argmin(np.where(done.p < n, test, np.inf)))
    peak = max(range(first, len(test)), key=lambda k: test[k])
    if one.id == "peak":
        return [(float(done.p[peak]),)]
    return by_words(one, "Below n" if test[first] < test[peak:].min() else "Beyond")


def of_playground(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    if one.id == "lost":
        return of_lost(one, any(chip.name == "diverged" for chip in scene.chips))
    if one.id == "turn":
        return lowest_of(scene, one, "test loss")
    if one.id == "loss":
        return end_of(scene, one, "train loss")
    (right,) = re.findall(r"([\d.]+)% right", scene.chips[-1].verdict)
    return between(one, float(right) / 100)


def of_chain(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    graph = lookup.run(spec)
    names = [node.name for node in graph]
    slope = differences(graph)[names.index(one.id.removeprefix("way "))]
    return by_words(
        one, "It stays" if abs(slope) < 1e-9 else "It grows" if slope > 0 else "It falls"
    )


def of_layer(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    """Plain NumPy, by the program that the page gives away."""
    found = lookup.run(spec)
    X, W, b, Y = found.X, found.W.copy(), found.b.copy(), found.Y
    kind = ACTIVATIONS[spec.layer_activation]
    count = Y.size if spec.reduction == "mean" else 1 / spec.repeats
    errors = []
    with np.errstate(all="ignore"):
        for _ in range(101):
            Z = X @ W + b
            errors.append(float(np.mean((kind.value(Z) - Y) ** 2)))
            dZ = 2 * (kind.value(Z) - Y) / count * kind.slope(Z)
            W, b = W - spec.rate * X.T @ dZ, b - spec.rate * dZ.sum(axis=0)
    grown = errors[-1] > errors[0] or not np.isfinite(errors[-1])
    lost = not errors[-1] < 1e6 * max(errors[0], 1)
    return by_words(one, "It leaves" if lost else "It grows" if grown else "It falls")


def of_edge(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    if one.id == "loss":
        return end_of(scene, one, "loss")
    readings = {
        layer.name: np.asarray(layer.values) for layer in scene.layers if layer.kind == "reading"
    }
    sharp, limit = (values for name, values in readings.items() if not name.startswith("loss"))
    near = sharp >= 0.95 * limit
    if one.id == "when":
        return [(float(list(near).index(True)),)]
    last = (sharp / limit)[-max(1, len(sharp) // 3) :]
    hovers, below = bool((abs(last - 1) <= 0.05).all()), bool((last < 0.95).all())
    lost = "lost" in scene.chips[0].verdict
    words = "At it" if hovers else "Below" if below else "Beyond it"
    return by_words(one, "The training" if lost else words)


def of_landscape(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    """Least squares for what a plane leaves out; a barrier read off the losses on the line."""
    done = lookup.run(spec)
    if one.id == "matching":
        t = np.linspace(0, 1, len(done.twin.before))
        lines = (done.twin.before, done.twin.after)
        high, low = (float(np.max(c - np.interp(t, (0, 1), c[[0, -1]]))) for c in lines)
        return by_words(one, "Yes" if low < high else "No")
    moves = done.path - done.plane.origin
    inside = done.plane.axes.T @ np.linalg.lstsq(done.plane.axes.T, moves.T, rcond=None)[0]
    return between(one, float(np.sum((moves.T - inside) ** 2) / np.sum(moves**2)))


def of_matrices(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    done = lookup.run(spec)
    lost = {chip.name for chip in scene.chips if "✕" in chip.verdict}
    if one.id == "diverging":
        return by_words(one, *lost)
    if one.id == "lowest":
        ends = {RACERS[n]: float(run.losses[-1]) for n, run in done.runs.items()}
        return least(one, {name: end for name, end in ends.items() if name not in lost})
    strength, target = done.runs[one.id.split()[1]].strengths[:, 0], done.target[0]
    step = next(k for k in range(len(strength)) if (abs(strength[k:] / target - 1) <= 0.1).all())
    return [(float(step),)]


def of_recommender(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    course = lookup.run(spec)
    if one.id == "lost":
        return of_lost(one, len(course.train) <= spec.epochs and not spec.early)
    if one.id == "beats":
        return by_words(
            one, "Yes" if min(course.test) < course.data.biases.rmse(course.data.test) else "No"
        )
    name = next(name for name in tracks(scene, 0) if "test" in name)
    return (lowest_of if one.id == "turn" else end_of)(scene, one, name)


def of_integration(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    """SciPy's adaptive quadrature; it finds a number for everything, so tails are watched."""
    asked = question(spec)

    def integral(lo: float, hi: float, **more: Any) -> float:
        return integrate.quad(lambda x: float(asked.f(x)), lo, hi, limit=400, **more)[0]

    if one.id == "exists":
        near, far = (integral(-reach, reach) for reach in (1e3, 1e4))
        return by_words(one, "+∞" if far > 5 * near else "A number")
    inside = [p for p in asked.points if asked.lo < p < asked.hi]
    finite = np.isfinite(asked.hi - asked.lo)
    value = asked.sign * integral(asked.lo, asked.hi, **({"points": inside} if finite else {}))
    if one.id == "height":
        return [(value / (asked.hi - asked.lo),)]
    off = (estimate(spec).value - value) / abs(value)
    return by_words(one, "Right" if abs(off) < 3e-9 else "Too small" if off < 0 else "Too large")


def of_importance(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    found = lookup.run(spec).found
    logs = target_of(spec).logpdf(found.samples) - proposal_of(spec).logpdf(found.samples)
    if one.id == "heaviest":
        return [(float(found.samples[np.argsort(logs)[-1]]),)]
    w = np.exp(logs - logs.max())
    if one.id == "effective":
        return between(one, float(w.sum() ** 2 / (w @ w) / len(w)))
    return by_words(one, "Infinite" if any(c.name == "variance" for c in scene.chips) else "Finite")


def of_mcmc(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    seen = lookup.run(spec)
    x = seen.x[seen.burn :].reshape(-1, seen.x.shape[-1])
    if one.id == "mean":
        return [tuple(x.mean(axis=0).tolist())]
    if one.id == "accepted":
        return between(one, float(np.mean(seen.trace.states.accepted)))
    if one.id == "humps":
        means = np.array([part.mean for part in seen.trace.target.mixture])
        near = np.argmin(np.linalg.norm(x[:, None] - means, axis=-1), axis=1)
        shares = np.bincount(near, minlength=len(means)) / len(x)
        return by_words(one, f"{(shares > 0.01).sum()} of")
    level = scene.chips[0].verdict[0]
    return by_words(one, {"✕": "Do not", "!": "Doubtful", "✓": "Nothing"}[level])


def of_geometry(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    if one.id == "end":
        return end_of(scene, one, "geodesic")
    if one.id == "turn":
        degrees = float(tracks(scene, 1)["turned by"][-1, 1])
        words = "Clockwise" if degrees < 0 else "Counter"
        return by_words(one, "By less" if abs(degrees) < 1 else words)
    if one.id == "inside":
        (reading,) = (x for x in scene.layers if x.name == "share in the ellipse")
        return between(one, float(reading.values[-1]))
    if one.id == "longest":
        lengths = {c.name: float(re.findall(r"[\d.]+", c.verdict)[0]) for c in scene.chips}
        return by_words(one, max(lengths, key=lambda name: lengths[name]))
    if spec.room == "other" and spec.other == "dirichlet":
        return [one.answers[0]]  # a mean alone does not tell the member: see the families' tests
    other = spec.room == "other"
    family = spec.other if other else spec.family
    ends = [(member if other else point)(spec, which) for which in "ab"]
    middle = np.array(one.answers[0])
    halves = [float(fisher_distance(family, end, middle)) for end in ends]
    whole = float(fisher_distance(family, *ends))
    return [one.answers[0]] if np.allclose(halves, whole / 2, rtol=1e-6) else []


def of_natural_gradient(spec: Any, scene: Scene, one: Question) -> list[tuple[float, ...]]:
    lost = {chip.name for chip in scene.chips if chip.verdict.startswith("✕")}
    if one.id.startswith("end "):
        return end_of(scene, one, one.id[4:])
    if one.id == "diverging":
        return by_words(one, *(name.split(",")[0] for name in lost))
    readings = {x.name: float(x.values[-1]) for x in scene.layers if x.kind == "reading"}
    if spec.room == "families":
        ends = {n.removesuffix(", loss"): p[-1, 1] for n, p in tracks(scene, 1).items()}
        return least(one, {name: 10.0**end for name, end in ends.items()})
    ends = {name.removeprefix("loss "): end for name, end in readings.items()}
    return least(one, {n: e for n, e in ends.items() if not any(x.startswith(n) for x in lost)})


TRUTHS: dict[str, Callable[[Any, Scene, Question], list[tuple[float, ...]]]] = {
    "descent": of_runs,
    "race": of_runs,
    "race_compare": of_compare,
    "regression": of_line,
    "regression_many": of_many,
    "regression_houses": of_houses,
    "regression_double_descent": of_double_descent,
    "backprop": of_playground,
    "backprop_chain": of_chain,
    "backprop_layer": of_layer,
    "backprop_edge": of_edge,
    "backprop_landscape": of_landscape,
    "backprop_matrices": of_matrices,
    "recommender": of_recommender,
    "integration": of_integration,
    "importance": of_importance,
    "mcmc": of_mcmc,
    "geometry": of_geometry,
    "natural_gradient": of_natural_gradient,
}
