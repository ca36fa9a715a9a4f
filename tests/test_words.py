"""What the words beside a page claim is computed: a sentence, and a predicate that it is true."""

from dataclasses import replace
from inspect import unwrap
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate as quadrature
from scipy import stats
from scipy.optimize import linprog

from gdviz.catalogue import lookup
from gdviz.catalogue.tours import TOURS
from gdviz.geometry import coordinates_of, fit, metric, mle, shoot
from gdviz.learn import fit_linear
from gdviz.optimize import FUNCTIONS, SURFACES, descend, function, race, surface
from gdviz.optimize.adam_rules import adam, amsgrad
from gdviz.probability import DISTRIBUTIONS, integrate, summary
from gdviz.probability.pareto import largest_usable_k
from gdviz.probability.variance_reduction import control_variate
from gdviz.topics.geometry.results import geodesics_result
from gdviz.topics.geometry.settings import Geometry
from gdviz.topics.importance.settings import Weighing
from gdviz.topics.integration.integrands import GALLERY
from gdviz.topics.integration.question import answer, estimate
from gdviz.topics.integration.settings import Integration, gallery_values
from gdviz.topics.mcmc.step_sizes import step_marks
from gdviz.topics.natural_gradient.settings import labelled_points, separable
from gdviz.topics.recommender import studies
from gdviz.topics.recommender.settings import Recommender
from gdviz.ui.words import text


def ratio(f, a, b, rule, n):
    """Return by what the error falls when the strips are halved, as a power of two."""
    exact = quadrature.quad(f, a, b, epsabs=1e-13, epsrel=1e-13)[0]
    off = [abs(integrate(f, a, b, rule, k).value - exact) for k in (n, 2 * n)]
    return float(np.log2(off[0] / off[1]))


def orders_are_those_of_the_words():
    """Left and right ends 1, midpoints and trapezoids 2, Simpson 4, Boole 6."""
    told = {"left": 1, "right": 1, "midpoint": 2, "trapezoid": 2, "simpson": 4, "boole": 6}
    return all(
        abs(ratio(lambda x: np.exp(np.sin(x)), 0.0, 2.0, rule, 32) - order) < 0.1
        for rule, order in told.items()
    )


def question_of(name, rule, n):
    return Integration(function=name, **gallery_values(name), rule=rule, n=n)


def heavy_tail_grows():
    twice, fourfold = (
        [estimate(question_of("heavy", rule, n)).value for n in (64, 128)]
        for rule in ("midpoint", "gauss_legendre")
    )
    return 1.95 < twice[1] / twice[0] < 2.05 and 3.9 < fourfold[1] / fourfold[0] < 4.1


def three_times_as_long():
    """The points with which the page opens, both pulled down to 0.12."""
    lengths = geodesics_result(replace(Geometry(), ay=0.12, by=0.12)).lengths
    return round(lengths["straight"] / lengths["fisher"]) == 3


def sets_out_along_a_geodesic():
    """A natural step in log σ and the geodesic of the same velocity part by the rate squared."""
    problem = mle("normal", np.array([0.3, 1.0, 1.4, 2.2]))
    start, apart = np.array([-1.0, 1.5]), []
    velocity = -np.linalg.solve(metric("normal", start), problem.grad(start))
    for rate in (0.02, 0.01, 0.005):
        logs = coordinates_of("normal")["logs"]
        step = fit(problem, start, 1, rate, coordinates=logs).theta[1]
        apart.append(
            float(np.linalg.norm(step - shoot("normal", start, rate * velocity, [1.0])[0]))
        )
    return all(3.8 < one / other < 4.2 for one, other in pairwise(apart))


def best_of_many():
    """The mean of the lowest of n standard normal draws, by quadrature of its density."""

    def lowest(n):
        def weighed(z):
            return -z * n * stats.norm.pdf(z) * stats.norm.sf(z) ** (n - 1)

        return quadrature.quad(weighed, -12, 12, limit=200)[0]

    below = all(lowest(n) < np.sqrt(2 * np.log(n)) for n in (2, 5, 10, 100, 1000))
    return (round(lowest(10), 2), round(lowest(100), 2)) == (1.54, 2.51) and below


