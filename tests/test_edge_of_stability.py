"""The room *edge of stability*: exact Hessians, Lanczos, limits, and what is said of a run."""

import io
import re
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cases import each
from scipy import linalg
from threadpoolctl import threadpool_info, threadpool_limits

from gdviz.catalogue import lookup
from gdviz.catalogue.pitfall import output_of
from gdviz.figures.hand import Hand
from gdviz.learn import forward, init_params, train
from gdviz.learn.activations import ACTIVATIONS
from gdviz.learn.lanczos import largest_eigenvalues
from gdviz.learn.network import flat, unflat
from gdviz.learn.network_hessian import BENDS, CURVATURES, hessian, hessian_times, local
from gdviz.learn.network_losses import LOSSES
from gdviz.learn.network_objective import NetworkProblem, flat_batch
from gdviz.learn.sharpness import sharpness
from gdviz.learn.time_average import running_mean
from gdviz.learn.toy_datasets import DataError
from gdviz.optimize.stability import Edge, preconditioned_edge, stability_edge
from gdviz.server.live_scene import live
from gdviz.topics.backprop.edge.figure import density, live_scene, picture
from gdviz.topics.backprop.edge.hand import apply_hand
from gdviz.topics.backprop.edge.settings import (
    RULES,
    EdgeOfStability,
    edge_of,
    first_params,
    goal_of,
    run,
    scales,
    sizes_of,
    steps_of,
    task_of,
)
from gdviz.topics.backprop.edge.verdict import (
    largest_rise,
    stay_of,
    verdict_on,
    verdict_on_middle,
)

QUICK = EdgeOfStability(length=40, count=30, units="4, 3")


