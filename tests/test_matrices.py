"""The room *matrices*: Muon and Shampoo against others' runs, and what is said of a race."""

import io
import json
import re
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cases import each

from gdviz.catalogue import lookup
from gdviz.catalogue.pitfall import output_of
from gdviz.figures.hand import Hand
from gdviz.learn.linear_network import MatrixTask, gradients, loss, product, train_matrices
from gdviz.optimize.matrix_rules import (
    COEFFICIENTS,
    MATRIX_RULES,
    inverse_power,
    muon,
    newton_schulz,
    polar,
    shampoo,
)
from gdviz.queries import from_query
from gdviz.server.live_scene import live
from gdviz.topics.backprop.matrices.figure import live_scene, picture
from gdviz.topics.backprop.matrices.hand import apply_hand
from gdviz.topics.backprop.matrices.iteration import rounds_at
from gdviz.topics.backprop.matrices.settings import (
    MOST,
    RACERS,
    Matrices,
    first_layers,
    rank_of,
    run,
    stable_rank,
    task_of,
)
from gdviz.topics.backprop.matrices.verdict import directions, steps_to_learn, verdict_of

RECORDED = json.loads((Path(__file__).parent / "reference" / "matrices.json").read_text())["runs"]
QUICK = Matrices(span=40)


def test_every_path_is_that_of_torch_or_of_the_paper() -> None:
    """Layers after 1, 10 and 100 steps, within 1e-10 or what rounding of the start moves."""
    told = {run["rule"] for run in RECORDED}
    assert told == set(MATRIX_RULES) == set(RACERS) and len(RECORDED) >= 30
    for case in RECORDED:
        task = MatrixTask(np.array(case["target"]), np.array(case["sigma"]))
        start = [np.array(W) for W in case["start"]]
        done = train_matrices(start, task, MATRIX_RULES[case["rule"]](**case["knobs"]), 100)
        assert case["moved"] < 1e-10, "a path that rounding decides is no reference"
        for step, layers in case["path"].items():
            for ours, theirs in zip(done.layers, layers, strict=True):
                np.testing.assert_allclose(
                    ours[int(step)], theirs, rtol=0, atol=1e-10, err_msg=f"{case['rule']} {step}"
                )


@each("shape", [(3, 5), (5, 3), (4, 4), (1, 6), (6, 1)])
def test_newton_schulz_keeps_the_vectors_and_maps_each_singular_value(shape) -> None:
    G = np.random.default_rng(shape[0]).standard_normal(shape)
    for a, b, c in COEFFICIENTS.values():
        found = newton_schulz(G, 4, (a, b, c))
        U, s, Vt = np.linalg.svd(G, full_matrices=False)
        s = s / np.linalg.norm(G)
        for X in found:
            np.testing.assert_allclose(X, (U * s) @ Vt, atol=1e-12)
            s = a * s + b * s**3 + c * s**5
    exact = newton_schulz(G, 60, COEFFICIENTS["exact"])[-1]
    np.testing.assert_allclose(exact, polar(G), atol=1e-12)
    ends = np.linalg.svd(newton_schulz(G, 5)[-1], compute_uv=False)
    first = np.linalg.svd(G, compute_uv=False) / np.linalg.norm(G)
    assert ((ends > 0.65) & (ends < 1.25))[first > 0.01].all()


def test_the_converging_pattern_is_of_third_order() -> None:
    a, b, c = COEFFICIENTS["exact"]
    assert (a + b + c, a + 3 * b + 5 * c, 6 * b + 20 * c) == (1, 0, 0)


def test_of_no_gradient_nothing_is_made() -> None:
    W = np.ones((3, 2))
    for name, rule in MATRIX_RULES.items():
        after, _ = rule(lr=0.1).step(W, np.zeros((3, 2)), 1, rule(lr=0.1).rest(W))
        np.testing.assert_array_equal(after, W, err_msg=name)


def test_shampoo_is_the_polar_factor_at_its_first_gradient() -> None:
    """(GGᵀ)^(−1/4) G (GᵀG)^(−1/4) = UVᵀ, as the words say; and its power inverts."""
    rng = np.random.default_rng(3)
    G = rng.standard_normal((4, 4))
    rule = shampoo(lr=1.0, eps=1e-14)
    after, _ = rule.step(np.zeros((4, 4)), G, 1, rule.rest(G))
    np.testing.assert_allclose(-after, polar(G), atol=1e-6)
    P = G @ G.T + np.eye(4)
    root = inverse_power(P, 0.25, 1.0)
    np.testing.assert_allclose(np.linalg.matrix_power(root, 4) @ P, np.eye(4), atol=1e-10)


