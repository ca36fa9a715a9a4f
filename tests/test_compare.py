"""Methods compared: profiles by hand and by definition, budgets, bands, and what the room says."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from visit import Visit

from gdviz.knobs import KnobError
from gdviz.optimize import LABELS, METHODS, SURFACES, descend, race
from gdviz.optimize.comparison import (
    RATES,
    SHARES,
    TARGETS,
    compare_on,
    draw_starts,
    rates_tried,
    why_not_compared,
)
from gdviz.optimize.profiles import (
    area,
    data_profile,
    first_hits,
    mean_band,
    paired_bands,
    performance_profile,
    runtime_distribution,
)
from gdviz.optimize.racing import evaluations
from gdviz.optimize.typed_rules import RULE
from gdviz.topics.race.compare import Compare, numbers, run, summary
from gdviz.topics.race.compare.figure import compare_scene
from gdviz.topics.race.compare.screen import EARLIER, STAND_IN
from gdviz.topics.race.compare.settings import (
    AT_ONCE,
    METHODS_HERE,
    MOST,
    SURFACES_HERE,
    as_python,
    entrants,
    left_out,
    work,
    work_asked,
)
from gdviz.topics.race.compare.verdict import lead_of, verdict_on

NEVER = np.inf
# Three methods on four problems: the last is solved by none, the third by the second alone.
TIMES = np.array([[2.0, 10, NEVER, NEVER], [4, 5, 8, NEVER], [2, NEVER, NEVER, NEVER]])
QUICK = Compare(("gd", "adam"), ("bowl", "booth"), starts=4, budget=40, trials=3)


def test_profiles_of_three_methods_on_four_problems_by_hand() -> None:
    shares = performance_profile(TIMES, [1, 1.9, 2, 1e9])
    assert shares.tolist() == [
        [0.25, 0.25, 0.5, 0.5],  # ratios 1, 2, ∞, ∞
        [0.5, 0.5, 0.75, 0.75],  # ratios 2, 1, 1, ∞
        [0.25, 0.25, 0.25, 0.25],
    ]
    # d = 1: a group is two evaluations.
    assert data_profile(TIMES, [1, 2, 5], 1).tolist() == [
        [0.25, 0.25, 0.5],
        [0, 0.25, 0.75],
        [0.25, 0.25, 0.25],
    ]
    assert runtime_distribution(TIMES, [1.9, 2, 8]).tolist() == [
        [0, 0.25, 0.25],
        [0, 0, 0.75],
        [0, 0.25, 0.25],
    ]


def test_profiles_are_what_their_definitions_say() -> None:
    rng = np.random.default_rng(3)
    times = rng.integers(1, 60, (5, 40)).astype(float)
    times[rng.random(times.shape) < 0.3] = NEVER
    alphas, kappas = [1.0, 1.5, 3.0, 20.0], [1.0, 4.0, 11.0]
    rho, share = performance_profile(times, alphas), data_profile(times, kappas, 2)
    for m in range(5):
        for j, alpha in enumerate(alphas):
            count = sum(
                times[m, p] < NEVER and times[m, p] / min(times[:, p]) <= alpha for p in range(40)
            )
            assert rho[m, j] == count / 40
        for j, kappa in enumerate(kappas):
            assert share[m, j] == sum(t / 3 <= kappa for t in times[m]) / 40
    # The area is the integral of the curve over log t: here by its steps.
    log = np.log(np.arange(1, 61.0))
    for m in range(5):
        curve = runtime_distribution(times[m], np.arange(1, 60.0))
        assert area(times[m], 60) == pytest.approx(np.sum(curve * np.diff(log)) / log[-1])
    assert area(np.array([1.0]), 60) == 1 and area(np.array([NEVER]), 60) == 0


def test_the_first_hit_is_the_first_point_as_low_as_the_target() -> None:
    gaps = np.array([[5.0, 3.0, 4.0, np.nan, 1.0], [2.0, np.inf, np.nan, 0.5, 0.7]])
    costs = np.array([[1.0, 2, 4, 5, 9], [1, 3, 5, 7, 9]])
    targets = np.array([[5.0, 4.0, 3.0, 0.5], [2.0, 1.0, 0.6, 0.0]])
    assert first_hits(gaps, costs, targets).tolist() == [[1, 2, 2, NEVER], [1, 7, 7, NEVER]]


def test_bands_are_those_of_student() -> None:
    values = np.random.default_rng(5).standard_normal((9, 2))
    band = mean_band(values, 0.9)
    for j in range(2):
        known = stats.ttest_1samp(values[:, j], 0).confidence_interval(0.9)
        assert (band.low[j], band.high[j]) == pytest.approx((known.low, known.high))
    assert np.isinf(mean_band(values[:1]).high).all()
    scores = np.random.default_rng(6).random((3, 8))
    ahead = paired_bands(scores)
    known = stats.ttest_rel(scores[0], scores[2]).confidence_interval(1 - 0.05 / 3)
    assert (ahead.low[0, 2], ahead.high[0, 2]) == pytest.approx((known.low, known.high))
    assert np.allclose(ahead.low, -ahead.high.T)


def test_bands_of_all_pairs_hold_together_as_often_as_they_say() -> None:
    """Methods that do not differ: in at most one experiment of twenty does anybody lead."""
    rng, wrong = np.random.default_rng(7), 0
    for _ in range(400):
        ahead = paired_bands(rng.standard_normal((5, 12)))
        wrong += bool((ahead.low > 0).any())
    assert 0 < wrong <= stats.binom.ppf(0.999, 400, 0.05)


@pytest.mark.parametrize("name", ["adam", "bfgs", "sam", "nelder_mead"])
def test_what_is_counted_is_what_the_race_counts(name: str) -> None:
    """From each start: the first evaluation of a single run that is as low as each target."""
    problem, budget = SURFACES["himmelblau"], 60
    found = compare_on(problem, [name], starts=3, budget=budget, trials=1, seed=4)
    for at, start in enumerate(draw_starts(problem, 3, 4)):
        alone = descend(problem, start, name, steps=budget, stop=None)
        cost = 1 + evaluations(name, alone).sum(axis=1)
        inside = (np.abs(alone.x) <= 6).all(axis=1) & (cost <= budget)
        for target, hit in zip(TARGETS, found.hits[0, at, 0], strict=True):
            low = cost[inside & (alone.f <= target)]  # f* = 0
            assert hit == (low[0] if len(low) else NEVER)
        for share, hit in zip(SHARES, found.solved[0, at, 0], strict=True):
            low = cost[inside & (alone.f <= share * problem.f(start))]
            assert hit == (low[0] if len(low) else NEVER)


def test_inside_a_loop_what_is_counted_is_what_the_race_counts() -> None:
    """SAM's steps cost two gradients; what asks for more than a gradient is left out."""
    problem, budget = SURFACES["booth"], 41
    low, high = np.transpose(problem.box)
    for loop, each in (({"sam": 0.1}, 2), ({"lookahead": (3, 0.4)}, 1)):
        found = compare_on(problem, ["adam"], starts=3, budget=budget, trials=1, seed=2, **loop)
        for at, start in enumerate(draw_starts(problem, 3, 2)):
            alone = race(problem, start, {"adam": {}}, steps=40, stop=None, **loop)["adam"]
            cost = 1 + evaluations("adam", alone).sum(axis=1)
            assert cost[-1] == 1 + 40 * each
            inside = ((low <= alone.x) & (alone.x <= high)).all(axis=1) & (cost <= budget)
            for target, hit in zip(TARGETS, found.hits[0, at, 0], strict=True):
                met = cost[inside & (alone.f <= target)]  # f* = 0
                assert hit == (met[0] if len(met) else NEVER)
        with pytest.raises(ValueError, match="nothing stands around"):
            compare_on(problem, ["newton"], **loop)
    spec = replace(QUICK, compared=("gd", "adam", "newton"), outer="sam", outer_climb=0.1)
    done = run(spec)
    assert entrants(spec) == ("gd", "adam") and "stands around" in left_out(spec)["newton"]
    assert "'sam': 0.1" in as_python(spec) and verdict_on(done).startswith("Each inside SAM: ")
    assert not np.array_equal(done.hits, run(QUICK).hits)
    assert [chip.name for chip in compare_scene(done).chips] == [
        "SAM · Gradient descent",
        "SAM · Adam",
    ]


