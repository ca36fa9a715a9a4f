"""The page of Markov chains without a browser: settings, links, verdicts, studies."""

import contextlib
import csv
import io
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Cells, Labels, Segments, Track
from gdviz.figures.static import static_figure
from gdviz.figures.wire_format import pack
from gdviz.probability import SAMPLERS, TARGETS
from gdviz.queries import from_query, to_query
from gdviz.topics.mcmc import settings as topic
from gdviz.topics.mcmc import studies
from gdviz.topics.mcmc.figure import live_scene, mcmc_scene
from gdviz.topics.mcmc.figure_density import background
from gdviz.topics.mcmc.presets import PRESETS
from gdviz.topics.mcmc.program import as_csv, as_python
from gdviz.topics.mcmc.settings import OWN, TYPED, Mcmc, apply_hand, burn_of, run, start_points
from gdviz.topics.mcmc.step_sizes import WIDTHS, step_marks
from gdviz.topics.mcmc.verdicts import BAD, GOOD, WARNING, rhat_words, verdicts

SMALL = Mcmc(draws=400, burn=100)


def words(spec: Mcmc) -> str:
    return " ".join(v.words for v in verdicts(run(spec)))


def levels(spec: Mcmc) -> set[str]:
    return {v.level for v in verdicts(run(spec))}


def preset(label: str) -> Mcmc:
    return Mcmc(**next(p.values for p in PRESETS if p.label == label))


# --- settings ---------------------------------------------------------------------------------


def test_every_target_and_sampler_is_known_to_the_page():
    assert set(WIDTHS) == set(TARGETS) and set(OWN) == set(SAMPLERS)
    for name in SAMPLERS:
        SAMPLERS[name](TARGETS["standard"], **topic.knobs_of(SMALL, name))


@pytest.mark.parametrize("chosen", PRESETS, ids=lambda p: p.label)
def test_a_preset_keeps_what_it_promises(chosen):
    spec = Mcmc(**chosen.values)
    found = verdicts(run(spec))
    if chosen.good:
        assert BAD not in {v.level for v in found}
    else:
        assert {v.level for v in found} & {BAD, WARNING}
    assert from_query(Mcmc, to_query(spec)) == spec
    assert all(v.words.endswith(".") for v in found)


def test_the_defaults_are_to_be_trusted():
    assert levels(Mcmc()) == {GOOD}


def test_the_presets_say_what_they_are_for():
    assert "timid" in words(preset("Too small"))
    assert "wasted" in words(preset("Too large")) or "never moved" in words(preset("Too large"))
    assert "spent its time in the" in words(preset("Two modes"))
    assert "wrong" in words(preset("One chain is not enough"))
    assert "diverged" in words(preset("Funnel"))
    far = run(preset("Far start"))
    assert np.abs(far.trace.start - 2).min() > 20 and abs(far.summaries[0].mean - 2) < 0.3


def test_one_chain_in_one_mode_looks_perfect_and_is_wrong():
    """Row 11g: no diagnostic complains of the draws, and the mean is off by 4."""
    seen = run(preset("One chain is not enough"))
    s = seen.summaries[0]
    assert s.ess_bulk > 400 and abs(s.mean - 0) > 3.5 and s.mcse_mean < 0.2


def test_burn_in_only_sets_draws_apart():
    """The chain is the same; what is kept of it changes."""
    a, b = run(replace(SMALL, burn=50)), run(replace(SMALL, burn=200))
    np.testing.assert_array_equal(a.x, b.x)
    np.testing.assert_array_equal(b.trace.x, a.x[200:])
    assert len(a.x) == 400 and a.summaries != b.summaries
    assert burn_of(replace(SMALL, burn=19_000)) == 350
    assert burn_of(replace(SMALL, burn=0)) == 0 and len(run(replace(SMALL, burn=0)).x) == 400


def test_steins_particles_are_cut_short():
    spec = Mcmc(sampler="svgd", draws=20_000)
    assert topic.draws_of(spec) == topic.SWARM_DRAWS


@pytest.mark.parametrize("text", ["", "1", "1,2", "a,b;c,d;e,f;g,h", "1,2;3,4;5,6;nan,1", ";;;",
                                  "1,2;3,4;5,6;1e999,0", "1,2,3;4,5,6;7,8,9;1,2,3"])  # fmt: skip
def test_starts_that_say_nothing_are_random(text: str):
    assert start_points(replace(SMALL, starts=text)) is None
    assert run(replace(SMALL, starts=text)).trace.start.shape == (4, 2)


def test_starts_are_taken_and_refused_in_words():
    spec = replace(SMALL, starts="1,2;3,4;5,5;-1,-2")
    np.testing.assert_array_equal(run(spec).trace.start, [[1, 2], [3, 4], [5, 5], [-1, -2]])
    with pytest.raises(ValueError, match="chain 1 starts at"):
        run(replace(spec, target="box"))


