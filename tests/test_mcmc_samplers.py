"""The samplers: conformance of every one, and each against the exact answer of every target."""

from functools import cache

import numpy as np
import pytest
from cases import each, sampled
from registries import check_same_keys

from gdviz.expressions import FormulaError
from gdviz.knobs import KnobError, knobs
from gdviz.probability import SAMPLERS, TARGETS, SamplerError, bfmi, sample, summary, target
from gdviz.probability.samplers import SAMPLER_LABELS, can_sample
from gdviz.probability.sampling import _stream
from gdviz.probability.target_moments import marginal, moments, reach_of

CHAINS = [name for name in SAMPLERS if name != "svgd"]
FIELDS = ("x", "log_density", "accepted", "evaluations")

# A step that suits each target, as wide as its narrowest part.
WIDTH = {
    "normal": 1.5, "standard": 1.0, "correlated": 0.6, "correlated_99": 0.2, "banana": 0.8,
    "twisted": 3.0, "rosenbrock": 0.6, "donut": 0.3, "funnel": 2.0, "squiggle": 0.6,
    "student": 1.5, "bimodal": 5.0, "far_modes": 4.0, "three_modes": 2.0, "box": 0.4,
    "line": 0.2, "bioassay": 1.5,
}  # fmt: skip
ISLANDS = ("bimodal", "far_modes")
# The density is too hard for the sampler; the diagnostics must say so.
HARD = {
    *((sampler, "rosenbrock") for sampler in CHAINS),
    *((sampler, "donut") for sampler in ("rwm", "mala", "stretch", "slice", "adaptive")),
    *((s, "funnel") for s in ("rwm", "adaptive", "independence", "mala", "hmc", "nuts", "stretch",
                              "tempering")),
    *((sampler, island) for sampler in ("mala", "hmc", "nuts", "stretch") for island in ISLANDS),
    ("slice", "far_modes"), ("gibbs", "far_modes"),
    ("nuts", "banana"), ("mala", "banana"), ("stretch", "banana"),
    ("nuts", "twisted"), ("hmc", "twisted"), ("mala", "twisted"), ("stretch", "twisted"),
    ("mala", "line"), ("mala", "correlated_99"), ("rwm", "correlated_99"),
}  # fmt: skip

# Each sampler meets targets of all kinds, and each target several samplers; `make fuzz` asks all.
PAIRS = sampled([(sampler, name) for sampler in CHAINS for name in TARGETS], 4)


def suited(sampler: str, name: str) -> dict:
    """Return knobs with which a sampler has a fair chance on a target."""
    width = WIDTH[name]
    near = 1.0 if name in ISLANDS else width
    widest = float(np.sqrt(np.diag(moments(TARGETS[name]).cov).max()))
    return {
        "rwm": {"step": 2 * width},
        "adaptive": {"step": 2 * width},
        "tempering": {"step": 1.5 * near},
        "independence": {"scale": 2 * widest},
        "slice": {"width": 4 * width},
        "hmc": {"step": (0.05 if name == "box" else 0.35 * near), "leaps": 15},
        "mala": {"step": 0.9 * near},
    }.get(sampler, {})


def spread_out(name: str):
    """Return starts on both sides, so that no mode is missed by luck."""
    aim = TARGETS[name]
    lo, hi = np.array(aim.box).T
    if name == "donut":
        return np.array([[2.6, 0.0], [-2.6, 0.1], [0.0, 2.5], [0.1, -2.7]])
    return lo + (hi - lo) * np.array([0.25, 0.75, 0.4, 0.6])[:, None]


def flagged(trace) -> bool:
    """Tell whether the diagnostics warn: R-hat, too few effective draws, or divergences."""
    found = [summary(x) for x in trace.chains]
    poor = any(not s.rhat < 1.01 or not min(s.ess_bulk, s.ess_tail) > 400 for s in found)
    return poor or trace.status != "ok"


