"""The diagnostics against ArviZ's recorded answers, and what they must say at the edges."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from cases import each

from gdviz.probability import diagnostics as dg

FOLDER = Path(__file__).parent / "reference"
sys.path.append(str(FOLDER))

from chain_sets import RECIPES, ar1, chain_set  # noqa: E402

ANSWERS = json.loads((FOLDER / "mcmc.json").read_text())["diagnostics"]
OURS = {
    "sum": np.sum,
    "rhat": dg.rhat,
    "rhat_split": dg.rhat_split,
    "ess_bulk": dg.ess_bulk,
    "ess_tail": dg.ess_tail,
    "ess_mean": dg.ess_mean,
    "ess_quantile_0.25": lambda x: dg.ess_quantile(x, 0.25),
    "mcse_mean": dg.mcse_mean,
    "mcse_sd": dg.mcse_sd,
    "mcse_quantile_0.1": lambda x: dg.mcse_quantile(x, 0.1),
    "mcse_quantile_0.5": lambda x: dg.mcse_quantile(x, 0.5),
    "autocorrelation": lambda x: dg.autocorrelation(x)[:, :20],
    "bfmi": dg.bfmi,
}
SETS = [name for name in RECIPES if name != "constant"]


@pytest.mark.parametrize("what", OURS)
def test_equal_to_arviz(what: str):
    for name in SETS:
        theirs, ours = np.array(ANSWERS[name][what], dtype=float), OURS[what](chain_set(name))
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("what", [w for w in OURS if w not in ("sum", "autocorrelation", "bfmi")])
def test_chains_that_never_moved_have_no_diagnostic(what: str):
    """ArviZ says nan for R-hat, and that 2000 still draws are worth 2000: there we say nan too."""
    assert np.isnan(OURS[what](chain_set("constant")))
    assert np.isnan(dg.autocorrelation(chain_set("constant"))).all()


@pytest.mark.parametrize("what", [w for w in OURS if w not in ("sum", "autocorrelation", "bfmi")])
@each("x", [np.empty((0, 9)), np.empty((4, 0)), np.ones((1, 1)), [1.0, 2.0]])
def test_next_to_nothing_is_nan(what: str, x):
    assert np.isnan(OURS[what](x))


def test_one_dimension_is_one_chain():
    x = chain_set("one chain")
    assert dg.ess_bulk(x[0]) == dg.ess_bulk(x) and np.isnan(dg.rhat(x[0]))
    assert dg.autocorrelation(x[0]).shape == x[0].shape
    with pytest.raises(ValueError, match="chains, draws"):
        dg.rhat(np.zeros((2, 3, 4)))


def test_integers_and_lists_are_taken():
    x = chain_set("ties")
    assert dg.rhat(x.astype(int).tolist()) == dg.rhat(x)


def test_each_failure_is_seen_by_the_diagnostic_made_for_it():
    """The verdicts that the page teaches, by ranks and by folding."""
    assert dg.rhat(chain_set("two modes")) > 1.5
    assert dg.rhat_split(chain_set("scales")) < 1.01 < 1.1 < dg.rhat(chain_set("scales"))
    assert dg.rhat(chain_set("trend")) > 1.05
    assert dg.rhat(chain_set("stuck")) > 1.1
    assert dg.ess_bulk(chain_set("antithetic")) > 2 * chain_set("antithetic").size


@pytest.mark.parametrize("phi", [-0.5, 0.0, 0.6, 0.9])
def test_the_effective_size_of_an_autoregression(phi: float):
    """An AR(1) chain has the integrated time (1 + φ)/(1 − φ)."""
    x = ar1(np.random.default_rng(5), 8, 8000, phi)
    assert dg.integrated_time(x) == pytest.approx((1 + phi) / (1 - phi), rel=0.1)
    assert dg.autocorrelation(x).mean(axis=0)[:4] == pytest.approx(phi ** np.arange(4), abs=0.03)


def test_the_standard_errors_are_what_repetition_shows():
    """Over 250 repetitions, the spread of means, sds and medians equals the errors reported."""
    rng = np.random.default_rng(2)
    sets = [ar1(rng, 2, 300, 0.7) for _ in range(250)]
    spread = {
        dg.mcse_mean: np.std([x.mean() for x in sets]),
        dg.mcse_sd: np.std([x.std() for x in sets]),
        lambda x: dg.mcse_quantile(x, 0.5): np.std([np.median(x) for x in sets]),
    }
    for error, seen in spread.items():
        assert np.median([error(x) for x in sets]) == pytest.approx(seen, rel=0.2)


def test_summary_and_running_means():
    x = chain_set("ar1 0.5")
    found = dg.summary(x)
    assert found.rhat == dg.rhat(x) and found.ess_tail == dg.ess_tail(x)
    assert found.mean == x.mean() and found.sd == np.std(x, ddof=1)
    np.testing.assert_allclose(dg.running_means(x)[[0, -1]], [x[:, 0].mean(), x.mean()])


@pytest.mark.parametrize("unit", [1e-17, 1e-300, 1e300])
def test_the_unit_of_a_chain_changes_nothing_but_its_unit(unit: float):
    x = ar1(np.random.default_rng(1), 4, 300, 0.9)
    found, plain = dg.summary(unit * x), dg.summary(x)
    np.testing.assert_allclose(np.array(found[:4]) / unit, plain[:4], rtol=1e-9)
    np.testing.assert_allclose(found[4:], plain[4:], rtol=1e-9)
    assert dg.integrated_time(unit * x) == pytest.approx(dg.integrated_time(x))


@pytest.mark.parametrize("table", ["abc", [[1.0, 2.0], [3.0]]])
def test_what_is_no_table_of_numbers_is_refused_in_a_sentence(table):
    with pytest.raises(ValueError, match="a table of numbers"):
        dg.summary(table)
