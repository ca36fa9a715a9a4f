"""Where tempering's hot rungs are no densities: tails whose power is known."""

import numpy as np
import pytest

from gdviz.probability import TARGETS, sample, target
from gdviz.probability.tempered import hottest_proper, tail_power

POWERS = [  # the text of a log-density and the power of its tail
    ("-log(1 + x**2)", 2.0),
    ("-3*log(1 + x**2/5)", 6.0),
    ("-1.5*log(1 + x**2/2)", 3.0),
    ("-2*log(1 + abs(x))", 2.0),
    ("-5*log(1 + (x - 3)**2/40)", 10.0),
    ("-log(1 + x**4)", 4.0),
    ("-2.5*log(1 + (x**2 + y**2)/3)", 5.0),
    ("-2*log(1 + x**2 + 4*y**2)", 4.0),
    ("-x**2/2", np.inf),
    ("-abs(x)", np.inf),
    ("-x**4 - y**4", np.inf),
    ("-sqrt(abs(x))", np.inf),
]


@pytest.mark.parametrize(("text", "power"), POWERS)
def test_the_power_of_a_tail(text: str, power: float):
    law = target(text)
    assert tail_power(law) == pytest.approx(power, rel=1e-3)
    assert hottest_proper(law) == pytest.approx(power / law.d, rel=1e-3)


def test_a_density_with_bounds_has_no_tail():
    assert tail_power(target("-log(1 + x**2)", bounds=((-5.0, 5.0),))) == np.inf


@pytest.mark.parametrize(("hottest", "told"), [(20.0, True), (7.0, True), (4.0, False)])
def test_a_run_says_that_its_hot_rungs_are_improper(hottest: float, told: bool):
    """Student's t with 5 degrees falls like |x|⁻⁶."""
    from gdviz.topics.mcmc.settings import McmcResult
    from gdviz.topics.mcmc.verdicts import _improper

    law = target("-3*log(1 + x**2/5)")
    trace = sample(law, "tempering", draws=50, chains=2, hottest=hottest)
    words = " ".join(v.words for v in _improper(McmcResult(trace, None, trace.x, 0, (), 0)))
    assert ("improper" in words and "T ≥ 6" in words) == told


def test_no_ready_target_of_light_tails_is_accused():
    assert hottest_proper(TARGETS["normal"] if "normal" in TARGETS else target("-x**2/2")) == np.inf


def test_no_standard_error_is_held_against_a_mean_without_a_variance():
    from gdviz.probability.diagnostics import summary
    from gdviz.probability.target_moments import Moments
    from gdviz.topics.mcmc.settings import McmcResult
    from gdviz.topics.mcmc.verdicts import _truth

    trace = sample(target("-3*log(1 + x**2/5)"), "tempering", draws=50, chains=2, hottest=4.0)
    seen = McmcResult(trace, None, trace.x, 0, (summary(trace.x[..., 0].T),), 0)
    for mean in (0.0, 1e3):
        (found,) = _truth(seen, Moments(np.array([mean]), np.array([[np.nan]]), False), True)
        assert found.level == "warning" and "means nothing" in found.words
