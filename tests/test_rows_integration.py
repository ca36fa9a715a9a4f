"""Integration knows the law of the page, sums over whole numbers, darts, and cut-off tails."""

import contextlib
import io
import statistics
from fractions import Fraction

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from cases import NO_WARNINGS

from gdviz.topics.integration.charts_law import darts_chart, law_chart, tail_chart
from gdviz.topics.integration.program import as_python
from gdviz.topics.integration.question import answer, estimate, question
from gdviz.topics.integration.settings import Integration
from gdviz.topics.integration.studies import darts, law_study, tail_budget
from gdviz.topics.integration.tabs_law import law_words
from tests.cases import each

pytestmark = NO_WARNINGS

LAWS = {
    "poisson": scipy.stats.poisson(4.0),
    "binomial": scipy.stats.binom(10, 0.5),
    "geometric": scipy.stats.geom(0.3),
}


def of(name: str, **values: object) -> Integration:
    return Integration(density=name, **values)  # type: ignore[arg-type]


@each("name", LAWS)
def test_discrete_laws_are_sums_and_areas_of_bars(name: str):
    spec = of(name, quantity="probability", a=1.2, b=6.9)
    law = question(spec).law
    assert law is not None
    own = {"poisson": ("mu",), "binomial": ("n", "p"), "geometric": ("p",)}[name]
    truth = type(LAWS[name].dist)()(
        *dict(zip(own, dict(law.parameters).values(), strict=True)).values()
    )
    k = np.arange(2, 7)
    assert answer(spec).truth.value == pytest.approx(truth.pmf(k).sum(), rel=1e-12)
    bars = len(k)
    exact = estimate(of(name, quantity="probability", a=1.2, b=6.9, rule="midpoint", n=bars))
    assert exact.value == pytest.approx(truth.pmf(k).sum(), rel=1e-12), "one strip a bar is exact"
    for reach, whole in (
        ("right", np.arange(2, 400)),
        ("left", np.arange(0, 7)),
        ("line", np.arange(0, 400)),
    ):
        asked = of(name, quantity="expectation", g="x**2", a=1.2, b=6.9, reach=reach)
        expected = (truth.pmf(whole) * whole**2).sum()
        assert answer(asked).truth.value == pytest.approx(expected, rel=1e-10)
    none = of(name, quantity="probability", a=1.2, b=1.8)
    assert answer(none).truth.value == estimate(none).value == 0.0
    out = io.StringIO()
    for quantity in ("probability", "expectation"):
        asked = of(name, quantity=quantity, g="x**2", a=1.2, b=6.9, rule="midpoint", n=16)
        with contextlib.redirect_stdout(out):
            exec(as_python(asked), {})
        assert float(out.getvalue().split()[0]) == pytest.approx(estimate(asked).value, rel=1e-9)
        out.truncate(0), out.seek(0)


def test_the_running_mean_keeps_the_digits_of_large_values_close_together() -> None:
    """Against the standard library, which computes with fractions."""
    spec = of("normal", quantity="expectation", g="1e8 + x")
    found = law_study(spec)
    values = 1e8 + found.law.draw(np.random.default_rng(spec.seed), int(found.n[-1]))
    assert found.n[0] == 2  # one draw has no standard error
    for n, mean, error in list(zip(found.n, found.running, found.error, strict=True))[::60]:
        some = [Fraction(float(value)) for value in values[:n]]
        assert mean == pytest.approx(float(sum(some) / n), rel=1e-15)
        assert error == pytest.approx(statistics.stdev(some) / n**0.5, rel=1e-7)