def test_a_hand_moves_a_start_or_the_burn_in():
    moved = apply_hand(SMALL, Hand("start2", 0.5, -1.5))
    np.testing.assert_array_equal(start_points(moved)[2], [0.5, -1.5])
    before = run(SMALL).trace.start
    np.testing.assert_allclose(start_points(moved)[[0, 1, 3]], before[[0, 1, 3]], rtol=1e-3)
    again = apply_hand(moved, Hand("start0", 1.0, 1.0))
    assert start_points(again)[2].tolist() == [0.5, -1.5]
    assert apply_hand(SMALL, Hand("burn", 123.4, 9.0)).burn == 123
    assert apply_hand(SMALL, Hand("burn", -1e9, 0.0)).burn == 0
    one = apply_hand(Mcmc(target="normal"), Hand("start1", 3.0, -0.1))
    assert start_points(one)[1].tolist() == [3.0]


@pytest.mark.parametrize("name", ["", "start", "start9", "start-1", "startx", "x" * 40, "start٣"])
def test_a_forged_hand_moves_nothing(name: str):
    assert apply_hand(SMALL, Hand(name, 1.0, 1.0)) == SMALL


def test_a_typed_target_has_its_window():
    spec = replace(SMALL, target=TYPED, formula="-x**2 - y**4", left=2.0, right=-3.0)
    assert topic.target_of(spec).box == ((-3.0, 2.0), (-4.0, 4.0))
    line = replace(spec, formula="-abs(x)")
    assert run(line).x.shape == (400, 4, 1)
    with pytest.raises(ValueError, match="window"):
        topic.target_of(replace(spec, left=1.0, right=1.0))
    with pytest.raises(ValueError):
        run(replace(spec, formula="nonsense("))


@pytest.mark.parametrize(
    "formula, say",
    [("x**2 + y**2", "without bound"), ("0*x", "same everywhere"), ("sin(x)*y*0", "improper|same"),
     ("-log(1 + x**2 + y**2)", "improper")],
)  # fmt: skip
def test_what_is_no_density_is_said_first(formula: str, say: str):
    found = verdicts(run(replace(SMALL, target=TYPED, formula=formula)))
    assert found[0].level == BAD
    assert any(part in found[0].words for part in say.split("|"))
    assert not any("truth" in v.words for v in found)


@pytest.mark.parametrize("label", ["Just right", "Funnel", "Tempering", "Far start"])
def test_copy_as_python_prints_the_numbers_of_the_page(label: str):
    spec = preset(label)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(as_python(spec), {})
    seen = run(spec)
    for name, s in zip(seen.trace.target.variables, seen.summaries, strict=True):
        assert f"{name}: mean {s.mean:.10g} sd {s.sd:.10g} R-hat {s.rhat:.10g}" in out.getvalue()
    assert f"{seen.trace.accepted.mean()} {seen.trace.status}" in out.getvalue()


def test_a_typed_page_as_python():
    spec = replace(SMALL, target=TYPED, formula="-x**2/2 - abs(y)", sampler="hmc")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(as_python(spec), {})
    assert f"x: mean {run(spec).summaries[0].mean:.10g}" in out.getvalue()


def test_the_csv_holds_every_draw_in_full():
    seen = run(SMALL)
    rows = list(csv.DictReader(io.StringIO(as_csv(seen).decode())))
    assert len(rows) == 1600 and rows[0]["chain"] == "1" and rows[-1]["draw"] == "400"
    x = np.array([float(r["x"]) for r in rows]).reshape(4, 400)
    np.testing.assert_array_equal(x, seen.x[:, :, 0].T)
    assert sum(int(r["burn_in"]) for r in rows) == 400


def test_marks_of_theory():
    assert step_marks(Mcmc(target="standard"), "sigma")[0][0] == pytest.approx(2.38 / 2**0.5)
    hmc = Mcmc(target="correlated", sampler="hmc")
    assert step_marks(hmc, "leap")[0][0] == pytest.approx(2 * np.sqrt(0.1))
    assert step_marks(Mcmc(target="correlated_99"), "sigma") == []  # the best step is 3.6 times it
    assert step_marks(Mcmc(target="banana"), "sigma") == []
    assert step_marks(Mcmc(target=TYPED), "sigma") == []


# --- the stage --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bimodal", "far_modes"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_has_a_picture(sampler: str, name: str):
    spec = Mcmc(target=name, sampler=sampler, draws=350, burn=40)
    seen = run(spec)
    for pace in topic.PACES:
        scene = mcmc_scene(seen, replace(spec, pace=pace))
        assert scene.steps == 300 and scene.alt
        assert len(pack(scene)) < 900_000
    figure = static_figure(background(seen.trace.target, len(seen.x)), scene, 41)
    assert len(figure.data) > 8
    assert {h.id for h in scene.handles} == {"burn", *(f"start{c}" for c in range(4))}


