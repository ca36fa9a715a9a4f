"""The samplers by name: factories `(target, **knobs) -> Kernel`."""

from collections.abc import Callable
from typing import Annotated

import numpy as np

from gdviz.knobs import Range
from gdviz.probability import states
from gdviz.probability.kernel import ChainPlan, Kernel, kernel
from gdviz.probability.states import ChainMemory
from gdviz.probability.target import SamplerError, Target

MOST_LEAVES = 127  # of a NUTS tree, that a picture keeps
PARTICLES = 100
HOTTEST = 20.0

Step = Annotated[float, Range(1e-3, 100.0, "step σ", "Sd of a proposal, each way.", log=True)]
Scale = Annotated[float, Range(0.01, 100.0, "scale", "Sd of the proposals.", log=True)]
Width = Annotated[float, Range(0.01, 100.0, "width w", "First guess at a slice.", log=True)]
Leap = Annotated[float, Range(1e-3, 10.0, "leapfrog step ε", log=True)]
Leaps = Annotated[int, Range(1, 100, "leapfrogs L")]
Delta = Annotated[float, Range(0.5, 0.99, "target acceptance δ", "The warm-up tunes ε to it.")]
Depth = Annotated[int, Range(1, 10, "greatest depth", "A tree has at most 2 to this leaves.")]
Stretch = Annotated[float, Range(1.05, 10.0, "stretch a")]
Rungs = Annotated[int, Range(2, 12, "rungs")]
Hottest = Annotated[float, Range(1.5, 1000.0, "hottest T", log=True)]
After = Annotated[int, Range(10, 1000, "adapt after", "Draws before the covariance is used.")]

Columns = tuple[tuple[str, tuple[int, ...]], ...]


def _tested(d: int) -> Columns:
    """Return the columns of a proposal and its test."""
    scalars = ("log_density_proposal", "log_alpha", "log_u")
    return (("proposal", (d,)), *((name, ()) for name in scalars))


def _memory(target: Target, rows: int, extra: int = 0) -> Callable[[np.ndarray], ChainMemory]:
    """Return the layout of chains that know a point and its log-density, in `rows` rows."""

    def remember(points: np.ndarray) -> ChainMemory:
        Z, m = np.zeros((len(points), rows, 3 * target.d)), np.zeros((len(points), 8 + extra))
        Z[:, 0, : target.d] = points
        m[:, 0] = target.log_density(points)
        return ChainMemory(Z, m)

    return remember


def _walk(target: Target, loop: str, step: float, adapt: tuple[float, float]) -> Kernel:
    d = target.d

    def remember(points: np.ndarray) -> ChainMemory:
        memory = _memory(target, 7)(points)
        for j in range(d):
            memory.Z[:, 2 + j, j] = step
        return memory

    columns = (*_tested(d), ("factor", (d, d)))
    return kernel(target, ChainPlan(loop, states.RandomWalkState, columns, adapt, remember))


def rwm(target: Target, step: Step = 1.0) -> Kernel:
    """Random-walk Metropolis: x′ ~ N(x, σ²I), accepted with probability min(1, p(x′)/p(x)).

    Metropolis et al. (1953); in log space, log u < log p(x′) − log p(x).
    """
    return _walk(target, "random_walk_metropolis", step, (0.0, 0.0))


def adaptive(target: Target, step: Step = 1.0, after: After = 100) -> Kernel:
    """Adaptive Metropolis: the warm-up's covariance times 2.38²/d shapes the proposals.

    Haario et al. (2001), equation 1; the adaptation ends with the warm-up.
    """
    adapt = float(after), (0.01 * step) ** 2
    return _walk(target, "adaptive_metropolis", step, adapt)


def independence(target: Target, scale: Scale = 3.0) -> Kernel:
    """Independence Metropolis: x′ ~ N(c, s²I) around the window's middle c, wherever x is.

    The proposal is not symmetric: α has the factor q(x)/q(x′) (Hastings 1970).
    """
    centre = np.mean(target.box, axis=1)
    columns = (*_tested(target.d), ("log_correction", ()))
    knobs = (scale, *centre)
    plan = ChainPlan(
        "independence_metropolis", states.IndependenceState, columns, knobs, _memory(target, 2)
    )
    return kernel(target, plan)


def gibbs(target: Target) -> Kernel:
    """Gibbs: each coordinate is drawn from its conditional, which is a mixture of normals.

    Geman and Geman (1984). Raises `SamplerError` where the conditionals are not known.
    """
    if not target.mixture:
        raise SamplerError(
            "Gibbs draws from the conditionals, and those of this target are not known: "
            "choose a mixture of normals, or another sampler."
        )
    rows = [(np.log(p.weight), *p.mean, *np.ravel(p.cov)) for p in target.mixture]
    d = target.d
    plan = ChainPlan(
        "gibbs", states.GibbsState, (("corners", (d, d)),), np.ravel(rows), _memory(target, 1)
    )
    return kernel(target, plan)


def slice_sampler(target: Target, width: Width = 2.0) -> Kernel:
    """Slice sampling: a uniform point under the density, one coordinate after the other.

    Neal (2003), section 4: stepping out by w at most 64 times, then shrinking.
    """
    d = target.d
    columns: Columns = (*((name, (d,)) for name in ("level", "left", "right")), ("corners", (d, d)))
    plan = ChainPlan("slice_sampler", states.SliceState, columns, (width,), _memory(target, 2))
    return kernel(target, plan)


