"""The Hamiltonian along one leapfrog path, and how far its energy errs."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.states import HMCState
from gdviz.topics.mcmc.settings import McmcResult


class Flight(NamedTuple):
    """A leapfrog path, `q`, `p (L + 1, d)`, with the `potential` −log p(q) and `energy (L + 1,)`.

    The energy is H = −log p(q) + |p|²/2. `threshold` = −log u is the rise of H that the test of
    Metropolis lets pass; `taken` says whether it did.
    """

    q: Any
    p: Any
    potential: Any
    energy: Any
    threshold: float
    taken: bool


def flight(seen: McmcResult, draw: int, chain: int) -> Flight | None:
    """Return the path of a draw (1, 2, ...) of a chain, None where none was kept.

    The momenta come from the positions: q₊ = q + ε(p + ε/2 ∇log p(q)) solved for p, and at each
    point but the first p = (q − q₋)/ε + ε/2 ∇log p(q).
    """
    states, target = seen.states, seen.trace.target
    if not isinstance(states, HMCState) or not 0 < draw - seen.first <= len(states.path):
        return None
    q = np.asarray(states.path[draw - 1 - seen.first, chain], float)
    eps = float(states.step_size[draw - 1, chain])
    first = np.asarray(states.momentum[draw - 1, chain], float)
    p = np.concatenate([first[None], np.diff(q, axis=0) / eps + eps / 2 * target.grad(q[1:])])
    potential = -np.asarray(target.log_density(q), float)
    with np.errstate(over="ignore", invalid="ignore"):
        energy = potential + (p**2).sum(axis=1) / 2
    threshold = -float(states.log_u[draw - 1, chain])
    return Flight(q, p, potential, energy, threshold, bool(states.accepted[draw - 1, chain]))