def test_each_method_uses_the_best_of_its_trials_on_other_starts() -> None:
    problem, budget = SURFACES["booth"], 50
    found = compare_on(problem, ["gd", "newton", "adam"], starts=2, budget=budget, trials=6, seed=1)
    assert np.isnan(found.rate[1])  # it finds its own step
    assert set(found.rate[[0, 2]]) <= set(rates_tried(6)) and rates_tried(6)[0] == RATES[0]
    points = draw_starts(problem, 5, 1, which=0)
    assert not np.isin(points, draw_starts(problem, 5, 1)).any()
    for name, used in (("gd", found.rate[0]), ("adam", found.rate[2])):
        worth = []
        for rate in rates_tried(6):
            runs = [
                race(problem, x, {name: {"lr": rate}}, steps=budget - 1, stop=None) for x in points
            ]
            gaps = [_gaps(problem, one[name], budget) for one in runs]
            hits = first_hits(np.array(gaps), np.tile(np.arange(1.0, budget + 1), (5, 1)),
                              np.tile(TARGETS, (5, 1)))  # fmt: skip
            worth.append(area(hits, budget).mean())
        assert used == rates_tried(6)[int(np.argmax(worth))]


def _gaps(problem, run, budget):
    low, high = np.transpose(problem.box)
    gap = np.where(((run.x >= low) & (run.x <= high)).all(axis=1), run.f, NEVER)
    return np.pad(gap, (0, budget - len(gap)), constant_values=NEVER)


