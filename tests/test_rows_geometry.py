"""Exponential, Poisson and Dirichlet on the page: paths, lengths, densities, hands."""

import numpy as np
import pytest
import scipy.stats
from cases import NO_WARNINGS
from scipy.special import polygamma

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Image, Line
from gdviz.topics.geometry.figure import picture
from gdviz.topics.geometry.other import CELLS, other_measures, other_result
from gdviz.topics.geometry.settings import Geometry, apply_hand, member, replace
from tests.cases import each

pytestmark = NO_WARNINGS
T = np.linspace(0, 1, 61)


def test_paths_of_one_parameter_are_straight_in_arc_length_mean_or_natural_parameter():
    a, b = 0.4, 3.0
    run = other_result(Geometry(room="other", other="exponential", la=a, lb=b))
    np.testing.assert_allclose(run.paths["fisher"][:, 0], a * (b / a) ** T)
    np.testing.assert_allclose(run.paths["m"][:, 0], 1 / ((1 - T) / a + T / b))
    np.testing.assert_allclose(run.paths["e"], run.paths["straight"])
    run = other_result(Geometry(room="other", other="poisson", la=a, lb=b))
    roots = (1 - T) * np.sqrt(a) + T * np.sqrt(b)
    np.testing.assert_allclose(run.paths["fisher"][:, 0], roots**2)
    np.testing.assert_allclose(run.paths["e"][:, 0], a * (b / a) ** T)
    for name, far in (("exponential", np.log(b / a)), ("poisson", 2 * (np.sqrt(b) - np.sqrt(a)))):
        spec = Geometry(room="other", other=name, la=a, lb=b)
        assert other_result(spec).lengths["fisher"] == pytest.approx(far, rel=1e-12)
        assert other_measures(spec)["Fisher–Rao"] == pytest.approx(far, rel=1e-12)


def test_a_dirichlets_geodesic_is_shorter_than_its_neighbours():
    """The truth is the length of a broken line by the metric, written out here."""
    spec = Geometry(room="other", other="dirichlet")
    run = other_result(spec)

    def length(path: np.ndarray) -> float:
        middle, step = (path[1:] + path[:-1]) / 2, np.diff(path, axis=0)
        square = (polygamma(1, middle) * step**2).sum(1)
        square -= polygamma(1, middle.sum(1)) * step.sum(1) ** 2
        return float(np.sqrt(square).sum())

    best = length(run.paths["fisher"])
    assert best == pytest.approx(run.lengths["fisher"], rel=1e-3)
    rng = np.random.default_rng(0)
    for _ in range(20):
        bent = run.paths["fisher"] + 0.1 * np.sin(np.pi * T)[:, None] * rng.standard_normal(3)
        assert length(bent) > best
    assert run.lengths["straight"] == pytest.approx(length(run.paths["straight"]), rel=1e-3)


@each("name", ["exponential", "poisson", "dirichlet"])
def test_the_densities_along_the_path_are_those_of_scipy(name: str):
    spec = Geometry(room="other", other=name, path="straight")
    run = other_result(spec)
    theta = run.paths["straight"][20]
    (back, scene) = picture(spec)
    if name == "dirichlet":
        (shown,) = (layer for layer in scene.layers if isinstance(layer, Image))
        found = np.asarray(shown.pixels)[20]
        assert found.shape == (CELLS, CELLS) and np.isnan(found[-1, -1])
        shares = np.append(run.x[5 * CELLS + 7], 1 - run.x[5 * CELLS + 7].sum())
        other = np.append(run.x[9 * CELLS + 20], 1 - run.x[9 * CELLS + 20].sum())
        law = scipy.stats.dirichlet(theta)
        ratio = law.pdf(shares) / law.pdf(other)
        if max(found[5, 7], found[9, 20]) < 1:  # what is cut at the top has no ratio
            assert found[5, 7] / found[9, 20] == pytest.approx(ratio, rel=1e-9)
    else:
        law = {"exponential": scipy.stats.expon(scale=1 / theta[0]),
               "poisson": scipy.stats.poisson(theta[0])}[name]  # fmt: skip
        x = run.x[20]
        wanted = law.pmf(np.round(x)) if name == "poisson" else law.pdf(x)
        bars = run.p[20] > 0
        np.testing.assert_allclose(run.p[20][bars], wanted[bars], rtol=1e-9)
        assert any(isinstance(layer, Line) and layer.panel == 1 for layer in scene.layers)
    assert back.layout.xaxis2.title.text


def test_a_hand_moves_a_rate_or_a_mean_and_leaves_no_family():
    spec = Geometry(room="other", other="poisson")
    moved = apply_hand(spec, Hand("b", 0.3, 7.5))
    assert (moved.la, moved.lb) == (spec.la, 7.5) and moved.by == spec.by
    assert apply_hand(spec, Hand("a", 0.3, -4.0)).la == 0.1
    spec = replace(spec, other="dirichlet")
    moved = apply_hand(spec, Hand("a", 0.2, 0.5))
    np.testing.assert_allclose(member(moved, "a"), 10 * np.array([0.2, 0.5, 0.3]))
    outside = member(apply_hand(spec, Hand("a", 3.0, -1.0)), "a")
    assert (outside >= 0.2).all() and (outside <= 60).all()
    for text in ("", "1, 2", "x, y, z", "1e999, 2, 3", "nan, 1, 1"):
        np.testing.assert_array_equal(member(replace(spec, da=text), "a"), [6, 2, 2])
    assert apply_hand(spec, Hand("corner 1", 0.5, 0.5)) == spec