def farther_out_it_is_another():
    """At ηf″ = 2 log cosh converges; at 2.15 *Two minima* is held in a 2-cycle."""
    cosh = descend(function("log(cosh(x))"), [1.0], "gd", lr=2.0, steps=20_000, stop=None)
    well = function("x**4 - 3*x**2 + x")
    lowest = -1.3008395659
    lr = 2.15 / float(well.hess([lowest])[0, 0])
    held = descend(well, [lowest + 0.01], "gd", lr=lr, steps=2000)
    return abs(cosh.x[-1, 0]) < 0.02 and held.verdict == "2-cycle"


def factors_at_condition_100():
    """The error per step of both methods at their best, on the bowl itself."""
    bowl = surface("x**2/2 + 50*y**2")
    L, mu = 100.0, 1.0
    ball = {"lr": 4 / (L**0.5 + mu**0.5) ** 2, "momentum": ((L**0.5 - 1) / (L**0.5 + 1)) ** 2}
    runs = race(
        bowl, [1.0, 0.01], {"gd": {"lr": 2 / (L + mu)}, "heavy_ball": ball}, steps=300, stop=None
    )
    left = {name: np.linalg.norm(run.x, axis=1) for name, run in runs.items()}
    found = {name: (d[250] / d[200]) ** (1 / 50) for name, d in left.items()}
    return round(found["gd"], 3) == 0.980 and abs(found["heavy_ball"] - 0.818) < 0.004


def larger_penalty_for_more_factors():
    course = lookup.run(Recommender())
    *_, (_, errors) = studies.grid(Recommender(), course.data)
    best = [studies.PENALTIES[row] for row in np.nanargmin(errors, axis=0)]
    many = np.array(studies.FACTORS) > 8
    return min(np.array(best)[many]) > best[studies.FACTORS.index(3)]


def ranks_need_no_variance():
    """A growing map of the draws changes neither ESS, and Cauchy's draws have all three."""
    draws = np.random.default_rng(0).standard_cauchy((4, 1000))
    plain, bent = summary(draws), summary(np.cbrt(draws) + draws)
    same = [(plain.ess_bulk, bent.ess_bulk), (plain.ess_tail, bent.ess_tail)]
    close = all(np.isclose(*pair, rtol=1e-9) for pair in same)
    return close and plain.ess_tail > 1000 and plain.rhat < 1.01


def one_line_leaves_no_floor():
    """Single rows at a constant rate on points of one line, and on points around it."""
    x = np.linspace(-1, 1, 40)
    around = np.random.default_rng(1).standard_normal(40)
    lost = []
    for noise in (0.0, 0.3):
        y = 2 * x + 1 + noise * around
        best = np.polyval(np.polyfit(x, y, 1), x)
        fitted = fit_linear(x[:, None], y, batch_size=1, lr=0.2, steps=4000)
        lost.append(fitted.loss[-1] - np.mean((best - y) ** 2) / 2)
    return abs(lost[0]) < 1e-12 < 1e-4 < lost[1]


def adam_forgets_what_tells_the_way():
    """Reddi et al. 2018, theorem 1: slopes 6, −1, −1, 6, … on [−1, 1]: the best x is −1."""
    ends = {}
    for name, rule in (("adam", adam), ("amsgrad", amsgrad)):
        x, *memory = (0.5, 0.0, 0.0) if name == "adam" else (0.5, 0.0, 0.0, 0.0)
        for t in range(1, 6001):
            slope = 6.0 if t % 3 == 1 else -1.0
            own = {"lr": 0.05 / t**0.5, "beta1": 0.0, "beta2": 1 / 37}
            x, *memory = unwrap(rule)(x, slope, float(t), *memory, **own)
            x = float(np.clip(x, -1, 1))
        ends[name] = x
    return ends["adam"] > 0.9 and ends["amsgrad"] < -0.9