def test_more_starts_and_more_methods_change_nothing_of_the_others() -> None:
    surface = SURFACES["booth"]
    small = compare_on(surface, ["adam"], starts=2, budget=60, trials=6, noise=0.5, seeds=2)
    large = compare_on(surface, ["gd", "adam"], starts=4, budget=60, trials=6, noise=0.5, seeds=2)
    assert np.array_equal(small.hits[0], large.hits[1, :2])
    assert small.rate[0] == large.rate[1]
    assert not np.array_equal(large.hits[1, :, 0], large.hits[1, :, 1])  # new noise


def test_what_cannot_be_compared_is_left_out_with_its_reason() -> None:
    with pytest.raises(ValueError, match="no minimum of it is known"):
        compare_on(SURFACES["saddle"], ["gd"])
    with pytest.raises(ValueError, match="noise does not reach"):
        compare_on(SURFACES["bowl"], ["bfgs"], noise=1.0)
    with pytest.raises(ValueError, match="unknown method 'adm'"):
        compare_on(SURFACES["bowl"], ["adm"])
    asked = {"starts": 0, "seeds": 1.5, "trials": 0, "budget": 1, "noise": -1.0, "seed": -1}
    for name, value in asked.items():
        with pytest.raises(ValueError, match=f"{name} = {value} is not"):
            compare_on(SURFACES["bowl"], ["gd"], **{name: value})
    spec = Compare(("gd", "gauss_newton", "natural_gradient"), ("bowl", "himmelblau"))
    assert entrants(spec) == ("gd", "gauss_newton")
    assert "likelihood" in left_out(spec)["natural_gradient"]
    assert not why_not_compared("gd", SURFACES["bowl"], 1.0)
    huge = Compare(tuple(n for n in METHODS if n != "golden_section"), starts=100, budget=2000)
    assert work_asked(huge) > MOST
    with pytest.raises(KnobError, match="smaller budget"):
        next(work(huge))


def test_every_method_keeps_to_the_budget() -> None:
    booth = SURFACES["booth"]
    for name in METHODS:
        if not why_not_compared(name, booth):
            met = compare_on(booth, [name], starts=2, budget=12, trials=2).hits
            times = met[np.isfinite(met)]
            assert ((times >= 1) & (times <= 12)).all(), name
            assert (np.diff(np.isfinite(met).astype(int)) <= 0).all()  # fewer meet lower targets


def test_the_room_adds_up() -> None:
    done = run(QUICK)
    assert done.hits.shape == (2, 2, 4, 1, 51)
    shown, ends = numbers(done), summary(done)
    for i, name in enumerate(done.methods):
        by_hand = [
            (done.hits[i] <= budget).mean() for budget in shown[name]["evaluations"].tolist()
        ]
        assert shown[name]["targets_met"] == pytest.approx(by_hand)
        assert ends[name]["score"][0] == pytest.approx(area(done.hits[i], 40).mean())
        assert ends[name]["solved"][0] == np.isfinite(done.solved[i]).mean()
    shares = [share for share, _ in work(QUICK)]
    assert shares == [0.25, 0.5, 0.75, 1.0, 1.0]