def networks(sizes: tuple[int, ...], n: int, loss: str, seed: int = 0):
    """Return three networks as rows, inputs and targets."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, sizes[0])), (rng.random((n, 1)) > 0.5).astype(float)
    p = flat(init_params(sizes)).size
    theta = np.array([flat(init_params(sizes, seed=s)) for s in range(3)])
    y = np.hstack([1 - y, y]) if sizes[-1] == 2 else y
    return theta + 0.1 * rng.standard_normal((3, p)), X, y


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_hessian_is_that_of_differences_of_the_gradient(activation: str) -> None:
    for loss in LOSSES:
        for hidden in ((), (4,), (4, 3), (2, 3, 2)):
            sizes = (2, *hidden, 2 if loss == "cross_entropy" else 1)
            theta, X, y = networks(sizes, 12, loss)
            params = unflat(theta, sizes)
            found = local(params, X, y, activation, loss)
            H = hessian(params, found)
            for k, point in enumerate(theta):
                other = NetworkProblem(sizes, X, y, activation, loss).hess(point)
                np.testing.assert_allclose(H[k], other, atol=1e-7 * (1 + np.abs(other).max()))
            v = np.random.default_rng(1).standard_normal(theta.shape)
            product = flat_batch(hessian_times(params, found, unflat(v, sizes)))
            np.testing.assert_allclose(product, np.einsum("kij,kj->ki", H, v), atol=1e-12)


def test_every_activation_and_loss_has_its_second_derivative() -> None:
    assert BENDS.keys() == ACTIVATIONS.keys() and CURVATURES.keys() == LOSSES.keys()
    z, h = np.array([-30.0, -2.1, -0.4, 0.3, 1.7, 40.0]), 1e-5
    for name, kind in ACTIVATIONS.items():
        rise = (kind.slope(z + h) - kind.slope(z - h)) / (2 * h)
        np.testing.assert_allclose(BENDS[name](z), rise, atol=1e-9)


def test_the_hessians_of_a_path_are_left_to_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    theta, X, y = networks((2, 3, 1), 12, "mse")
    seen: list[int] = []

    def watched(*given: Any) -> np.ndarray:
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return hessian(*given)

    monkeypatch.setattr("gdviz.learn.sharpness.hessian", watched)
    with threadpool_limits(2, "blas"):
        sharpness(theta, (2, 3, 1), X, y, "tanh", "mse")
        after = [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"]
    assert seen and set(seen) == {1} and set(after) == {2}


def test_without_hidden_layers_it_is_the_matrix_of_the_text_book() -> None:
    theta, X, y = networks((2, 1), 50, "mse")
    table = np.column_stack([X, np.ones(50)])
    path = theta[:1]
    (values,) = sharpness(path, (2, 1), X, y, "tanh", "mse").values
    np.testing.assert_allclose(values, np.linalg.eigvalsh(2 * table.T @ table / 50), rtol=1e-12)
    chance = 1 / (1 + np.exp(-table @ path[0]))
    (values,) = sharpness(path, (2, 1), X, y, "tanh", "bce").values
    weighed = table.T * (chance * (1 - chance)) @ table / 50
    np.testing.assert_allclose(values, np.linalg.eigvalsh(weighed), rtol=1e-12)


@each("p, kind", [(p, k) for p in (1, 2, 7, 60, 400) for k in ("normal", "clustered", "rank 1")])
def test_lanczos_finds_the_largest_eigenvalue_of_eigh(p: int, kind: str) -> None:
    rng = np.random.default_rng(p)
    Q = np.linalg.qr(rng.standard_normal((2, p, p)))[0]
    values = {
        "normal": rng.standard_normal((2, p)),
        "clustered": 1 + 1e-3 * rng.standard_normal((2, p)),
        "rank 1": np.eye(p)[0] * np.array([[3.0], [1e-3]]),
    }[kind]
    A = Q * values[:, None] @ Q.swapaxes(1, 2)
    found = largest_eigenvalues(lambda v: (A @ v[..., None])[..., 0], rng.standard_normal((2, p)))
    largest = np.linalg.eigvalsh(A)[:, -1]
    np.testing.assert_allclose(found, largest, rtol=1e-6, atol=1e-12)


def test_above_300_parameters_lanczos_is_within_a_millionth_of_eigh() -> None:
    for sizes, activation in (((2, *(8,) * 6, 1), "tanh"), ((2, *(8,) * 5, 1), "gelu")):
        theta, X, y = networks(sizes, 40, "mse")
        done = train(unflat(theta[0], sizes), X, y, activation=activation, loss="mse", lr=0.1,
                     epochs=60, keep=[0, 30, 60])  # fmt: skip
        assert done.path.shape[1] > 300
        found = sharpness(done.path, sizes, X, y, activation, "mse")
        params = unflat(done.path, sizes)
        H = hessian(params, local(params, X, y, activation, "mse"))
        np.testing.assert_allclose(found.largest, np.linalg.eigh(H)[0][:, -1], rtol=1e-6)
        assert found.values.shape == (3, 0)


def test_with_a_scale_it_is_the_spectrum_of_the_divided_hessian() -> None:
    theta, X, y = networks((2, 3, 1), 20, "bce")
    P = np.random.default_rng(2).uniform(0.1, 3, theta.shape)
    found = sharpness(theta, (2, 3, 1), X, y, "tanh", "bce", 1 / np.sqrt(P)).values
    for k, point in enumerate(theta):
        H = NetworkProblem((2, 3, 1), X, y, "tanh", "bce").hess(point)
        other = np.sort(linalg.eigvals(H / P[k][:, None]).real)
        np.testing.assert_allclose(found[k], other, atol=1e-6 * np.abs(other).max())


def recursion(rule: str, product: float) -> np.ndarray:
    """Return the matrix of a step on a parabola with ηλ = `product`, P = 1 and no correction."""
    b = 0.9
    return np.array(
        {
            "gd": [[1 - product]],
            "rmsprop": [[1 - product]],
            "heavy_ball": [[1 - product, -b], [product, b]],
            "nesterov": [[1 - product * (1 + b), -b * b], [product, b]],
            "adam": [[1 - (1 - b) * product, -b], [(1 - b) * product, b]],
        }[rule]
    )


@pytest.mark.parametrize("rule", RULES)
def test_the_edge_of_each_rule_is_where_its_recursion_begins_to_grow(rule: str) -> None:
    edge = edge_of(rule)
    for factor, stable in ((0.999, True), (1.001, False)):
        radius = np.abs(np.linalg.eigvals(recursion(rule, factor * edge.value))).max()
        assert bool(radius < 1) is stable
    assert edge.value == pytest.approx(edge_of(rule).value)
    assert (preconditioned_edge(rule, {"beta1": 0.9}) is None) is (
        stability_edge(rule, {"momentum": 0.9}) is not None
    )


@each("rule", ["rmsprop", "adam"])
def test_the_matrix_that_divides_is_the_one_that_the_step_divided_by(rule: str) -> None:
    """P = η m̂ / (θ − θ′) on the path that the compiled training took."""
    spec = replace(QUICK, rule=rule, eta=0.01)
    X, y = task_of(spec)
    sizes = sizes_of(spec)
    done = train(first_params(spec), X, y, activation="tanh", loss="mse", method=rule, lr=0.01,
                 epochs=12, keep=np.arange(13))  # fmt: skip
    problem, m = NetworkProblem(sizes, X, y, "tanh", "mse"), np.zeros(done.path.shape[1])
    found = scales(spec, done.path)
    assert found is not None
    for t in range(1, 13):
        g = problem.grad(done.path[t - 1])
        m = 0.9 * m + 0.1 * g if rule == "adam" else g
        mean = m / (1 - 0.9**t) if rule == "adam" else m
        P = 0.01 * mean / (done.path[t - 1] - done.path[t])
        np.testing.assert_allclose(1 / found[t - 1] ** 2, P, rtol=1e-6)


@each(
    "spec",
    [QUICK, replace(QUICK, rule="heavy_ball"), replace(QUICK, task="plane", goal="bce"),
     replace(QUICK, unit_kind="relu", rescale=3.0), replace(QUICK, units="0")],
)  # fmt: skip
def test_the_run_has_the_largest_eigenvalue_at_every_step(spec: EdgeOfStability) -> None:
    done, (X, y) = run(spec), task_of(spec)
    again = train(first_params(spec), X, y, activation=spec.unit_kind, loss=goal_of(spec),
                  method=spec.rule, lr=spec.eta, epochs=40, keep=np.arange(41))  # fmt: skip
    np.testing.assert_array_equal(again.losses, done.losses)
    problem = NetworkProblem(sizes_of(spec), X, y, spec.unit_kind, goal_of(spec))
    for k in (0, 1, 17, 40):
        largest = np.linalg.eigh(problem.hess(again.path[k]))[0][-1]
        assert done.sharp[k] == pytest.approx(largest, rel=1e-6)
    assert (done.sharp == done.values[:, -1]).all() and len(done.sharp) == 41


def test_the_rate_changes_where_the_hand_lets_go() -> None:
    spec = replace(QUICK, eta=0.2)
    assert apply_hand(spec, Hand("eta", 7.0, 4.0)).eta == pytest.approx(0.5)
    moved = apply_hand(spec, Hand("turn", 20.3, 5.0))
    assert (moved.turn, moved.factor) == (20, 2.0)
    done = run(moved)
    np.testing.assert_allclose(done.limit, np.where(np.arange(41) < 20, 10.0, 5.0))
    before = run(spec)
    np.testing.assert_array_equal(done.losses[:21], before.losses[:21])
    assert (done.losses[21:] != before.losses[21:]).all()
    for hand in (Hand("turn", -9, -1), Hand("turn", 1e9, 1e9), Hand("eta", 0, 0), Hand("x", 1, 1)):
        held = apply_hand(spec, hand)
        assert lookup.all_knobs("backprop_edge") and replace(held) == held
        assert 0 <= held.turn <= 600 and 1e-4 <= held.eta <= 10 and 0.05 <= held.factor <= 20
    scene = live_scene("length=20&units=3", Hand("turn", 10.0, 3.0))
    assert {layer.name for layer in scene.layers} >= {"λmax", "2/η", "loss"}
    assert live("backprop_edge", "length=20&units=3&hand=eta,0,3").status_code == 200


def test_rescaled_layers_are_the_same_function_and_another_sharpness() -> None:
    spec = replace(QUICK, unit_kind="relu", gain=1.0)
    X, y = task_of(spec)
    plain, other = (first_params(replace(spec, rescale=a)) for a in (1.0, 8.0))
    np.testing.assert_allclose(forward(plain, X, "relu"), forward(other, X, "relu"), atol=1e-14)
    sharp = [run(replace(spec, rescale=a)).sharp[0] for a in (1.0, 8.0)]
    assert sharp[1] > 4 * sharp[0]


def test_the_verdict_says_what_the_run_does() -> None:
    done = run(QUICK)
    still, falling = np.full(41, 0.4), np.linspace(1, 0.1, 41)

    def told(share: np.ndarray, losses: np.ndarray = falling) -> str:
        return verdict_on(done._replace(sharp=share * done.limit, losses=losses))

    assert told(still).startswith("Below the edge: in the last third λmax is 40 to 40 % of 2/η")
    assert "The loss fell in every step, from 1 to 0.1." in told(still)
    assert "The loss rose in no step" in told(still, np.minimum(falling, 0.5))
    climbing = np.minimum(1.0, 0.4 + 0.05 * np.arange(41))
    assert told(climbing).startswith("At the edge") and "reached at step 11" in told(climbing)
    jumping = np.where(np.arange(41) % 2, 1.2, 0.8)
    assert told(jumping).startswith("Not steadily at the edge")
    assert told(jumping + 3).startswith("Beyond the edge: in the last third λmax is 380 to 420 %")
    hardly = np.append(falling[:-1], falling[-2] * (1 + 1e-11))
    assert "The loss rose by a billionth at most" in told(still, hardly)
    # A loss of 0 that stays is no rise, and hides none.
    assert largest_rise(np.array([1.0, 3.0, 0.0, 0.0])) == 2
    assert largest_rise(np.array([0.0, 1.0])) == np.inf and largest_rise(np.zeros(1)) == 0
    zigzag = np.linspace(1, 0.1, 41) + 0.05 * (np.arange(41) % 2)
    assert "rose in 20 of 40 steps, and fell from 1" in told(still, zigzag)
    assert "in the end" in told(np.where(np.arange(41) < 9, 1.3, 0.5))
    lost = run(replace(QUICK, eta=10.0, gain=10.0))
    assert lost.lost and verdict_on(lost).startswith("Lost after step")
    assert not stay_of(done._replace(sharp=still * done.limit)).hovers


@each("rule", RULES)
def test_the_program_prints_the_end_of_the_run(rule: str) -> None:
    spec = replace(QUICK, rule=rule, eta=0.02, turn=20, factor=2.0)
    told = io.StringIO()
    with redirect_stdout(told):
        exec(compile(lookup.as_python(spec), "page", "exec"), {})
    loss, sharp, limit = map(float, re.findall(r"(?:loss|sharpness|limit) (\S+)", told.getvalue()))
    done = run(spec)
    assert (loss, sharp) == pytest.approx((done.losses[-1], done.sharp[-1]), rel=1e-9)
    assert limit == pytest.approx(done.limit[-1])


def test_work_is_bounded_and_what_is_no_network_is_refused() -> None:
    large = EdgeOfStability(units="8, 8, 8, 8, 8, 8", count=300, length=600)
    dense = replace(large, units="8, 8, 8, 8")
    assert steps_of(large) < 600 and 10 < steps_of(dense) < 200
    assert steps_of(EdgeOfStability()) == 400
    for units in ("9", "1,1,1,1,1,1,1", "x"):
        with pytest.raises(DataError):
            run(EdgeOfStability(units=units))


def test_every_picture_is_finite() -> None:
    for spec in (
        QUICK,
        replace(QUICK, eta=10.0, gain=10.0),
        replace(QUICK, units="0", eta=1e-4, turn=0, factor=20.0),
        replace(QUICK, units="8, 8, 8, 8, 8, 8", length=10, unit_kind="relu", rule="adam"),
    ):
        drawn = picture(spec)
        for layer in drawn.scene.layers:
            for name in ("x", "y"):
                assert np.isfinite(np.asarray(getattr(layer, name, 0.0), float)).all(), layer.name
        assert not re.search("nan|undefined", drawn.scene.alt + str(drawn.scene.chips))


def test_the_running_mean_of_the_weights_has_its_loss() -> None:
    spec = replace(QUICK, middle=4)
    done, (X, y) = run(spec), task_of(spec)
    path = train(first_params(spec), X, y, activation="tanh", loss="mse", lr=spec.eta, epochs=40,
                 keep=np.arange(41)).path  # fmt: skip
    for k, near in ((0, 0), (2, 2), (20, 4), (38, 2), (40, 0)):
        mean = path[k - near : k + near + 1].mean(axis=0)
        np.testing.assert_allclose(running_mean(path, 4)[k], mean, atol=1e-12)
        problem = NetworkProblem(sizes_of(spec), X, y, "tanh", "mse")
        assert done.middle[k] == pytest.approx(problem.f(mean), rel=1e-5)
    np.testing.assert_array_equal(done.losses, run(QUICK).losses)
    assert not len(run(QUICK).middle) and verdict_on_middle(run(QUICK)) == ""
    zigzag = 1 + 0.5 * (np.arange(41) % 2)
    told = verdict_on_middle(done._replace(losses=zigzag, middle=np.linspace(1.1, 0.9, 41)))
    assert "rises by 0 % in a step at most, on the path by 50 %" in told
    assert "below the path's in 73.2 % of the steps" in told
    names = {layer.name for layer in picture(spec).scene.layers}
    assert "loss at the mean" in names


def test_the_density_counts_the_eigenvalues() -> None:
    values = np.array([[0.0, 0.0, 0.0, 5.0]])
    grid, heights = density(values, -1.0, 6.0)
    assert 10 ** heights[0].max() - 1 == pytest.approx(3)
    assert abs(grid[heights[0].argmax()]) < 0.1
    near = np.abs(grid - 5) < 0.1
    assert 10 ** heights[0][near].max() - 1 == pytest.approx(1)


def test_the_pitfall_of_the_room_prints_what_it_says() -> None:
    (row,) = lookup.pitfalls("backprop_edge")
    tops = [float(v) for v in re.findall(r"λmax ([\d.]+)", output_of(row.wrong))]
    assert tops[1] > 5 * tops[0] and "sharp, bad" in output_of(row.wrong)
    off = [float(v) for v in re.findall(r"differ by (\S+)", output_of(row.right))]
    assert max(off) < 1e-12
    assert Edge(38.0, "2(1 + β₁)/(1 − β₁)").over("η") == "2(1+β₁)/((1−β₁)η)"