@each(
    "spec, mean, variance",
    [
        (of("normal", quantity="probability"), 0.0, 1.0),
        (of("exponential", quantity="expectation", g="x**2"), 2.0, 20.0),
        (of("typed", quantity="probability", density_text="exp(-x**2/8)"), 0.0, 4.0),
        (of("poisson", quantity="probability"), 4.0, 4.0),
        (of("cauchy", quantity="probability"), None, None),
        (of("student_t", quantity="expectation", g="1"), 1.0, 0.0),
    ],
)
def test_mean_variance_and_running_mean_of_the_law_of_the_page(spec, mean, variance):
    found = law_study(spec)
    if mean is None:
        assert found.mean is None and "not exist" in law_words(found, spec)
        return
    assert found.mean == pytest.approx(mean, abs=1e-9)
    assert found.variance == pytest.approx(variance, rel=1e-8, abs=1e-12)
    assert abs(found.running[-1] - mean) <= 4.5 * np.sqrt(variance / found.n[-1]) + 1e-12
    assert found.error[-1] == pytest.approx(np.sqrt(variance / found.n[-1]), rel=0.2, abs=1e-12)
    assert np.all(np.diff(found.cdf) >= -1e-15) and 0 <= found.cdf[0] <= found.cdf[-1] <= 1
    assert f"= {mean:.6g}" in law_words(found, spec).replace("-0", "0")


def test_the_drawn_distribution_function_has_the_probability_between_its_marks():
    for name, a, b in (("normal", -1.0, 0.5), ("poisson", 2.0, 5.0)):
        spec = of(name, quantity="probability", a=a, b=b)
        curve, low, high = law_chart(law_study(spec), (a, b)).data[:3]
        found = high.y[0] - low.y[0]
        assert found == pytest.approx(answer(spec).truth.value, rel=1e-9)
        assert f"{low.y[0]:.4g}" in low.name and f"{high.y[0]:.4g}" in high.name
        assert curve.line.shape == ("hv" if name == "poisson" else "linear")


def test_darts_hit_the_area_within_their_error():
    off = []
    for seed in range(40):
        spec = Integration(function="typed", formula="sin(x)", a=0.5, b=5.0, n=64, seed=seed)
        found = darts(spec)
        assert found is not None and len(found.x) == 1024
        f = np.sin(found.x)
        between = ((found.y > 0) & (found.y < f)) | ((found.y < 0) & (found.y > f))
        assert np.array_equal(found.sign != 0, between)
        assert np.array_equal(np.sign(f[between]), found.sign[between])
        off.append((found.value - (np.cos(0.5) - np.cos(5.0))) / found.error)
    assert abs(np.mean(off)) < 3.5 / np.sqrt(40) and 0.7 < np.std(off) < 1.4
    counted = sum(int(t.name.split(": ")[1]) for t in darts_chart(found, np.sin).data[:-2])
    assert counted == 1024
    turned = darts(Integration(function="typed", formula="x", a=2.0, b=1.0))
    assert turned is None or turned.value < 0
    assert darts(Integration(function="typed", formula="x", a=0.0, reach="right")) is None


def test_the_error_of_a_cut_off_tail_is_the_tail_and_the_rule():
    spec = Integration(function="typed", formula="exp(-x)", a=0.0, reach="right", n=16)
    found = tail_budget(spec)
    assert found is not None
    np.testing.assert_allclose(found.tail, np.exp(-found.cut), rtol=1e-6, atol=1e-15)
    for cut, inside, total in zip(found.cut, found.inside, found.total, strict=True):
        x = np.linspace(0, cut, 17)
        simpson = scipy.integrate.simpson(np.exp(-x), x=x)
        assert inside == pytest.approx(abs(simpson - (1 - np.exp(-cut))), rel=1e-6, abs=1e-14)
        assert total == pytest.approx(abs(simpson - 1), rel=1e-6, abs=1e-14)
    best = int(np.argmin(found.total))
    assert 0 < best < len(found.cut) - 1, "neither the shortest nor the longest range is best"
    assert tail_chart(found, "Simpson").data[0].name == "tail beyond L"
    for other in ({"reach": "ab"}, {"rule": "gauss_laguerre"}):
        assert tail_budget(Integration(**{**vars(spec), **other})) is None  # type: ignore[arg-type]