def disagreement(chains, truth, quantiles) -> float:
    """Return how many Monte Carlo errors the mean, sd and quantiles of `(chains, draws)` are off.

    `truth` is (mean, sd); `quantiles` are pairs (value, share of the density below it).
    """
    found = summary(chains)
    gaps = [
        abs(found.mean - truth[0]) / found.mcse_mean,
        abs(found.sd - truth[1]) / found.mcse_sd,
    ]
    for value, share in quantiles:
        below = summary((chains <= value).astype(float))
        gaps.append(abs(below.mean - share) / below.mcse_mean)
    return float(np.max(gaps))


@cache
def shares(aim, axis):
    """Return four values of a coordinate with the share of the density below each."""
    rough = np.linspace(*reach_of(aim)[axis], 301)
    inside = np.flatnonzero(marginal(aim, axis, rough) > 1e-5 * marginal(aim, axis, rough).max())
    side = np.linspace(rough[max(inside[0] - 1, 0)], rough[min(inside[-1] + 1, 300)], 501)
    density = marginal(aim, axis, side)
    below = np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(side))
    places = [int(np.searchsorted(below, p)) for p in (0.1, 0.35, 0.6, 0.9)]
    return [(side[k + 1], below[k]) for k in places]


@pytest.mark.parametrize(("sampler", "name"), PAIRS)
def test_moments_and_distribution_are_exact_or_the_diagnostics_warn(sampler: str, name: str):
    """Within 4 Monte Carlo errors in mean, sd and four quantiles of every coordinate."""
    aim = TARGETS[name]
    if not can_sample(aim, sampler):
        with pytest.raises(SamplerError, match="conditionals"):
            sample(aim, sampler)
        return
    trace = sample(
        aim,
        sampler,
        draws=4000,
        warmup=1000,
        seed=7,
        start=spread_out(name),
        **suited(sampler, name),
    )
    if (sampler, name) in HARD:
        assert flagged(trace)
        return
    truth = moments(aim)
    for j, x in enumerate(trace.chains):
        if (name, j) == ("funnel", 0):
            continue  # its variance settles for no sampler
        off = disagreement(x, (truth.mean[j], truth.cov[j, j] ** 0.5), shares(aim, j))
        assert off < 4, f"{name}: coordinate {j} is {off:.1f} errors off"


def test_a_wrong_sampler_is_rejected_by_the_same_test():
    """Two classic mistakes: a Hastings correction left out, and a temperature of 1.3."""
    aim = TARGETS["normal"]
    truth, quantiles = (2.0, 1.5), shares(aim, 0)
    rng = np.random.default_rng(3)
    lopsided, warm = np.empty((4, 4000)), np.empty((4, 4000))
    a = b = np.full(4, 2.0)
    for t in range(4000):
        new = 1.0 + 3.0 * rng.standard_normal(4)  # independent of where the chain is
        a = np.where(np.log(rng.random(4)) < aim_gap(aim, a, new), new, a)
        new = b + 2.5 * rng.standard_normal(4)
        b = np.where(np.log(rng.random(4)) < aim_gap(aim, b, new) / 1.3, new, b)
        lopsided[:, t], warm[:, t] = a, b
    assert disagreement(lopsided, truth, quantiles) > 6
    assert disagreement(warm, truth, quantiles) > 6


def aim_gap(aim, x, new):
    """Return log p(x′) − log p(x) for several chains of one variable."""
    return aim.log_density(new[:, None]) - aim.log_density(x[:, None])


def test_stein_particles_are_a_contrast_and_no_chain():
    """The cloud finds the mean; its spread is too small; no R-hat says so."""
    trace = sample("correlated", "svgd", draws=2000, warmup=1000)
    x = trace.x.reshape(-1, 2)
    assert np.abs(x.mean(axis=0)).max() < 0.05
    assert np.cov(x.T) == pytest.approx(np.array([[1, 0.9], [0.9, 1]]), abs=0.15)
    assert len(np.unique(x[-100:].round(2), axis=0)) > 50
    assert trace.states.particles.shape == (0, 4, 100, 2)


# --- conformance ------------------------------------------------------------------------------