def test_a_point_of_the_plane_shows_none_of_it() -> None:
    """A column has one singular value: Muon is descent with steps of one length, R a number."""
    rng = np.random.default_rng(0)
    rule, lengths = muon(lr=0.1, momentum=0.0), []
    for size in (1e-3, 1.0, 1e3):
        G = size * rng.standard_normal((2, 1))
        after, _ = rule.step(np.zeros((2, 1)), G, 1, rule.rest(G))
        assert np.linalg.svd(after, compute_uv=False).shape == (1,)
        np.testing.assert_allclose(
            after / np.linalg.norm(after), -G / np.linalg.norm(G), atol=1e-12
        )
        lengths.append(np.linalg.norm(after))
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-9)
    assert shampoo().rest(G)[1].shape == (1, 1)


@each("net, ins, outs, between", [("two", 5, 3, 4), ("two", 3, 6, 2), ("one", 4, 5, 1)])
def test_the_gradient_is_that_of_differences(net, ins, outs, between) -> None:
    spec = Matrices(net=net, ins=ins, outs=outs, between=between, condition=30.0, first=0.5)
    task, layers = task_of(spec), first_layers(spec)
    for k, G in enumerate(gradients(layers, task)):
        for at in np.ndindex(G.shape):
            ends = []
            for h in (1e-5, -1e-5):
                moved = [W.copy() for W in layers]
                moved[k][at] += h
                ends.append(loss(moved, task))
            assert G[at] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


def test_the_task_is_what_the_knobs_say() -> None:
    spec = Matrices(rank=3, lowest=0.2, condition=50.0)
    task = task_of(spec)
    values = np.linalg.svd(task.target, compute_uv=False)
    np.testing.assert_allclose(values[:3], [1, 0.2**0.5, 0.2])
    assert values[3:].max() < 1e-12
    assert np.linalg.cond(task.sigma) == pytest.approx(50)
    assert rank_of(Matrices(rank=MOST, outs=2)) == 2
    x = np.linalg.cholesky(task.sigma) @ np.random.default_rng(0).standard_normal((8, 200_000))
    error = product(first_layers(spec)) - task.target
    mean = 0.5 * np.mean(np.sum((error @ x) ** 2, axis=0))
    assert loss(first_layers(spec), task) == pytest.approx(mean, rel=0.02)


def test_the_run_holds_the_singular_values_of_its_layers() -> None:
    done = run(QUICK)
    for name, one in done.runs.items():
        assert len(one.losses) == len(one.values) == len(one.updates) == 41
        for t in (0, 7, 40):
            whole = one.layers[1][t] @ one.layers[0][t]
            np.testing.assert_allclose(one.values[t], np.linalg.svd(whole)[1], atol=1e-12)
            assert one.losses[t] == pytest.approx(loss([W[t] for W in one.layers], task_of(QUICK)))
        change = one.layers[0][8] - one.layers[0][7]
        np.testing.assert_allclose(
            one.updates[7], np.linalg.svd(change)[1], atol=1e-12, err_msg=name
        )
    second = run(replace(QUICK, seen="second")).runs["muon"]
    change = second.layers[1][8] - second.layers[1][7]
    np.testing.assert_allclose(second.updates[7], np.linalg.svd(change)[1], atol=1e-12)
    assert stable_rank(np.array([3.0, 3.0, 0.0])) == 2 and stable_rank(np.zeros(3)) == 0


def test_the_rounds_end_in_the_step_that_muon_takes() -> None:
    for spec in (QUICK, replace(QUICK, net="one", pattern="exact"), replace(QUICK, seen="second")):
        one = run(spec).runs["muon"]
        layer = one.layers[1 if spec.seen == "second" else 0]
        for t in (0, 5, 39):
            found = rounds_at(spec, one, t)
            rows, columns = layer.shape[1:]
            rate = spec.eta_muon * max(1, rows / columns) ** 0.5
            np.testing.assert_allclose(
                layer[t] - rate * found.matrices[-1], layer[t + 1], atol=1e-12
            )