WORDS = [
    ("race", "Adam need not converge, even on a convex function", adam_forgets_what_tells_the_way),
    ("mcmc", "the tail ESS on which draws lie beyond", ranks_need_no_variance),
    ("regression", "no noise at the bottom, and no cloud", one_line_leaves_no_floor),
    ("integration", "Simpson's parabolas 4", orders_are_those_of_the_words),
    ("integration", "the estimate doubles (Gauss–Legendre's grows fourfold)", heavy_tail_grows),
    ("geometry", "with both at σ = 0.12 it is three times as long", three_times_as_long),
    ("geometry", "to first order in its rate: it sets out along one", sets_out_along_a_geodesic),
    ("sweep", r"$1.54\,\sigma$ for ten, by $2.51\,\sigma$ for a hundred", best_of_many),
    ("sweep", "beyond the planted rank, more factors", larger_penalty_for_more_factors),
    ("descent", "one at 2.15 is held in a 2-cycle", farther_out_it_is_another),
    ("race", "keeps 0.980 of the error a step, the heavy ball 0.818", factors_at_condition_100),
]


@pytest.mark.parametrize(
    ("page", "words", "claim"), WORDS, ids=lambda it: getattr(it, "__name__", "")
)
def test_what_the_words_say_is_true(page, words, claim):
    assert words in " ".join(text(page).split()), "the sentence has changed: is it still true?"
    assert claim()


# --- integrands, thresholds, marks ----------------------------------------------------------------


def test_the_gallery_says_what_rules_do():
    """Nodes and strips that a polynomial needs; the orders that are left at a corner and a jump."""

    def off(name, rule, n):
        spec = question_of(name, rule, n)
        return abs(estimate(spec).value - answer(spec).truth.value)

    assert (
        off("polynomial", "gauss_legendre", 3)
        < 1e-13
        < 1e-3
        < off("polynomial", "gauss_legendre", 2)
    )
    assert off("polynomial", "boole", 4) < 1e-13 < 1e-3 < off("polynomial", "simpson", 4)
    rules = ("trapezoid", "simpson", "boole", "midpoint")
    for name, order in (("kink", 2), ("jump", 1)):
        for rule in rules:
            few, many = (
                max(off(name, rule, n) for n in range(size, size + 40, 4)) for size in (32, 216)
            )
            assert np.log(few / many) / np.log(216 / 32) < order + 0.3, (name, rule)
    agreeing = {estimate(question_of("spike", rule, 32)).value for rule in rules}
    assert np.ptp(list(agreeing)) < 1e-15 and off("spike", "simpson", 32) > 1e-4
    a, b = GALLERY["oscillation"].a, GALLERY["oscillation"].b
    waves = 40 * (b - a) / (2 * np.pi)
    assert off("oscillation", "trapezoid", int(waves)) > 1e-2 > off("oscillation", "trapezoid", 200)


def test_the_usable_k_is_that_of_its_source():
    """The thresholds of Pareto smoothing by sample size, as its authors list them."""
    told = {100: 0.5, 320: 0.6, 1000: 0.67, 2200: 0.7, 10_000: 0.7}
    for n, k in told.items():
        assert largest_usable_k(n) == pytest.approx(k, abs=0.005)


def test_a_fitted_control_variate_is_biased():
    """E[X⁴] = 3 with the variate x² and ten samples: the mean of many runs is far below it."""
    law = DISTRIBUTIONS["normal"](0.0, 1.0)
    found = [control_variate("x**4", "x**2", law, 10, seed).value for seed in range(400)]
    assert np.mean(found) + 5 * np.std(found) / 20 < 3


def test_a_mark_of_theory_stands_only_where_the_theory_does():
    for target in ("normal", "standard", "correlated", "correlated_99"):
        spec = replace(lookup.settings("mcmc")(), target=target)
        assert bool(step_marks(spec, "sigma")) == (target in ("normal", "standard"))