def kernel_and_state(sampler: str, name: str, chains: int = 2):
    aim = TARGETS[name]
    kernel = SAMPLERS[sampler](aim)
    rng = np.random.default_rng(0)
    points = np.array(moments(aim).mean) + 0.3 * rng.standard_normal((kernel.points(chains), aim.d))
    return kernel, kernel.init(points, chains)


def streams(n, seed=5):
    return [_stream(seed, c) for c in range(n)]


@pytest.mark.parametrize("name", ["bimodal", "line"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_one_draw_of_plain_python_is_bit_for_bit_a_compiled_one(sampler: str, name: str):
    """The same source runs both ways, through the warm-up and beyond it."""
    kernel, state = kernel_and_state(sampler, name)
    plain, fast = streams(2), streams(2)
    before = [np.copy(field) for field in state.memory]
    one = state
    for warm in (True,) * 3 + (False,) * 3:
        one = kernel.step(one, plain, warm)
    _, many = kernel.run(state, fast, 3, True, 3)
    drawn, many = kernel.run(many, fast, 3, False, 3)
    for field, left, right in zip(state._fields, one, many, strict=True):
        for a, b in zip(left, right, strict=True) if field == "memory" else [(left, right)]:
            np.testing.assert_array_equal(a, b, err_msg=field)
    assert drawn.x.shape == (3, 2, TARGETS[name].d)
    for kept, now in zip(before, state.memory, strict=True):
        np.testing.assert_array_equal(kept, now)  # a step changes nothing of what it was given


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_seed_is_the_same_chain_and_a_chain_is_the_same_alone(sampler: str):
    one, again = (sample("correlated", sampler, draws=60, warmup=40, seed=11) for _ in range(2))
    other = sample("correlated", sampler, draws=60, warmup=40, seed=12)
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(one.states, field), getattr(again.states, field))
    assert not np.array_equal(one.x, other.x)
    if sampler not in ("stretch", "svgd"):  # whose chains are parts of one
        alone = sample("correlated", sampler, chains=1, draws=60, warmup=40, seed=11)
        np.testing.assert_array_equal(alone.x[:, 0], one.x[:, 0])


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_threads_change_nothing(sampler: str, monkeypatch):
    from gdviz.probability import kernel as chains

    draws = 200
    one = sample("standard", sampler, draws=draws, warmup=0)
    monkeypatch.setattr(chains, "INLINE_DRAWS", 10)
    np.testing.assert_array_equal(sample("standard", sampler, draws=draws, warmup=0).x, one.x)


@each("chains", [1, 3])
@each("name", ["normal", "standard"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_trace_has_its_shapes_and_says_what_it_drew(sampler: str, name: str, chains: int):
    aim = TARGETS[name]
    trace = sample(aim, sampler, chains=chains, draws=50, warmup=7, pictures=4)
    assert trace.x.shape == (50, chains, aim.d) and trace.x.dtype == float
    assert trace.log_density.shape == trace.accepted.shape == (50, chains)
    assert trace.accepted.dtype == bool and trace.start.shape == (chains, aim.d)
    np.testing.assert_allclose(trace.log_density, aim.log_density(trace.x), rtol=1e-12, atol=1e-12)
    assert trace.warm.x.shape == (7, chains, aim.d)
    assert np.all(trace.states.evaluations > 0) and isinstance(trace.reason, str)
    np.testing.assert_array_equal(trace.chains, np.moveaxis(trace.x, (0, 1, 2), (2, 1, 0)))


@pytest.mark.parametrize("sampler", ["rwm", "adaptive", "independence", "mala", "hmc"])
def test_what_was_not_accepted_did_not_move(sampler: str):
    trace = sample("banana", sampler, draws=400, warmup=0)
    s = trace.states
    before = np.concatenate([trace.start[None], s.x[:-1]])
    np.testing.assert_array_equal(np.where(s.accepted[..., None], s.proposal, before), s.x)
    np.testing.assert_array_equal(s.accepted, s.log_u < s.log_alpha)
    assert 0 < s.accepted.mean() < 1
    theirs = trace.target.log_density(s.proposal)
    np.testing.assert_allclose(s.log_density_proposal, theirs, rtol=1e-10, atol=1e-10)


def test_the_arithmetic_of_the_test():
    """log α of Metropolis, of Hastings, and of Langevin, from their own formulas."""
    walk = sample("banana", "rwm", draws=200, warmup=0)
    before = np.concatenate([walk.start[None], walk.x[:-1]])
    aim = walk.target
    gap = aim.log_density(walk.states.proposal) - aim.log_density(before)
    np.testing.assert_allclose(walk.states.log_alpha, gap, rtol=1e-9, atol=1e-9)

    free = sample("banana", "independence", draws=200, warmup=0, scale=4.0)
    before, new = np.concatenate([free.start[None], free.x[:-1]]), free.states.proposal
    centre = np.mean(aim.box, axis=1)

    def log_q(x):
        return -0.5 * np.sum(((x - centre) / 4.0) ** 2, axis=-1)

    gap = aim.log_density(new) - aim.log_density(before) + log_q(before) - log_q(new)
    np.testing.assert_allclose(free.states.log_alpha, gap, rtol=1e-9, atol=1e-9)

    eps = 0.4
    lang = sample("correlated", "mala", draws=200, warmup=0, step=eps)
    aim = lang.target
    before, new = np.concatenate([lang.start[None], lang.x[:-1]]), lang.states.proposal

    def log_step(a, b):
        return -np.sum((b - a - 0.5 * eps**2 * aim.grad(a)) ** 2, axis=-1) / (2 * eps**2)

    gap = aim.log_density(new) - aim.log_density(before) + log_step(new, before)
    np.testing.assert_allclose(
        lang.states.log_alpha, gap - log_step(before, new), rtol=1e-8, atol=1e-8
    )


# --- theory -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sampler", ["rwm", "independence", "slice", "tempering"])
def test_detailed_balance_on_three_states(sampler: str):
    """Steps of height 1, 2, 3: as many moves from i to j as from j to i, and the right shares."""
    steps = target("log(1 + floor(x))", bounds=((0.0, 3.0),))
    x = np.floor(sample(steps, sampler, draws=20_000, seed=3).chains[0]).astype(int)
    moves = np.zeros((3, 3))
    np.add.at(moves, (x[:, :-1], x[:, 1:]), 1)
    assert np.bincount(x.ravel()) / x.size == pytest.approx(np.arange(1, 4) / 6, abs=0.02)
    flux = moves - moves.T
    assert np.abs(flux).max() < 4 * np.sqrt(moves.max())
    assert (moves > 100).all()


def test_a_chain_that_runs_in_a_circle_fails_the_test_of_balance():
    """Stationary and yet not reversible: the flux tells."""
    rng, x = np.random.default_rng(0), np.zeros(4000, int)
    for t in range(1, len(x)):
        x[t] = (x[t - 1] + (rng.random() < 0.5)) % 3
    moves = np.zeros((3, 3))
    np.add.at(moves, (x[:-1], x[1:]), 1)
    assert np.abs(moves - moves.T).max() > 4 * np.sqrt(moves.max())


def test_what_a_visitor_types_is_compiled_but_not_kept_on_the_disk():
    from gdviz.kernels import mcmc

    ready, typed = TARGETS["banana"], target(TARGETS["banana"].text)
    assert ready.ready and not typed.ready and ready.formula == typed.formula
    for make in (mcmc.value_of, mcmc.flow_of):
        own, strange = (
            make(one.formula.source, one.variables, one.bounds, one.ready) for one in (ready, typed)
        )
        assert type(own._cache).__name__ == "FunctionCache"
        assert type(strange._cache).__name__ == "NullCache"


@cache
def flow(name: str):
    from gdviz.kernels import mcmc

    aim = TARGETS[name]
    return mcmc.for_python(mcmc.flow_of(aim.formula.source, aim.variables, aim.bounds))


def phase(name: str, seed: int = 0) -> np.ndarray:
    """Return a row of position, momentum and gradient."""
    aim = TARGETS[name]
    rng = np.random.default_rng(seed)
    row = np.zeros((40, 3 * aim.d))
    row[0, : aim.d] = np.array(moments(aim).mean) + 0.3
    row[0, aim.d : 2 * aim.d] = rng.standard_normal(aim.d)
    return row


@pytest.mark.parametrize("name", ["normal", "banana", "squiggle", "bioassay"])
def test_the_leapfrog_comes_back(name: str):
    d, leap, Z = TARGETS[name].d, flow(name), phase(name)
    start = Z[0].copy()
    leap(Z, 0, 0, 0.0, False)
    leap(Z, 0, 30, 0.02, True)
    assert np.abs(Z[0, :d] - start[:d]).max() > 0.03
    np.testing.assert_array_equal(Z[30, :d], Z[0, :d])
    Z[0, d : 2 * d] *= -1
    leap(Z, 0, 30, 0.02, False)
    np.testing.assert_allclose(Z[0, :d], start[:d], rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(-Z[0, d : 2 * d], start[d : 2 * d], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ["banana", "squiggle", "student"])
def test_the_energy_error_is_of_second_order(name: str):
    d, leap = TARGETS[name].d, flow(name)
    errors = []
    for n in (40, 80, 160):
        Z = phase(name)
        before = -leap(Z, 0, 0, 0.0, False) + 0.5 * np.sum(Z[0, d : 2 * d] ** 2)
        after = -leap(Z, 0, n, 1.0 / n, False) + 0.5 * np.sum(Z[0, d : 2 * d] ** 2)
        errors.append(abs(after - before))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx([2, 2], abs=0.25)


def test_the_flow_keeps_volume():
    """Its Jacobian has determinant 1, by central differences."""
    leap, d, h = flow("banana"), 2, 1e-5
    columns = []
    for k in range(2 * d):
        ends = []
        for sign in (1, -1):
            Z = phase("banana")
            Z[0, k] += sign * h
            leap(Z, 0, 0, 0.0, False)
            leap(Z, 0, 10, 0.1, False)
            ends.append(Z[0, : 2 * d].copy())
        columns.append((ends[0] - ends[1]) / (2 * h))
    assert np.linalg.det(np.array(columns)) == pytest.approx(1.0, abs=1e-7)


def test_nuts_has_the_moments_of_hmc():
    trace = sample("squiggle", "nuts", draws=6000, warmup=1000, seed=2, delta=0.9)
    other = sample("squiggle", "hmc", draws=6000, warmup=1000, seed=2, step=0.15, leaps=14)
    for a, b in zip(trace.chains, other.chains, strict=True):
        one, two = summary(a), summary(b)
        assert abs(one.mean - two.mean) < 4 * np.hypot(one.mcse_mean, two.mcse_mean)
        assert abs(one.sd - two.sd) < 4 * np.hypot(one.mcse_sd, two.mcse_sd)


def test_nuts_tunes_its_step_to_the_acceptance_asked_for_and_then_leaves_it():
    for delta in (0.6, 0.8, 0.95):
        trace = sample("correlated", "nuts", draws=1000, warmup=1000, seed=3, delta=delta)
        assert trace.states.acceptance.mean() == pytest.approx(delta, abs=0.1)
        assert np.ptp(trace.states.step_size, axis=0).max() == 0
        assert np.ptp(trace.warm.step_size, axis=0).min() > 0
        assert np.all(trace.states.depth <= 10)
    assert bfmi(trace.states.energy.T).min() > 0.3


def test_adaptation_is_off_after_the_warm_up():
    """The factor stands still, and the kept draws are those of plain Metropolis with it."""
    trace = sample("correlated", "adaptive", draws=500, warmup=800, seed=4)
    factor = trace.states.factor
    assert np.ptp(trace.warm.factor, axis=0).max() > 0
    assert np.ptp(factor, axis=0).max() == 0
    shape = factor[0, 0] @ factor[0, 0].T
    assert shape == pytest.approx(2.38**2 / 2 * np.array([[1, 0.9], [0.9, 1]]), rel=0.5)
    jump = trace.states.proposal[1:, 0] - trace.x[:-1, 0]
    noise = np.linalg.solve(factor[0, 0], jump.T)
    assert np.cov(noise) == pytest.approx(np.eye(2), abs=0.2)


def test_the_picture_of_a_trajectory_and_of_a_tree():
    trace = sample("banana", "hmc", draws=20, warmup=0, pictures=5, leaps=7)
    path = trace.states.path
    assert path.shape == (5, 4, 8, 2)
    before = np.concatenate([trace.start[None], trace.x[:4]])
    np.testing.assert_array_equal(path[:, :, 0], before)
    np.testing.assert_array_equal(path[:, :, -1], trace.states.proposal[:5])
    tree = sample("banana", "nuts", draws=20, warmup=50, pictures=6).states
    for t in range(6):
        leaves = tree.tree[t, 0][: int(tree.evaluations[t, 0])]
        assert np.isfinite(leaves).all()
        where = np.concatenate([leaves[:, :2], tree.x[t - 1, :1] if t else leaves[:1, :2]])
        assert (np.abs(where - tree.x[t, 0]).sum(axis=1) < 1e-12).any()
        assert set(np.abs(leaves[:, 2])) <= set(range(1, 11))


# --- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        {"target": "normal", "sampler": "nothing"},
        {"target": 3},
        {"target": "normal", "chains": 0},
        {"target": "normal", "draws": 0},
        {"target": "normal", "draws": 1.5},
        {"target": "normal", "warmup": -1},
        {"target": "normal", "seed": -1},
        {"target": "normal", "start": [1.0, 2.0]},
        {"target": "banana", "start": np.zeros((3, 2))},
        {"target": "box", "start": [2.0, 0.5]},
        {"target": "box", "start": [np.nan, 0.5]},
        {"target": "log(x)", "start": [-1.0]},
        {"target": "-1/abs(x)", "start": [0.0]},
        {"target": "-log(abs(x))", "start": [0.0]},
        {"target": "sqrt(-1 - x**2)"},
        {"target": "funnel", "sampler": "gibbs"},
        {"target": "normal", "step": 0.0},
        {"target": "normal", "step": -1.0},
        {"target": "normal", "step": np.nan},
        {"target": "normal", "step": "wide"},
        {"target": "normal", "width": 1.0},
        {"target": "normal", "sampler": "hmc", "step": 0.0},
        {"target": "1 +"},
    ],
)
def test_a_bad_question_gets_a_sentence(question):
    with pytest.raises((SamplerError, KnobError, FormulaError), match=r"\w+ .*\w+"):
        sample(question.pop("target"), **question)


@pytest.mark.parametrize(
    "text, sampler, knob, status",
    [
        ("x**2", "rwm", {}, "unbounded"),
        ("0", "rwm", {}, "flat"),
        ("0*x + 0*y", "hmc", {}, "flat"),
        ("sin(x)", "slice", {}, "improper"),
        ("-x**2*1e6", "rwm", {"step": 90.0}, "stuck"),
        ("-1e7*x**4", "hmc", {"step": 1.0}, "stuck"),
        ("funnel", "nuts", {}, "divergent"),
        ("-x + log(x)", "rwm", {}, "nan"),
        ("-abs(x) - 0.5*log(abs(x))", "rwm", {}, "ok"),
        ("normal", "nuts", {}, "ok"),
    ],
)
def test_a_run_says_how_it_ended(text: str, sampler: str, knob: dict, status: str):
    trace = sample(text, sampler, draws=600, warmup=200, seed=5, **knob)
    assert trace.status == status
    assert (trace.reason == "") == (status == "ok")
    assert np.isfinite(trace.x).all() and np.isfinite(trace.log_density).all()


def test_the_labels_and_knobs_are_complete():
    where = "(gdviz/probability/samplers.py)"
    check_same_keys({f"SAMPLER_LABELS {where}": SAMPLER_LABELS, f"SAMPLERS {where}": SAMPLERS})
    for factory in SAMPLERS.values():
        assert all(knob.default is not None for knob in knobs(factory).values())