def test_what_is_learned_is_told_from_the_run() -> None:
    done = run(replace(QUICK, racers=("gd",)))
    one, target = done.runs["gd"], np.array([1.0, 0.5])
    strengths = np.column_stack([np.minimum(np.linspace(0, 2, 41), 1.05), np.linspace(0, 0.4, 41)])
    told = one._replace(strengths=strengths)
    assert steps_to_learn(told, target).tolist() == [18, -1]
    assert "1 of 2 singular values learned (largest first: at step 18, –)" in verdict_of(
        "gd", told, target
    )
    beyond = one._replace(strengths=np.linspace(0, 2, 41)[:, None] * [1, 0.5])
    assert steps_to_learn(beyond, target).tolist() == [-1, -1], "it went past, and did not stay"
    held = one._replace(strengths=np.ones((41, 1)) * target)
    assert steps_to_learn(held, target).tolist() == [0, 0]
    flat = one._replace(updates=np.tile([2.0, 2.0, 0.0], (41, 1)))
    assert directions(flat) == 2 and "about 2 of 3 directions" in verdict_of(
        "gd", flat, done.target
    )
    lost = run(Matrices(racers=("gd",), net="one", eta_gd=10.0)).runs["gd"]
    assert lost.lost and "diverged after step" in verdict_of("gd", lost, done.target)
    none = one._replace(strengths=0 * strengths)
    assert "0 of 2 singular values learned, loss" in verdict_of("gd", none, target)


def test_the_hand_moves_the_least_singular_value() -> None:
    assert apply_hand(QUICK, Hand("lowest", 3.0, 0.4567)).lowest == 0.457
    assert apply_hand(QUICK, Hand("lowest", 3.0, -9.0)).lowest == 0.01
    assert apply_hand(QUICK, Hand("other", 1.0, 1.0)) == QUICK
    scene = live_scene("span=20", Hand("lowest", 20.0, 0.5))
    (line,) = [one for one in scene.layers if one.name == "target 4" and one.panel == 0]
    assert line.y[0, 0] == 0.5
    assert live("backprop_matrices", "span=20&hand=lowest,0,0.3").status_code == 200


@each("racers", [("gd", "muon"), ("adam", "shampoo")])
def test_the_program_prints_the_end_of_the_run(racers) -> None:
    spec = replace(QUICK, racers=racers, fade="linear", power="half", net="one")
    told = io.StringIO()
    with redirect_stdout(told):
        exec(compile(lookup.as_python(spec), "page", "exec"), {})
    for (name, one), line in zip(run(spec).runs.items(), told.getvalue().splitlines(), strict=True):
        assert line.startswith(name)
        values = [float(v) for v in re.findall(r"\d\S*", line)]
        np.testing.assert_allclose(values, [one.losses[-1], *one.values[-1]], rtol=1e-9, atol=1e-12)


def test_every_picture_is_finite() -> None:
    every = from_query(Matrices, "&".join(f"racers={name}" for name in RACERS) + "&span=10")
    assert every.racers == tuple(RACERS), "a link may name them all"
    for spec in (
        QUICK,
        Matrices(net="one", eta_gd=10.0, eta_adam=10.0, eta_muon=10.0, eta_shampoo=10.0, span=30),
        every,
        Matrices(racers=("soap",), eta_soap=10.0, renewal=1, net="one", span=10),
        Matrices(outs=2, ins=2, between=1, rank=1, first=1.0, span=10),
        Matrices(outs=MOST, ins=MOST, between=MOST, rank=MOST, condition=1e4, span=10),
        Matrices(inertia=0.0, rounds=12, power="half", fade="linear", span=10, lowest=0.01),
        Matrices(inertia=0.99, rounds=1, pattern="exact", first=1e-4, span=10, eta_muon=1e-4),
    ):
        drawn = picture(spec)
        assert [chip.name for chip in drawn.scene.chips] == [RACERS[name] for name in spec.racers]
        for layer in drawn.scene.layers:
            for name in ("x", "y", "x0", "y0", "x1", "y1", "values"):
                assert np.isfinite(np.asarray(getattr(layer, name, 0.0), float)).all(), layer.name
        assert not re.search("nan|undefined", drawn.scene.alt + str(drawn.scene.chips))


def test_the_pitfall_of_the_room_prints_what_it_says() -> None:
    (row,) = lookup.pitfalls("backprop_matrices")
    wrong, right = (float(output_of(code).split(": ")[1]) for code in (row.wrong, row.right))
    assert wrong > 50 and right < 3