def hmc(target: Target, step: Leap = 0.1, leaps: Leaps = 20) -> Kernel:
    """Hamiltonian Monte Carlo: a random kick, L leapfrogs of size ε, and a test of the energy.

    Duane et al. (1987); Neal (2011), section 5.2, with the identity as mass.
    """
    d = target.d
    rest = (("momentum", (d,)), ("energy", ()), ("divergent", ()), ("step_size", ()))
    return kernel(
        target,
        ChainPlan(
            "hamiltonian",
            states.HMCState,
            (*_tested(d), *rest),
            (step, leaps),
            _memory(target, leaps + 2),
            ("path", leaps + 1, d),
            gradient=True,
        ),
    )


def mala(target: Target, step: Leap = 0.3) -> Kernel:
    """The Metropolis-adjusted Langevin algorithm: x′ ~ N(x + ½ε²∇log p(x), ε²I), and the test.

    Roberts and Tweedie (1996). It is Hamiltonian Monte Carlo with one leapfrog, and is run so.
    """
    return hmc(target, step, 1)


def nuts(target: Target, delta: Delta = 0.8, step: Leap = 0.1, depth: Depth = 10) -> Kernel:
    """The no-U-turn sampler: leapfrogs both ways until the path turns back on itself.

    Hoffman and Gelman (2014) with the multinomial weights of Betancourt (2017); the warm-up tunes
    ε by dual averaging, from `step`, and then leaves it alone.
    """
    d = target.d

    def remember(points: np.ndarray) -> ChainMemory:
        memory = _memory(target, 10 + depth)(points)
        memory.m[:, 2], memory.m[:, 6] = step, -1.0
        return memory

    vectors = (("leaf", (d,)), ("momentum", (d,)))
    scalars = ("energy", "divergent", "step_size", "depth", "acceptance")
    return kernel(
        target,
        ChainPlan(
            "nuts",
            states.NUTSState,
            (*vectors, *((name, ()) for name in scalars)),
            (delta, depth),
            remember,
            ("tree", MOST_LEAVES, d + 1),
            gradient=True,
        ),
    )


def stretch(target: Target, stretch: Stretch = 2.0) -> Kernel:
    """The affine-invariant ensemble: a walker moves along the line to another one.

    Goodman and Weare (2010), equation 7. The chains are walkers of one ensemble of at least
    2 d + 2: they are not independent of one another.
    """
    d = target.d

    def remember(points: np.ndarray) -> ChainMemory:
        Z, m = np.zeros((1, len(points) + 1, 3 * d)), np.zeros((1, 8 + len(points)))
        Z[0, :-1, :d] = points
        m[0, 2 : 2 + len(points)] = target.log_density(points)
        return ChainMemory(Z, m)

    columns = (*_tested(d), ("partner", (d,)), ("factor", ()))
    plan = ChainPlan(
        "stretch_move", states.StretchState, columns, (stretch,), remember, together=2 * d + 2
    )
    return kernel(target, plan)


def tempering(
    target: Target, step: Step = 1.0, rungs: Rungs = 5, hottest: Hottest = HOTTEST
) -> Kernel:
    """Parallel tempering: walks at p^(1/T) on a ladder of T, neighbours swapped now and then.

    Geyer (1991). T grows geometrically from 1 to the hottest; the cold walk is the chain.
    """
    d = target.d

    def remember(points: np.ndarray) -> ChainMemory:
        memory = _memory(target, rungs + 1, rungs)(points)
        memory.Z[:, :rungs, :d] = points[:, None]
        memory.m[:, 2 : 2 + rungs] = memory.m[:, :1]
        return memory

    knobs = (step, *np.geomspace(1.0, 1.0 / hottest, rungs))
    columns = (*_tested(d), ("swapped", ()))
    plan = ChainPlan(
        "tempering", states.TemperingState, columns, knobs, remember, ("rungs", rungs, d)
    )
    return kernel(target, plan)


def svgd(target: Target, step: Leap = 0.05) -> Kernel:
    """Stein variational gradient descent: a cloud that climbs the density and repels itself.

    Liu and Wang (2016), algorithm 1, with 100 particles. No Markov chain: the draws of a "chain"
    show the particles in turn, and say what the cloud says; its spread is often too small.
    """
    d = target.d

    def remember(points: np.ndarray) -> ChainMemory:
        Z = np.zeros((1, len(points), 3 * d))
        Z[0, :, :d] = points
        return ChainMemory(Z, np.zeros((1, 8)))

    return kernel(
        target,
        ChainPlan(
            "stein",
            states.SVGDState,
            (("direction", (d,)),),
            (step,),
            remember,
            ("particles", PARTICLES, d),
            together=PARTICLES,
            gradient=True,
        ),
    )


SAMPLERS: dict[str, Callable[..., Kernel]] = {
    "rwm": rwm,
    "adaptive": adaptive,
    "independence": independence,
    "gibbs": gibbs,
    "slice": slice_sampler,
    "mala": mala,
    "hmc": hmc,
    "nuts": nuts,
    "stretch": stretch,
    "tempering": tempering,
    "svgd": svgd,
}
SAMPLER_LABELS = {
    "rwm": "random-walk Metropolis",
    "adaptive": "adaptive Metropolis",
    "independence": "independence Metropolis",
    "gibbs": "Gibbs",
    "slice": "slice",
    "mala": "MALA",
    "hmc": "Hamiltonian (HMC)",
    "nuts": "NUTS",
    "stretch": "stretch ensemble",
    "tempering": "parallel tempering",
    "svgd": "Stein particles (SVGD)",
}


def can_sample(target: Target, sampler: str) -> bool:
    """Tell whether a sampler can run on a target: Gibbs needs the conditionals."""
    return sampler != "gibbs" or bool(target.mixture)