def test_the_verdict_says_what_survives_and_nothing_more() -> None:
    done = run(QUICK)
    base = np.linspace(0.3, 0.5, 8)
    three = done._replace(methods=("gd", "adam", "lion"))
    clear = three._replace(scores=np.array([base, base + 0.2, base - 0.1]))
    assert lead_of(clear).first == "adam" and set(lead_of(clear).beaten) == {"gd", "lion"}
    assert "over each of the others survives" in verdict_on(clear)
    wild = np.array([0.3, -0.3] * 4)
    none = three._replace(scores=np.array([base, base + wild + 0.01, base - wild]))
    assert "but no lead survives" in verdict_on(none)
    some = three._replace(scores=np.array([base + wild - 0.01, base, base - 0.2]))
    assert "over 1 of 2 survives" in verdict_on(some) and "not that over Gradient" in verdict_on(
        some
    )
    alone = done._replace(methods=("gd",), scores=base[None])
    assert "alone" in verdict_on(alone)
    assert "no" in verdict_on(done._replace(hits=np.full_like(done.hits, NEVER))).casefold()
    tied = three._replace(scores=np.array([base, base, base - 0.1]))
    assert "Gradient descent and Adam are level and lead, with" in verdict_on(tied)
    assert set(lead_of(tied).beaten) == {"lion"} and "each of the others" in verdict_on(tied)
    alike = tied._replace(scores=np.array([base, base, base]), loop="SAM")
    assert verdict_on(alike).startswith("Each inside SAM: Gradient descent and Adam and Lion are")
    assert "leads" not in verdict_on(alike)


def test_no_point_of_a_window_lies_below_the_minimum_that_targets_count_from() -> None:
    for name in SURFACES_HERE:
        problem = SURFACES[name]
        grid = np.stack(np.meshgrid(*(np.linspace(*ends, 201) for ends in problem.box)), -1)
        floor = min(float(problem.f(m)) for m in problem.minima)
        assert np.nanmin(problem.f(grid)) >= floor - 1e-9 * max(1.0, abs(floor)), name


def test_a_long_comparison_waits_under_a_bar_and_one_without_end_is_refused() -> None:
    small = "race_room=compare&race_compared=gd&race_compared=adam&race_surfaces=bowl"
    small += "&race_surfaces=booth"
    long = Visit("race", f"{small}&race_starts=100&race_budget=2000&race_trials=20")
    spec = long.spec()
    assert work_asked(spec) > AT_ONCE > work_asked(Compare())
    assert long.stages()[0]["alt"].endswith(verdict_on(run(spec)))
    many = "".join(f"&race_compared={name}" for name in METHODS_HERE)
    endless = Visit("race", f"race_room=compare{many}&race_starts=100&race_budget=2000")
    assert any("smaller budget" in said.value for said in endless.at.caption)
    assert endless.stages()[0]["alt"].endswith(verdict_on(run(Compare())))
    assert any(said.value.startswith(STAND_IN) for said in endless.at.caption)


def test_what_is_not_run_leaves_the_last_comparison_and_says_so() -> None:
    """A comparison is refused, and the one before stays: named as that, with its numbers."""
    visit = Visit("race", "race_room=compare&race_compared=gd&race_surfaces=bowl&race_starts=3")
    first = verdict_on(run(visit.spec()))
    visit.at.session_state["race_budget"] = 2000
    visit.at.session_state["race_starts"] = 100
    visit.at.session_state["race_trials"] = 40
    visit.at.session_state["race_compared"] = tuple(METHODS_HERE)
    visit.at.session_state["race_surfaces"] = tuple(SURFACES_HERE)
    visit.at.run()
    told = [said.value for said in visit.at.caption]
    assert any("smaller budget" in words for words in told)
    assert f"{EARLIER}. {first}" in told
    assert visit.stages()[0]["alt"].endswith(first)


def test_a_typed_rule_is_compared_like_any_other() -> None:
    """Typed gradient descent has the outcome of ours, bit for bit, also tuned and under noise."""
    text = "x = x - lr*g"
    for noise in (0.0, 0.5):
        spec = replace(QUICK, compared=("gd", RULE), rule=text, noise=noise)
        done = run(spec)
        assert done.methods == ("gd", text)
        np.testing.assert_array_equal(done.hits[0], done.hits[1])
        np.testing.assert_array_equal(done.rate[0], done.rate[1])
    assert repr(text) in as_python(spec)
    link = "race_room=compare&race_compared=gd&race_compared=rule&race_rule=x%20%3D%20x%20-%20lr*g"
    visit = Visit("race", f"{link}&race_surfaces=bowl&race_starts=3&race_budget=30")
    assert not visit.at.exception
    assert [chip["name"] for chip in visit.stages()[0]["chips"]] == [LABELS["gd"], LABELS[text]]


def test_the_work_is_bounded_before_it_begins_and_about_right() -> None:
    """What takes seconds in one process is not done at once, whatever the method."""
    for name in METHODS_HERE:
        spec = Compare((name,), ("booth", "bowl"), starts=100, budget=2000, trials=1)
        slow = {"cma_es": 60, "bfgs": 1, "gd": 0.2}.get(name, 0.2)
        assert work_asked(spec) > slow, name
    assert work_asked(replace(QUICK, compared=("cma_es",))) < AT_ONCE