def test_the_stage_shows_the_draws_and_their_proposals():
    seen = run(SMALL)
    scene = mcmc_scene(seen, SMALL)
    tracks = [layer for layer in scene.layers if isinstance(layer, Track)]
    assert len(tracks) == 4
    np.testing.assert_array_equal(tracks[1].x[1:], seen.x[:300, 1, 0])
    assert tracks[1].x[0] == seen.trace.start[1, 0]
    arrows = {a.name: a for a in scene.layers if isinstance(a, Segments) and a.arrow}
    k = 1 + int(np.flatnonzero(seen.states.accepted[:300, 0])[5])
    assert arrows["accepted"].x1[k, 0] == tracks[0].x[k] and np.isnan(arrows["rejected"].x1[k, 0])
    assert arrows["accepted"].x0[k, 0] == tracks[0].x[k - 1]
    k = 1 + int(np.flatnonzero(~seen.states.accepted[:300, 0])[5])
    assert np.isnan(arrows["accepted"].x1[k, 0]) and not np.isnan(arrows["rejected"].x1[k, 0])
    said = [layer for layer in scene.layers if isinstance(layer, Labels) and layer.name == "test"]
    assert "rejected" in said[1].texts[k][0] and said[0].texts[k][0] == ""
    assert said[0].texts[0] == said[1].texts[0] == ("",)


@pytest.mark.parametrize("k", [150, 300])
def test_the_histogram_leaves_the_burn_in_out_once_it_is_over(k: int):
    seen = run(SMALL)
    cells = next(c for c in mcmc_scene(seen, SMALL).layers if isinstance(c, Cells))
    edges = np.append(cells.x0[0], cells.x1[0, -1])
    wanted = np.histogram(seen.x[100:k, :, 0], edges)[0] / (seen.x[100:k, :, 0].size)
    np.testing.assert_allclose(cells.y1[k], wanted / np.diff(edges), rtol=1e-12)
    early = np.histogram(seen.x[:60, :, 0], edges)[0] / 240 / np.diff(edges)
    np.testing.assert_allclose(cells.y1[60], early, rtol=1e-12)


def test_divergences_are_shown_where_they_happened():
    spec = preset("Funnel")
    seen = run(spec)
    points = next(p for p in mcmc_scene(seen, spec).layers if p.name == "divergences")
    t, c = np.nonzero(seen.trace.states.divergent)
    assert 0 < points.x.size <= 300 and points.x[0, 0] == seen.trace.x[t[0], c[0], 0]
    assert np.median(points.y) < np.median(seen.trace.x[..., 1])


def test_the_live_scene_follows_the_hand_and_survives_nonsense():
    query = to_query(SMALL)
    moved = live_scene(query, Hand("start1", 2.0, 2.0, True))
    track = next(layer for layer in moved.layers if layer.name == "chain 2")
    assert (track.x[0], track.y[0]) == (2.0, 2.0)
    assert live_scene("target=%00&draws=1e9&sigma=nan", Hand("nobody", 0, 0, True)).steps == 300
    with pytest.raises(ValueError):
        live_scene("target=typed&formula=((((", None)


# --- verdicts, studies ------------------------------------------------------------------------


def test_chains_that_never_moved_get_their_sentence():
    spec = Mcmc(target="standard", sigma=100.0, draws=100, burn=0, seed=3)
    said = verdicts(run(spec))
    assert said[0].level == BAD and "never moved" in said[0].words


def test_the_sweep_finds_the_acceptance_of_theory():
    *_, (share, found) = studies.sweep(Mcmc(target="standard"))
    assert share == 1.0 and found.knob == "sigma"
    best = int(np.nanargmax(found.per_evaluation))
    assert 0.15 < found.acceptance[best] < 0.55
    assert np.all(np.diff(found.acceptance) < 0.03)
    assert np.all(found.per_second > 0)


def test_the_comparison_knows_every_sampler_and_that_gradients_pay_on_a_ridge():
    *_, (_, scores) = studies.compare(Mcmc(target="correlated_99", leap=0.15, sigma=0.2))
    assert {s.sampler for s in scores} == set(SAMPLERS) - {"svgd"}
    by = {s.sampler: s for s in scores}
    assert by["hmc"].per_evaluation > by["rwm"].per_evaluation
    assert len(studies.rows_of(scores)) == len(scores)


def test_the_error_falls_like_the_root_of_n_and_levels_off_in_a_mode():
    good = studies.errors(Mcmc(target="standard", sigma=1.7))
    slope = np.polyfit(np.log(good.n[6:]), np.log(good.mean[0, 6:]), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.15)
    assert np.polyfit(np.log(good.n[6:]), np.log(good.distance[0, 6:]), 1)[0] < -0.35
    stuck = studies.errors(Mcmc(target="bimodal", sampler="mala", leap=0.5))
    assert stuck.mean[0, -1] > 2


def test_the_distribution_function_is_that_of_the_normal():
    from scipy.special import ndtr

    x = np.linspace(-3, 7, 50)
    ours = studies.distribution(TARGETS["normal"], 0, x)
    np.testing.assert_allclose(ours, ndtr((x - 2) / 1.5), atol=2e-5)


def test_an_infinite_rhat_is_written_so() -> None:
    chains = SimpleNamespace(trace=SimpleNamespace(chains=np.zeros((3, 2, 1))))
    chains.summaries = [SimpleNamespace(rhat=value) for value in (math.inf, math.nan, 1.0042)]
    assert rhat_words(chains) == ("∞", "undefined", "1.004")
