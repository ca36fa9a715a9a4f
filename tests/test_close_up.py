"""Any step of a long run can be reached: what lies between frames is computed when asked for."""

from typing import Any

import numpy as np
import pytest
from cases import each
from test_stage import decode

from gdviz.close_up import REACH, focus_of, with_close_up
from gdviz.figures.wire_format import pack
from gdviz.probability import SAMPLERS, sample
from gdviz.topics.backprop import figure as net_figure
from gdviz.topics.backprop.settings import Playground
from gdviz.topics.backprop.training import run as train_net
from gdviz.topics.mcmc import settings as mcmc
from gdviz.topics.mcmc.figure import mcmc_scene
from gdviz.topics.mcmc.hamiltonian import flight
from gdviz.topics.mcmc.settings import PICTURES, Mcmc
from gdviz.topics.regression.many import figure as many_figure
from gdviz.topics.regression.many.settings import Many
from gdviz.topics.regression.many.settings import run as train_many


@each("near, last", [(1, 300), (57, 300), (299, 300), (300, 300), (4000, 300), (3, 5)])
def test_a_close_up_has_every_moment_around_the_one_asked_for(near: int, last: int) -> None:
    coarse = np.array([0, last // 2, last])
    frames = with_close_up(coarse, near, last)
    around = set(range(max(0, near - REACH), min(near + REACH, last) + 1))
    assert set(frames.tolist()) == around | set(coarse.tolist())
    name, step = focus_of(frames, near) or ("", 0)
    assert name == str(near) and frames[step] == min(near, last)
    assert with_close_up(coarse, 0, last) is coarse and focus_of(coarse, 0) is None


def test_any_epoch_of_a_network_is_a_frame_and_is_the_training_cut_there() -> None:
    spec = Playground(epochs=300, batch=32, hidden="4", n=60)
    whole = train_net(spec)
    for near in (17, 143, 298):
        assert near not in whole.epochs
        asked = Playground(epochs=300, batch=32, hidden="4", n=60, near=near)
        closer = train_net(asked)
        at = closer.epochs.tolist().index(near)
        cut = train_net(Playground(epochs=near, batch=32, hidden="4", n=60))
        np.testing.assert_array_equal(closer.path[at], cut.path[-1])
        shared = np.isin(closer.epochs, whole.epochs)
        np.testing.assert_array_equal(closer.path[shared], whole.path)
        assert decode(pack(net_figure.scene_of(asked, closer, 10)))["focus"] == [str(near), at]


def test_any_update_of_many_features_is_a_frame() -> None:
    spec = Many(updates=1000, near=333)
    done = train_many(spec)
    at = done.steps.tolist().index(333)
    weights = done.fit.theta[333]
    X, y = done.pipe.X_test, done.pipe.y[done.pipe.test]
    assert done.test[at] == pytest.approx(np.mean((X @ weights[:-1] + weights[-1] - y) ** 2))
    assert many_figure.scene(done, spec.near).focus == ("333", at)
    assert 333 not in train_many(Many(updates=1000)).steps


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_pictures_of_later_draws_change_no_draw(sampler: str) -> None:
    """A run in pieces is the run in one, and a picture of it is that of the run from there."""
    asked: Any = {"chains": 2, "draws": 60, "warmup": 30, "seed": 3}
    target = "correlated" if sampler == "gibbs" else "banana"
    whole = sample(target, sampler, pictures=90, **asked)
    for seen in (range(20, 40), range(70, 85), range(80, 200)):
        part = sample(target, sampler, pictures=seen, **asked)
        np.testing.assert_array_equal(part.x, whole.x)
        for name in ("path", "tree", "rungs", "particles"):
            if hasattr(whole.states, name):
                every = np.concatenate([getattr(whole.warm, name), getattr(whole.states, name)])
                found = np.concatenate([getattr(part.warm, name), getattr(part.states, name)])
                np.testing.assert_array_equal(found, every[seen.start : seen.stop])


def test_the_energy_of_a_later_draw_is_that_of_its_own_path() -> None:
    asked: Any = {"sampler": "hmc", "draws": 2000}
    here, later = (mcmc.run(Mcmc(first=first, **asked)) for first in (0, 150))
    one, other = (flight(seen, 200, 1) for seen in (here, later))
    assert one is not None and other is not None
    np.testing.assert_array_equal(np.asarray(one[0]), np.asarray(other[0]))
    assert flight(later, 100, 1) is None and flight(later, 451, 1) is None


@each("first", [0, 250, 1200, 4990])
def test_the_chain_plays_from_any_draw(first: int) -> None:
    spec = Mcmc(sampler="hmc", draws=5000, burn=200, first=first)
    seen = mcmc.run(spec)
    scene = mcmc_scene(seen, spec)
    assert scene.steps == min(PICTURES, 5000 - first)
    assert scene.focus == ((str(first), 0) if first else None)
    layers = {layer.name: layer for layer in scene.layers}
    here = np.concatenate([seen.trace.start[None], seen.x])
    draws = mcmc.draws_shown(spec, len(seen.x))
    np.testing.assert_array_equal(draws, first + np.arange(scene.steps + 1))
    np.testing.assert_array_equal(layers["chain 1"].x, here[draws, 0, 0])
    paths = np.asarray(layers["leapfrogs"].x, float)  # a path begins where the draw before was
    np.testing.assert_allclose(paths[1:, 0], here[draws[:-1], 0, 0], rtol=1e-12)


def test_the_whole_run_shows_no_path_of_another_draw() -> None:
    """With a long burn-in the pictures of the burn-in and of the kept draws are no one table."""
    spec = Mcmc(sampler="hmc", draws=2000, burn=900, pace="fast")
    seen = mcmc.run(spec)
    layers = {layer.name: layer for layer in mcmc_scene(seen, spec).layers}
    paths = np.asarray(layers["leapfrogs"].x, float)
    at = mcmc.draws_shown(spec, len(seen.x))
    held = np.isfinite(paths[:, 0])
    assert held.any() and at[held].max() <= PICTURES
    before = np.concatenate([seen.trace.start[None], seen.x])[at[held] - 1, 0, 0]
    np.testing.assert_allclose(paths[held, 0], before, rtol=1e-12)