def test_separable_is_said_of_classes_that_are():
    """Against the linear program that asks for weights with every label on its side."""
    seen = set()
    for data in ("overlap", "separable", "doubled"):
        for seed in range(40):
            X, y = labelled_points(data, 6, seed)
            sides = (2 * y - 1)[:, None] * X
            free = [(None, None)] * 2
            there = linprog(np.zeros(2), -sides, -np.ones(len(y)), bounds=free).status == 0
            assert separable(X, y) == there, (data, seed)
            seen.add((data, there))
    assert {("doubled", True), ("doubled", False), ("overlap", False)} <= seen


# --- tours ----------------------------------------------------------------------------------------


def test_tours_say_what_their_stops_show():
    stops = {stop.preset: stop for tour in TOURS.values() for stop in tour.stops}
    light = lookup.run(stops["Too light tails"].spec())
    assert isinstance(stops["Too light tails"].spec(), Weighing)
    weights = np.sort(np.exp(light.found.log_weights))[::-1]
    assert "Ten weights of a thousand carry half" in stops["Too light tails"].sentence
    assert len(weights) == 1000 and 0.45 < weights[:10].sum() / weights.sum() < 0.55
    right = stops["Just right"]
    assert "a third" in right.sentence and lookup.run(right.spec()).trace.target.d == 2
    ghosts = lookup.picture_of(stops["Four valleys"].spec()).scene
    assert stops["Four valleys"].hidden and not ghosts.layers


# --- what surfaces and functions teach ------------------------------------------------------------


def test_surfaces_teach_what_is_so():
    """By their exact derivatives and minima, and Newton's steps on the linear ones."""
    least = {name: np.array(p.minima) for name, p in SURFACES.items() if p.minima}
    curved = {name: np.linalg.eigvalsh(SURFACES[name].hess(x[0])) for name, x in least.items()}
    assert np.all(SURFACES["monkey_saddle"].hess([0.0, 0.0]) == 0)
    assert curved["trid"][1] / curved["trid"][0] == pytest.approx(3)  # “of condition 3”
    assert abs(curved["flower"][0]) < 1e-9 < curved["flower"][1]  # along x = −y it is zero
    booth = race(SURFACES["booth"], (-8.0, 7.0), {"newton": {}, "gauss_newton": {}}, steps=9)
    assert all(run.last == 1 and run.status == "converged" for run in booth.values())
    for name in ("himmelblau", "branin", "dixon_price"):  # “equally deep”, “mirrored”
        assert np.ptp(SURFACES[name].f(least[name])) < 1e-9 and len(least[name]) > 1
    pairs = np.sort(SURFACES["six_hump_camel"].f(least["six_hump_camel"])).reshape(3, 2)
    assert len(least["six_hump_camel"]) == 6 and np.ptp(pairs, axis=1).max() < 1e-9
    ripple = SURFACES["mccormick"]
    near = np.argmin(np.linalg.norm(least["mccormick"] - ripple.start, axis=1))
    assert near != np.argmin(ripple.f(least["mccormick"]))
    box = np.stack(
        np.meshgrid(*(np.linspace(lo, hi, 41) for lo, hi in SURFACES["goldstein_price"].box)), -1
    )
    assert SURFACES["goldstein_price"].f(box.reshape(-1, 2)).max() > 1e6
    cone = SURFACES["ackley"].grad(np.array([[1e-6, 0.0], [-1e-6, 0.0]]))[:, 0]
    assert cone[0] > 1 and cone[1] < -1  # the slope does not fade towards the end


def test_a_fixed_step_settles_on_the_corner_only_by_landing_there():
    corner = FUNCTIONS["absolute"]
    ends = {
        lr: descend(corner, [2.0], "gd", lr=lr, steps=200).status for lr in (0.3, 0.7, 0.5, 1.0)
    }
    assert [ends[lr] == "converged" for lr in (0.3, 0.7, 0.5, 1.0)] == [False, False, True, True]
