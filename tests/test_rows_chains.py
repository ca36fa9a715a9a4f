"""The page mcmc tells the energy along a path and the test of the chain that is chosen."""

import numpy as np
import pytest
from cases import NO_WARNINGS

from gdviz.figures.scene import Labels, Reading
from gdviz.topics.mcmc.charts_flight import flight_chart, flight_words
from gdviz.topics.mcmc.figure import mcmc_scene
from gdviz.topics.mcmc.hamiltonian import flight
from gdviz.topics.mcmc.settings import Mcmc, draws_shown, replace, run, watched_of
from tests.cases import each

pytestmark = NO_WARNINGS


@each("target, sampler", [("three_modes", "hmc"), ("banana", "mala"), ("bimodal", "hmc")])
def test_the_energy_of_a_path_is_that_of_leapfrogs_and_of_the_test(target: str, sampler: str):
    """The truth: leapfrogs in five lines, and the log α that the compiled sampler has written."""
    spec = Mcmc(target=target, sampler=sampler, leap=0.3, leaps=9, draws=120, burn=20, chains=3)
    seen = run(spec)
    for draw, chain in ((1, 0), (7, 2), (60, 1)):
        found = flight(seen, draw, chain)
        assert found is not None
        where, eps = seen.trace.target, float(seen.states.step_size[draw - 1, chain])
        q, p = found.q[0], found.p[0]
        for k in range(1, len(found.q)):
            p = p + eps / 2 * where.grad(q)
            q = q + eps * p
            p = p + eps / 2 * where.grad(q)
            np.testing.assert_allclose(found.q[k], q, rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(found.p[k], p, rtol=1e-6, atol=1e-8)
        rise = found.energy[-1] - found.energy[0]
        assert -rise == pytest.approx(seen.states.log_alpha[draw - 1, chain], abs=1e-8)
        assert found.taken == (rise < found.threshold) == seen.states.accepted[draw - 1, chain]
        said = flight_words(found)
        assert ("accepted" in said) == found.taken and ("rejected" in said) != found.taken
        error = flight_chart(where, found).data[3].y
        np.testing.assert_allclose(error, found.energy - found.energy[0])
        (level,) = (t for t in flight_chart(where, found).data if t.type == "contour")
        assert level.contours.start == level.contours.end == found.energy[0]


def test_a_smaller_step_errs_less_by_its_square():
    worst = []
    for leap, leaps in ((0.2, 5), (0.1, 10), (0.05, 20)):
        spec = Mcmc(target="banana", sampler="hmc", leap=leap, leaps=leaps, draws=100, burn=0)
        found = flight(run(replace(spec, starts="0,0;1,1;0,1;1,0")), 1, 0)
        assert found is not None
        worst.append(np.abs(found.energy - found.energy[0]).max())
    assert 3 < worst[0] / worst[1] < 5.5 and 3 < worst[1] / worst[2] < 5.5


def test_no_path_is_told_where_none_was_kept():
    assert flight(run(Mcmc(sampler="rwm", draws=100, burn=0)), 1, 0) is None
    seen = run(Mcmc(sampler="hmc", draws=400, burn=0))
    assert flight(seen, 300, 0) is not None and flight(seen, 301, 0) is None


def test_the_arithmetic_is_that_of_the_chain_that_is_watched():
    spec = Mcmc(draws=200, burn=50, watched=3, pace="fast")
    seen, at = run(spec), draws_shown(spec, 200)
    assert at[-1] == 200 and watched_of(spec) == 2
    scene = mcmc_scene(seen, spec)
    readings = {x.name: x.values for x in scene.layers if isinstance(x, Reading)}
    states, c = seen.states, 2
    np.testing.assert_allclose(readings["u"][1:], np.exp(states.log_u[at[1:] - 1, c]))
    density = seen.trace.target.log_density
    np.testing.assert_allclose(readings["log p′"][1:], density(states.proposal[at[1:] - 1, c]))
    before = np.concatenate([seen.trace.start[None], seen.x])[at[1:] - 1, c]
    np.testing.assert_allclose(readings["log p"][1:], density(before), atol=1e-12)
    texts = [x.texts for x in scene.layers if isinstance(x, Labels) and x.name == "test"]
    for k in range(1, 40):
        (said,) = (t[k][0] for t in texts if t[k][0])
        assert said.startswith("chain 3") and ("accepted" in said) == states.accepted[at[k] - 1, c]
    assert watched_of(replace(spec, chains=2)) == 1, "there is no third of two chains"
    assert run(spec) is run(replace(spec, watched=1, pace="slow")), "to watch runs nothing anew"
