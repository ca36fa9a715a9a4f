"""The natural gradient in the race: it runs, rightly, where the surface is a likelihood."""

from typing import Any

import numpy as np
import pytest
from scipy import stats
from test_pages import open_page

from gdviz.optimize import SURFACES, descend
from gdviz.optimize.likelihood_surfaces import normal_likelihood
from gdviz.optimize.methods import can_run, why_not
from gdviz.optimize.racing import evaluations
from gdviz.optimize.walkthrough import walkthrough

SURFACE = SURFACES["normal_likelihood"]
POINTS = np.random.default_rng(3).uniform([-4, -1.5], [4, 2], (20, 2))


def test_the_surface_is_the_likelihood_of_a_sample_and_its_fisher_the_expectation() -> None:
    sample = 1 + 0.5 * np.array([-1.0, 1.0] * 6)  # mean 1, deviation ½
    for mu, y in POINTS:
        law = stats.norm(mu, np.exp(y))
        exact = -law.logpdf(sample).mean() - np.log(2 * np.pi) / 2
        assert SURFACE.f([mu, y]) == pytest.approx(exact, rel=1e-12)
        x = law.ppf((np.arange(40_000) + 0.5) / 40_000)
        z = (x - mu) / np.exp(y)
        score = np.stack([z / np.exp(y), z**2 - 1])
        np.testing.assert_allclose(SURFACE.fisher([mu, y]), score @ score.T / len(x), atol=2e-2,
                                   rtol=2e-2)  # fmt: skip
    assert SURFACE.fisher(POINTS).shape == (20, 2, 2)


def test_a_step_is_the_same_law_in_other_parameters() -> None:
    """In (μ, σ) the metric is Fisher's of the family; a small step ends at the same law."""
    h, (mu, y) = 1e-5, (-2.0, 0.7)
    run = descend(SURFACE, [mu, y], "natural_gradient", steps=1, stop=None, lr=h)
    sigma = np.exp(y)
    slope = SURFACE.grad([mu, y]) * [1, 1 / sigma]  # by σ = e^y
    other = [mu, sigma] - h * np.linalg.solve(np.diag([1 / sigma**2, 2 / sigma**2]), slope)
    np.testing.assert_allclose(run.x[1], [other[0], np.log(other[1])], atol=5 * h**2)


def test_fisher_scoring_ends_at_the_sample_and_mu_goes_straight() -> None:
    for mean, deviation in ((1.0, 0.5), (-2.0, 3.0)):
        problem = normal_likelihood(mean, deviation)
        run = descend(problem, [mean - 3, np.log(deviation) + 1], "natural_gradient", lr=1.0)
        np.testing.assert_allclose(run.x[-1], [mean, np.log(deviation)], atol=1e-6)
        assert run.status == "converged" and run.x[1, 0] == pytest.approx(mean, abs=1e-12)
    assert evaluations("natural_gradient", run)[-1].tolist() == [0, *[len(run.f) - 1] * 2]
    told = walkthrough("natural_gradient", run, 0, {"lr": 1.0})
    assert "Fisher information" in told[1].sentence


def test_it_runs_nowhere_else_and_says_why() -> None:
    can = [name for name, problem in SURFACES.items() if can_run("natural_gradient", problem)]
    assert can == ["normal_likelihood"]
    with pytest.raises(ValueError, match="no likelihood"):
        descend(SURFACES["bowl"], [1.0, 1.0], "natural_gradient")
    with pytest.raises(ValueError, match="no Fisher information"):
        SURFACES["bowl"].fisher([1.0, 1.0])
    for surface, words in (("bowl", "is no likelihood"), ("normal_likelihood", "sum of squares")):
        query: dict[str, Any] = {
            "race_surface": surface, "race_methods": ["natural_gradient", "gauss_newton", "gd"],
        }  # fmt: skip
        told = [caption.value for caption in open_page("race", query, menus=False).caption]
        assert sum("does not run here" in text for text in told) == 1
        assert any(words in text for text in told), told
    assert why_not("gd", SURFACES["bowl"]) == ""
