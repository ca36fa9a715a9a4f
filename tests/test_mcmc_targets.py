"""The targets: text, gradient, moments, integral, exact sampler, marginals, and hostile texts."""

import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest

from gdviz.expressions import FormulaError
from gdviz.probability import TARGETS, SamplerError, target
from gdviz.probability.density_check import check_density
from gdviz.probability.target_moments import marginal, moments, reach_of

TRUTH = json.loads((Path(__file__).parent / "reference" / "mcmc.json").read_text())
DENSITIES = TRUTH["densities"]
POINTS = np.array(DENSITIES["points"])
NORMALISED = [
    name for name in ("normal", "standard", "correlated", "student", "three_modes", "banana",
                      "funnel", "squiggle") if name in DENSITIES
]  # fmt: skip
KNOWN = [name for name, t in TARGETS.items() if t.draw is not None]
INTEGRATED = [name for name, t in TARGETS.items() if t.log_z is not None]


def points_of(aim, n=40):
    """Return points of the window where the density is positive, `(n, d)`."""
    lo, hi = np.array(aim.box).T
    x = lo + (hi - lo) * np.random.default_rng(4).random((20 * n, aim.d))
    return x[np.isfinite(aim.log_density(x))][:n]


@pytest.mark.parametrize("name", NORMALISED)
def test_the_log_density_is_that_of_scipy(name: str):
    aim = TARGETS[name]
    ours = aim.log_density(POINTS[:, : aim.d]) - aim.log_z
    np.testing.assert_allclose(ours, DENSITIES[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", TARGETS)
def test_the_gradient_is_the_slope(name: str):
    aim = TARGETS[name]
    x = points_of(aim)
    h = 1e-6
    steps = h * np.eye(aim.d)
    slope = np.stack(
        [(aim.log_density(x + e) - aim.log_density(x - e)) / (2 * h) for e in steps], axis=-1
    )
    fine = np.isfinite(slope).all(axis=-1)
    assert fine.sum() > 20
    np.testing.assert_allclose(aim.grad(x)[fine], slope[fine], rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", KNOWN)
def test_the_exact_sampler_has_the_moments(name: str):
    aim = TARGETS[name]
    n = 60_000
    x = aim.draw(np.random.default_rng(8), n)
    assert x.shape == (n, aim.d)
    mean, cov = np.array(aim.mean), np.array(aim.cov)
    error = np.sqrt(np.diag(cov) / n)
    assert np.all(np.abs(x.mean(axis=0) - mean) < 4.5 * error)
    if name != "funnel":  # its sample variance never settles: E x⁴ is 2·10⁸
        assert np.cov(x.T).reshape(aim.d, aim.d) == pytest.approx(cov, rel=0.06, abs=0.06)


@pytest.mark.parametrize("name", INTEGRATED)
def test_the_marginals_have_unit_mass_and_the_moments(name: str):
    aim = TARGETS[name]
    for axis in range(aim.d):
        if (name, axis) == ("funnel", 0):  # see the test of the funnel
            continue
        side = np.linspace(*reach_of(aim)[axis], 801)
        density = marginal(aim, axis, side)
        assert np.trapezoid(density, side) == pytest.approx(1.0, abs=2e-3)
        mean, variance = aim.mean[axis], aim.cov[axis][axis]
        assert np.trapezoid(density * side, side) == pytest.approx(
            mean, abs=2e-3 + 2e-3 * abs(mean)
        )
        spread = np.trapezoid(density * (side - mean) ** 2, side)
        assert spread == pytest.approx(variance, rel=5e-3)


@pytest.mark.parametrize("name", KNOWN)
def test_the_marginals_are_those_of_the_exact_sampler(name: str):
    aim = TARGETS[name]
    x = aim.draw(np.random.default_rng(9), 40_000)
    for axis in range(aim.d):
        lo, hi = np.quantile(x[:, axis], [0.1, 0.9])
        side = np.linspace(lo, hi, 801)
        share = np.trapezoid(marginal(aim, axis, side), side)
        assert share == pytest.approx(0.8, abs=0.01)


def test_the_funnel_by_what_settles():
    """Var x is e^4.5 and no sample variance settles: compare E|x| and P(|x| < 1)."""
    x = TARGETS["funnel"].draw(np.random.default_rng(1), 400_000)[:, 0]
    assert DENSITIES["funnel E|x|"] == pytest.approx(2.45766, abs=1e-5)
    assert np.mean(np.abs(x) < 1) == pytest.approx(DENSITIES["funnel P(|x|<1)"], abs=0.003)
    side = np.linspace(-1, 1, 2001)
    share = np.trapezoid(marginal(TARGETS["funnel"], 0, side), side)
    assert share == pytest.approx(DENSITIES["funnel P(|x|<1)"], abs=2e-3)


def test_the_moments_of_the_two_posteriors():
    """The line's by least squares, the bioassay's by adaptive quadrature."""
    np.testing.assert_allclose(TARGETS["line"].mean, DENSITIES["line"], rtol=1e-9)
    found, theirs = moments(TARGETS["bioassay"]), TRUTH["bioassay"]
    np.testing.assert_allclose(found.mean, theirs["mean"], rtol=1e-5)
    np.testing.assert_allclose(found.cov[[0, 0, 1], [0, 1, 1]], theirs["cov"], rtol=1e-4)
    assert not found.exact and moments(TARGETS["line"]).exact


def test_the_heavy_tail_is_that_of_t():
    np.testing.assert_allclose(
        marginal(TARGETS["student"], 0, POINTS[:, 0]), DENSITIES["student marginal"], rtol=1e-10
    )


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_is_sound(name: str):
    aim = TARGETS[name]
    assert check_density(aim) == ("ok", "") and aim.teaches.endswith(".")
    assert len(points_of(aim)) == 40
    again = pickle.loads(pickle.dumps(aim))
    assert again == aim and hash(again) == hash(aim)
    assert target(name) is aim


def test_far_from_the_mass_the_logarithm_still_tells():
    """Row 11c: where a density underflows to 0, its logarithm does not."""
    assert TARGETS["bimodal"].log_density([60.0]) == pytest.approx(-(56.0**2) / 2)
    assert np.isfinite(TARGETS["three_modes"].log_density([200.0, -300.0]))


def test_a_typed_target_has_as_many_variables_as_it_names():
    assert target("-x**2/2").variables == ("x",)
    assert target("-x**2 - y**2").variables == ("x", "y")
    assert target("-y**2").d == 2
    assert target("-x^2", bounds=((0.0, np.inf),)).box == ((0.0, 10.0),)
    two = target("-x**2/2 - 2*y**2", box=((-1, 1), (-2, 2)), name="mine")
    assert two.name == "mine" and two.log_density([[1.0, 0.5]]).tolist() == [-1.0]
    assert target("x").log_density(3.0) == 3.0


@pytest.mark.parametrize("text", ["", "x +", "import os", "z**2", "-x**2/0", "gamma(x)", "x" * 999])
def test_a_text_that_says_nothing_is_refused_in_words(text: str):
    with pytest.raises(FormulaError, match=r"\w+ \w+"):
        target(text)


@pytest.mark.parametrize(
    "about",
    [{"box": ((1.0, 1.0),)}, {"box": ((2.0, 1.0),)}, {"box": ((0.0, np.inf),)},
     {"bounds": ((0.0, 1.0), (0.0, 1.0))}, {"bounds": ((np.nan, 1.0),)}],
)  # fmt: skip
def test_a_window_that_holds_nothing_is_refused(about):
    with pytest.raises(SamplerError):
        target("-x**2", **about)


@pytest.mark.parametrize(
    "text, status",
    [
        ("-x**2", "ok"),
        ("-abs(x)", "ok"),
        ("-log(1 + x**2)", "ok"),
        ("-2*log(1 + x**2 + y**2)", "ok"),
        ("x**2", "unbounded"),
        ("x", "unbounded"),
        ("x**2 - y**2", "unbounded"),
        ("0", "flat"),
        ("0*x + 0*y", "flat"),
        ("sin(x)", "improper"),
        ("-log(1 + x**2 + y**2)", "improper"),
        ("-x**2 + 0*y", "improper"),
        ("-0.5*log(1 + x**2)", "improper"),
    ],
)
def test_a_density_without_a_finite_integral_is_named(text: str, status: str):
    found = check_density(target(text))
    assert found.status == status
    assert status == "ok" or found.reason.endswith(".")


def test_bounds_make_a_flat_density_proper():
    uniform = target("0", bounds=((0.0, 2.0),))
    assert check_density(uniform).status == "ok"
    assert uniform.log_density([[-1.0], [1.0], [3.0]]).tolist() == [-np.inf, 0.0, -np.inf]


KNOWN = [
    ("-(x - 20)**2/2", [20.0], [1.0]),
    ("-(x - 1e6)**2/2e4", [1e6], [100.0]),
    ("-(x - 3)**2*1e8", [3.0], [math.sqrt(0.5e-8)]),
    ("-x**2/1e10", [0.0], [math.sqrt(5e9)]),
    ("-abs(x)/1e5", [0.0], [math.sqrt(2) * 1e5]),
    ("-2*log(1 + x**2)", [0.0], [1.0]),
    ("-0.5*log(abs(x)) - x**2", [0.0], [0.5]),
    ("x - exp(x)", [-0.5772156649015329], [math.pi / math.sqrt(6)]),
    ("-softplus(x) - softplus(-x)", [0.0], [math.pi / math.sqrt(3)]),
    ("-(x - 20)**2/2 - (y + 300)**2/8", [20.0, -300.0], [1.0, 2.0]),
    ("-x**2/1e8 - y**2/1e-4", [0.0, 0.0], [math.sqrt(5e7), math.sqrt(0.5e-4)]),
    ("-(x - 1000)**2/2 - (y - x)**2/2", [1000.0, 1000.0], [1.0, math.sqrt(2)]),
]


@pytest.mark.parametrize("text, mean, sd", KNOWN, ids=lambda v: v if isinstance(v, str) else "")
def test_the_truth_of_a_typed_density_is_found_wherever_its_mass_is(text, mean, sd):
    aim = target(text)
    assert check_density(aim).status == "ok"
    found = moments(aim)
    spread = np.sqrt(np.diag(found.cov))
    np.testing.assert_allclose(spread, sd, rtol=5e-3)
    assert np.all(np.abs(found.mean - mean) <= 1e-3 * np.array(sd))
    for axis in range(aim.d):
        side = mean[axis] + sd[axis] * np.linspace(-12, 12, 600)
        share = np.trapezoid(marginal(aim, axis, side), side)
        assert share == pytest.approx(1, abs=0.06 if "log" in text else 2e-3)


@pytest.mark.parametrize("text", ["-log(1 + x**2)", "-1.2*log(1 + x**2)", "-1.01*log(1 + x**2)"])
def test_a_moment_that_does_not_exist_is_not_known(text: str):
    found = moments(target(text))
    assert not np.isfinite(found.cov).any()
    assert found.known == ("1.2" in text or "1.01" in text)


@pytest.mark.parametrize("text", ["-1.2*log(abs(x)) - x**2", "-log(abs(x - 3)) - x**2"])
def test_a_pole_that_is_too_steep_is_improper(text: str):
    found = check_density(target(text))
    assert found.status == "improper" and "pole" in found.reason
    assert not moments(target(text)).known
