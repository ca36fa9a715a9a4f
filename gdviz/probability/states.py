"""The states of the samplers: everything that a picture of one draw needs.

Each begins with where the chain is, `x (..., d)`, its log-density, whether the draw's proposal was
accepted, and how many evaluations of the log-density (or of its gradient) the draw has cost; then
comes what is the sampler's own; `memory` is what the next draw needs and no picture does.
"""

from typing import Any, NamedTuple


class ChainMemory(NamedTuple):
    """What outlives a draw, for each chain (or ensemble): `Z (chains, rows, 3 d)`, `m (chains, k)`.

    The rows and numbers are documented with the loops of `kernels.moves` and `kernels.flows`.
    """

    Z: Any
    m: Any


class RandomWalkState(NamedTuple):
    """Metropolis: the proposal, the test log u < log α, the factor of the proposals' covariance.

    `log_alpha` may exceed 0; the probability of acceptance is min(1, α).
    """

    x: Any
    log_density: Any
    accepted: Any
    evaluations: Any
    proposal: Any
    log_density_proposal: Any
    log_alpha: Any
    log_u: Any
    factor: Any
    memory: Any


class IndependenceState(NamedTuple):
    """Metropolis-Hastings: `log_correction` is log q(x) − log q(x′), part of log α."""

    x: Any
    log_density: Any
    accepted: Any
    evaluations: Any
    proposal: Any
    log_density_proposal: Any
    log_alpha: Any
    log_u: Any
    log_correction: Any
    memory: Any


class SliceState(NamedTuple):
    """Slice sampling: by coordinate the log height, the interval it was left with, the corner."""

    x: Any
    log_density: Any
    accepted: Any
    evaluations: Any
    level: Any
    left: Any
    right: Any
    corners: Any
    memory: Any


class GibbsState(NamedTuple):
    """Gibbs: `corners (..., d, d)` has in column j the point after coordinate j was drawn."""

    x: Any
    log_density: Any
    accepted: Any
    evaluations: Any
    corners: Any
    memory: Any


class HMCState(NamedTuple):
    """Hamiltonian: the momentum drawn, the energy kept, divergence, the leapfrog `path`."""

    x: Any
    log_density: Any
    accepted: Any
    evaluations: Any
    proposal: Any
    log_density_proposal: Any
    log_alpha: Any
    log_u: Any
    momentum: Any
    energy: Any
    divergent: Any
    step_size: Any
    path: Any
    memory: Any


class NUTSState(NamedTuple):
    """NUTS: the last leaf, its momentum, energy, divergence, step, depth, mean acceptance, tree.

    `tree (..., leaves, d + 1)` holds the leaves in the order visited; its last column is the
    doubling that added the leaf, negative backwards in time.
    """

    x: Any
    log_density: Any
    accepted: Any
    evaluations: Any
    leaf: Any
    momentum: Any
    energy: Any
    divergent: Any
    step_size: Any
    depth: Any
    acceptance: Any
    tree: Any
    memory: Any


class StretchState(NamedTuple):
    """A walker of the stretch move: the partner it moved along, and the factor of the stretch."""

    x: Any
    log_density: Any
    accepted: Any
    evaluations: Any
    proposal: Any
    log_density_proposal: Any
    log_alpha: Any
    log_u: Any
    partner: Any
    factor: Any
    memory: Any


class TemperingState(NamedTuple):
    """Parallel tempering: the cold chain's test, the rung that swapped with the next, the rungs.

    `swapped` is −1 where none did; `rungs (..., rungs, d)` are their places, the cold one first.
    """

    x: Any
    log_density: Any
    accepted: Any
    evaluations: Any
    proposal: Any
    log_density_proposal: Any
    log_alpha: Any
    log_u: Any
    swapped: Any
    rungs: Any
    memory: Any


class SVGDState(NamedTuple):
    """Stein's particles: the direction of the one shown, and all of them `(..., particles, d)`."""

    x: Any
    log_density: Any
    accepted: Any
    evaluations: Any
    direction: Any
    particles: Any
    memory: Any
