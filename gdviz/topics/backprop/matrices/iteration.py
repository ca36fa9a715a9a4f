"""Newton–Schulz inside one step of Muon: the matrix that it starts from, and each round."""

from typing import NamedTuple

import numpy as np

from gdviz.learn.linear_network import gradients
from gdviz.optimize.matrix_rules import COEFFICIENTS, muon_mean, newton_schulz, polar
from gdviz.topics.backprop.matrices.settings import Matrices, MatrixRun, seen_of, task_of


class Rounds(NamedTuple):
    """The rounds `matrices (rounds + 1, m, n)`, their singular values, and the goal UVᵀ."""

    matrices: np.ndarray
    values: np.ndarray
    goal: np.ndarray


def rounds_at(spec: Matrices, one: MatrixRun, step: int) -> Rounds:
    """Return the rounds of Newton–Schulz for the update that follows a step of Muon's training."""
    task, layer = task_of(spec), seen_of(spec)
    mean = V = np.zeros(one.layers[layer].shape[1:])
    for t in range(min(step, len(one.losses) - 1) + 1):
        slope = gradients([W[t] for W in one.layers], task)[layer]
        mean, V = muon_mean(slope, V, spec.inertia)
    found = newton_schulz(mean, spec.rounds, COEFFICIENTS[spec.pattern])
    return Rounds(found, np.linalg.svd(found, compute_uv=False), polar(mean))
