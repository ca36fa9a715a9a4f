"""Rules for a weight that is a matrix: Muon, Shampoo, SOAP, and those that see entries only."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gdviz.optimize.elementwise import Update, update
from gdviz.optimize.methods import METHODS

# Of aX + bXXᵀX + c(XXᵀ)²X. The first has the steepest slope at 0 and hovers about 1 (Jordan et al.
# 2024); the second converges to 1, in the third order (its derivatives 1 and 2 vanish there).
COEFFICIENTS = {"steep": (3.4445, -4.7750, 2.0315), "exact": (1.875, -1.25, 0.375)}
SMALLEST = 1e-7  # what a matrix is divided by at least, as in torch.optim.Muon


def newton_schulz(
    G: Any, steps: int = 5, coefficients: tuple[float, float, float] = COEFFICIENTS["steep"]
) -> np.ndarray:
    """Return G/|G| and what each step makes of it, `(steps + 1, m, n)`: all σ are driven to 1.

    X ← aX + bXXᵀX + c(XXᵀ)²X keeps the singular vectors of X and maps its singular values by
    aσ + bσ³ + cσ⁵ (Jordan et al. 2024). |G| is the Frobenius norm.
    """
    a, b, c = coefficients
    X = np.asarray(G, float)
    tall = X.shape[0] > X.shape[1]  # then XᵀX is the smaller product
    X = X.T if tall else X
    found = [X / max(float(np.linalg.norm(X)), SMALLEST)]
    for _ in range(steps):
        X = found[-1]
        A = X @ X.T
        found.append(a * X + (b * A + c * A @ A) @ X)
    return np.array([X.T for X in found] if tall else found)


def polar(G: Any) -> np.ndarray:
    """Return UVᵀ of G = USVᵀ: the orthogonal matrix that is nearest to G."""
    U, _, Vt = np.linalg.svd(G, full_matrices=False)
    return U @ Vt


def muon_mean(G: Any, V: Any, momentum: float) -> tuple[Any, Any]:
    """Return Nesterov's mean of the gradients, which Muon orthogonalises, and the new memory V."""
    V = momentum * V + (1 - momentum) * G
    return momentum * V + (1 - momentum) * G, V


def muon(
    lr: float = 0.02,
    momentum: float = 0.95,
    steps: int = 5,
    coefficients: tuple[float, float, float] = COEFFICIENTS["steep"],
) -> Update:
    """Muon: W ← W − η √max(1, m/n) NS(mean of G), each direction by the same length.

    Jordan et al. (2024), with Nesterov's mean and without weight decay, in double precision.
    """

    def step(W: Any, G: Any, t: int, memory: Any, factor: float = 1.0) -> Any:
        mean, V = muon_mean(G, memory[0], momentum)
        rate = lr * factor * max(1.0, W.shape[0] / W.shape[1]) ** 0.5
        return W - rate * newton_schulz(mean, steps, coefficients)[-1], (V,)

    return Update(lambda W: (np.zeros_like(W),), step)


def inverse_power(P: Any, power: float, least: float) -> np.ndarray:
    """Return P^(−power) of a symmetric matrix whose eigenvalues are known to be `least` or more."""
    values, vectors = np.linalg.eigh(P)
    return (vectors * np.maximum(values, least) ** -power) @ vectors.T


def shampoo(lr: float = 0.1, eps: float = 1e-6, power: float = 0.25) -> Update:
    """Shampoo: L ← L + GGᵀ, R ← R + GᵀG, W ← W − η L^(−p) G R^(−p), both from εI.

    Gupta, Koren and Singer (2018), Algorithm 1, with p = 1/4. Some implementations take 1/2.
    """

    def rest(W: Any) -> tuple[Any, ...]:
        return tuple(eps * np.eye(k) for k in W.shape)

    def step(W: Any, G: Any, t: int, memory: Any, factor: float = 1.0) -> Any:
        L, R = memory[0] + G @ G.T, memory[1] + G.T @ G
        left, right = (inverse_power(P, power, eps) for P in (L, R))
        return W - lr * factor * left @ G @ right, (L, R)

    return Update(rest, step)


def _eigenbasis(P: Any) -> Any:
    """Return the eigenvectors of a symmetric matrix, that of the largest eigenvalue first."""
    return np.linalg.eigh(P)[1][:, ::-1]


def _turned(P: Any, Q: Any) -> tuple[Any, Any]:
    """Return a basis Q after one round of the power iteration by P, and in which order it was.

    The columns are first put in the order of QᵀPQ, the largest first; then PQ is made orthogonal.
    """
    order = np.argsort(-np.diagonal(Q.T @ P @ Q), kind="stable")
    return np.linalg.qr(P @ Q[:, order])[0], order


def soap(
    lr: float = 0.02,
    beta1: float = 0.95,
    beta2: float = 0.95,
    eps: float = 1e-8,
    every: int = 10,
) -> Update:
    """SOAP: Adam in the eigenbasis of Shampoo's L and R, which are means here, and forget.

    Vyas et al. 2024 (arXiv 2409.11321), Algorithm 3, as in the authors' code: the first step only
    looks at the gradient; the bases take one round of a power iteration `every` so many steps; ε is
    added before the correction of v for its start. A first gradient that has not the full rank
    leaves a part of its basis to chance.
    """

    def rest(W: Any) -> tuple[Any, ...]:
        m, n = W.shape
        return 0.0 * W, 0.0 * W, np.zeros((m, m)), np.zeros((n, n)), np.eye(m), np.eye(n)

    def step(W: Any, G: Any, t: int, memory: Any, factor: float = 1.0) -> Any:
        M, V, L, R, left, right = memory
        k = t - 1  # steps that move
        if k:
            M = beta1 * M + (1 - beta1) * G
            V = beta2 * V + (1 - beta2) * (left.T @ G @ right) ** 2
            rate = lr * factor * (1 - beta2**k) ** 0.5 / (1 - beta1**k)
            W = W - rate * left @ ((left.T @ M @ right) / (np.sqrt(V) + eps)) @ right.T
        L, R = (beta2 * P + (1 - beta2) * Q for P, Q in ((L, G @ G.T), (R, G.T @ G)))
        if not k:
            left, right = _eigenbasis(L), _eigenbasis(R)
        elif k % every == 0:
            (left, rows), (right, columns) = _turned(L, left), _turned(R, right)
            V = V[rows][:, columns]
        return W, (M, V, L, R, left, right)

    return Update(rest, step)


# By name: a function of the rate and other knobs that gives the update of one matrix.
MATRIX_RULES: dict[str, Callable[..., Update]] = {
    "gd": partial(update, METHODS["gd"]),
    "adam": partial(update, METHODS["adam"]),
    "muon": muon,
    "shampoo": shampoo,
    "soap": soap,
}
