"""One update of a method that asks the problem for more: its direction, its trials, its step."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.optimize.latex import number


class UpdateLine(NamedTuple):
    """One inner state of an update: a sentence, the formula, the formula with its numbers."""

    sentence: str
    formula: str
    numbers: str


def search_lines(name: str, run: Any, k: int) -> list[UpdateLine]:
    """Return the moments of a method with a direction of its own: gradient, direction, search."""
    move = run.x[k + 1] - run.x[k]
    moments = [
        UpdateLine("Measure the gradient.", r"g = \nabla f(x_k)", f"g = {vector(run.grad[k])}"),
        *_DIRECTIONS.get(name, lambda r, i: [])(run, k),
    ]
    if "trials" in run.trace._fields:
        tried = int(run.tried[k + 1])
        words = "The first trial already pays." if tried == 1 else f"{tried} trials, in turn."
        fall = f"f: {number(run.f[k])} \\to {number(run.f[k + 1])}"
        moments.append(UpdateLine(words, r"x_k + \alpha p", fall))
    step = f"{vector(run.x[k])} + {vector(move)} = {vector(run.x[k + 1])}"
    return [*moments, UpdateLine("Take the step.", r"x_{k+1} = x_k + \alpha p", step)]


def vector(values: Any) -> str:
    """Return the numbers of a point as LaTeX, in brackets."""
    return r"\left(" + r",\, ".join(number(v).strip("()") for v in values) + r"\right)"


def _matrix(values: Any) -> str:
    rows = r" \\ ".join(" & ".join(number(v).strip("()") for v in line) for line in values)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _information(run: Any, k: int) -> list[UpdateLine]:
    F = run.problem.fisher(run.x[k])
    words = "Measure how far a move of the parameters moves the law: the Fisher information."
    formula = r"F = \mathbb{E}[\nabla \log p\,\nabla \log p^\top]"
    return [UpdateLine(words, formula, f"F = {_matrix(F)}")]


def _hessian(run: Any, k: int) -> list[UpdateLine]:
    H = run.problem.hess(run.x[k])
    values = np.linalg.eigvalsh(H)
    flip = (
        " A negative one is turned positive, so that the step descends." if values.min() < 0 else ""
    )
    return [
        UpdateLine("Measure the curvature.", r"H = \nabla^2 f(x_k)", f"H = {_matrix(H)}"),
        UpdateLine(
            f"Its eigenvalues say how steep each way bends.{flip}",
            r"\lambda(H)",
            rf"\lambda = {vector(values)}",
        ),
    ]


def _learnt(run: Any, k: int) -> list[UpdateLine]:
    return [
        UpdateLine(
            "The inverse curvature as learnt from the moves so far turns the gradient.",
            r"p = -H g",
            rf"H = {_matrix(run.H[k])}",
        )
    ]


def _conjugate(run: Any, k: int) -> list[UpdateLine]:
    words = "Mix the downhill direction with the last one, so that they do not undo each other."
    return [UpdateLine(words, r"p = -g + \beta^+ p_{k-1}", f"p = {vector(run.direction[k])}")]


def _simplex(run: Any, k: int) -> list[UpdateLine]:
    best, worst = run.f_simplex[k, 0], run.f_simplex[k, -1]
    return [
        UpdateLine(
            "The corners in order: the worst one is to be replaced.",
            r"f_{\text{best}},\, f_{\text{worst}}",
            f"{number(best)},\\, {number(worst)}",
        )
    ]


def _uphill(run: Any, k: int) -> list[UpdateLine]:
    there = run.ascent[k]
    return [
        UpdateLine(
            "Climb a step of length ρ, straight up.",
            r"x_k + \rho\, g / |g|",
            rf"{vector(run.x[k])} \to {vector(there)}",
        ),
        UpdateLine(
            "Measure the gradient up there: it is the one that is followed.",
            r"\nabla f(x_k + \rho\, g / |g|)",
            vector(run.problem.grad(there)),
        ),
    ]


def _gap(run: Any, k: int) -> list[UpdateLine]:
    square = float(run.grad[k] @ run.grad[k])
    return [
        UpdateLine(
            "How high f stands, over the squared slope: where a line down the gradient meets f*.",
            r"\eta_k = \min\left(\eta,\, (f - f^*) / |g|^2\right)",
            rf"f = {number(run.f[k])},\, |g|^2 = {number(square)}",
        )
    ]


def _diagonal(run: Any, k: int) -> list[UpdateLine]:
    looked = bool(run.tried[k + 1])
    words = "Look at the diagonal of the Hessian, and keep a mean of it."
    return [
        UpdateLine(
            words if looked else "Keep the mean of the diagonal: this step does not look.",
            r"h \leftarrow \beta_2 h + (1 - \beta_2) \operatorname{diag} H" if looked else "h",
            f"h = {vector(run.h[k + 1])}",
        ),
        UpdateLine(
            "Update the mean of the gradients.",
            r"m \leftarrow \beta_1 m + (1 - \beta_1) g",
            f"m = {vector(run.m[k + 1])}",
        ),
        UpdateLine(
            "Divide by the share of h, and let no coordinate step farther than η.",
            r"x \leftarrow x - \eta \operatorname{clip}(m / \max(\gamma h, \varepsilon))",
            rf"{vector(run.x[k])} \to {vector(run.x[k + 1])}",
        ),
    ]


def _model(run: Any, k: int) -> list[UpdateLine]:
    words = "The model is trusted inside a disk: the step is the best of the bent path in it."
    disk = rf"\Delta_k = {number(run.radius[k])}"
    return [*_hessian(run, k), UpdateLine(words, r"|p| \le \Delta_k", disk)]


def _damped(run: Any, k: int) -> list[UpdateLine]:
    words = "Solve for the step with the damping added: more of it makes a shorter step."
    formula = r"(J^T J + \lambda I)\, p = -J^T r"
    return [UpdateLine(words, formula, rf"\lambda = {number(run.damping[k])}")]


def _cloud(run: Any, k: int) -> list[UpdateLine]:
    drawn = run.population[k + 1]
    return [
        UpdateLine(
            f"Draw {len(drawn)} points around x from a normal law of this spread.",
            r"x_k + \sigma \sqrt{C}\, n_i",
            rf"\sigma = {number(run.sigma[k])},\, C = {_matrix(run.C[k])}",
        ),
        UpdateLine(
            "The better half, the best with most weight, is the new mean.",
            r"x_{k+1} = \textstyle\sum w_i x_{i:\lambda}",
            rf"\min f = {number(run.problem.f(drawn).min())}",
        ),
        UpdateLine(
            "Longer steps than chance explains widen the law, shorter ones narrow it.",
            r"\sigma",
            rf"\sigma: {number(run.sigma[k])} \to {number(run.sigma[k + 1])}",
        ),
    ]


_DIRECTIONS: dict[str, Callable[[Any, int], list[UpdateLine]]] = {
    "newton": _hessian,
    "newton_plain": _hessian,
    "natural_gradient": _information,
    "bfgs": _learnt,
    "conjugate_gradient": _conjugate,
    "nelder_mead": _simplex,
    "sam": _uphill,
    "polyak": _gap,
    "sophia": _diagonal,
    "trust_region": _model,
    "levenberg_marquardt": _damped,
    "cma_es": _cloud,
}
