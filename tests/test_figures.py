"""The figures hold the numbers they were given, with axis titles and looks that tell apart."""

import itertools
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from registries import check_same_keys

from gdviz.figures.curves import window
from gdviz.figures.static import static_figure
from gdviz.figures.style import BLUE, LOOKS, MORE, OKABE_ITO, PALETTE, PLOTLY_SYMBOLS, looks_of
from gdviz.optimize import FUNCTIONS, LABELS, METHODS, descend, function, local_minima, maps
from gdviz.optimize.methods import can_run
from gdviz.probability import RULES
from gdviz.topics.descent import charts
from gdviz.topics.descent.figure import curve, descent_scene, step_triangle
from gdviz.topics.integration.charts import RULE_LOOKS
from gdviz.topics.natural_gradient.figure import PATH_LOOKS
from gdviz.topics.regression.figure import KIND_LOOKS

WELL = FUNCTIONS["double_well"]
BOX = WELL.box[0]
RUNS = {name: descend(WELL, [1.7], name, steps=40) for name in METHODS if can_run(name, WELL)}


def grid_maps() -> dict[str, go.Figure]:
    """Small made-up maps: what is on the page, with numbers that are easy to follow."""
    starts, rates = np.linspace(-2, 2, 5), np.array([0.01, 0.1, 1.0])
    steps = np.array([[100, 10, 0, 1, -1], [3, -1, -1, 7, 1000], [-1, -1, 2, 2, 2]])
    code = np.where(steps >= 0, 1, np.array([[0], [0], [-1]]))
    tail = np.array([[0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [np.nan, np.nan, np.nan]])
    minimum = np.array([0, 0, 1, -1, -2])
    return {
        "bifurcation": charts.bifurcation(rates, tail, (-1.0, 1.0), bins=4),
        "basins": charts.basin_strip(starts, minimum, np.array([4, 0, 9, -1, -1]), [-1.3, 1.13]),
        "rate map": charts.rate_map(starts, rates, steps, code),
    }


@cache
def figures(large: bool = False) -> dict[str, go.Figure]:
    run = RUNS["gd"]
    return {
        "curve": curve(WELL, *BOX, local_minima(WELL, *BOX), large),
        "curves": charts.curves(RUNS, -3.5, 0.3, large),
        "curves without f*": charts.curves(RUNS, None, None, large),
        "cobweb": charts.cobweb(WELL, 0.05, run.x[:, 0], BOX, large),
        **grid_maps(),
    }


def shown(trace: Any, name: str) -> np.ndarray:
    return np.asarray(getattr(trace, name), float)


# --- every figure ----------------------------------------


@pytest.mark.parametrize("name", figures())
def test_every_axis_has_a_title(name: str):
    layout = figures()[name].to_dict()["layout"]
    axes = {k: v for k, v in layout.items() if k.startswith(("xaxis", "yaxis"))}
    used = {
        part + (getattr(t, part + "axis") or part)[1:]
        for t in figures()[name].data
        for part in ("x", "y")
    }
    for axis in used:
        key = f"{axis[0]}axis{axis[1:]}"
        # The curve and its slope share one x axis.
        assert axes[key]["title"]["text"], key


@pytest.mark.parametrize("name", figures())
def test_every_figure_is_json_and_in_our_template(name: str):
    figure = figures()[name]
    assert '"data"' in figure.to_json()
    assert tuple(figure.layout.template.layout.colorway[: len(OKABE_ITO)]) == OKABE_ITO


def test_a_lecture_has_larger_type_and_thicker_lines():
    for name in ("curve", "curves", "cobweb"):
        small, large = figures()[name], figures(large=True)[name]
        assert large.layout.font.size >= 20 > small.layout.font.size
        assert large.data[0].line.width is None or (
            large.data[0].line.width >= small.data[0].line.width
        )


# --- looks ----------------------------------------


def test_every_method_has_a_look_of_its_own():
    check_same_keys(
        {
            "LOOKS (gdviz/figures/style.py)": LOOKS,
            "METHODS (gdviz/optimize/methods.py)": METHODS,
            "LABELS (gdviz/optimize/methods.py)": LABELS,
        }
    )
    for a, b in itertools.combinations(LOOKS.values(), 2):
        assert a != b


def all_races() -> list[tuple[str, ...]]:
    """Return every pair of methods, and rows of three, four, eight and twelve."""
    pairs = list(itertools.permutations(LOOKS, 2))
    names = 2 * list(LOOKS)
    rows = [tuple(names[i : i + n]) for n in (3, 4, 8, 12) for i in range(len(LOOKS))]
    relatives = [tuple(n for n in LOOKS if LOOKS[n].color == c) for c in OKABE_ITO]
    return pairs + rows + relatives


def test_in_one_picture_no_two_methods_look_alike():
    for names in all_races():
        looks = looks_of(names)
        assert looks[names[0]] == LOOKS[names[0]], "the first keeps its own"
        assert len({look.color for look in looks.values()}) == len(names)
        assert len({(look.dash, look.symbol) for look in looks.values()}) == len(names)
        if len(names) <= 4:
            assert len({look.dash for look in looks.values()}) == len(names)
            assert len({look.symbol for look in looks.values()}) == len(names)
        seen = set()
        for name in names:  # a colour that nobody before it has is kept
            own = LOOKS[name].color
            assert own in seen or looks[name].color == own
            seen.add(own)
    assert len(looks_of(LOOKS)) == len(LOOKS), "more than there are colours is no error"


def lab(color: str) -> np.ndarray:
    """Return a colour in CIELAB (D65), where distances are about as the eye has them."""
    parts = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    rows = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(rows) @ linear / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_no_two_colours_of_the_palette_are_close():
    assert len(PALETTE) >= max(len(RULES), 12)
    for a, b in itertools.combinations(PALETTE, 2):
        assert np.linalg.norm(lab(a) - lab(b)) > 15, (a, b)  # 2.3 is just noticeable


def test_every_path_and_rule_of_one_picture_has_its_own_look():
    for looks in (PATH_LOOKS, RULE_LOOKS, KIND_LOOKS, looks_of(list(LOOKS)[:12])):
        assert len({look.color for look in looks.values()}) == len(looks)
        assert len({look for look in looks.values()}) == len(looks)
    assert len({look[1:] for look in PATH_LOOKS.values()}) == len(PATH_LOOKS)


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("paper", ["#FFFFFF", "#10161D"])
def test_every_line_stands_out_from_both_papers(paper: str):
    for name, color in [*((n, look.color) for n, look in LOOKS.items()), *((c, c) for c in MORE)]:
        light, dark = sorted([luminance(color), luminance(paper)], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 2.0, name


def test_every_symbol_and_dash_is_plotlys():
    for look in LOOKS.values():
        go.Scatter(
            marker={"symbol": PLOTLY_SYMBOLS.get(look.symbol, look.symbol)},
            line={"dash": look.dash, "color": look.color},
        )


# --- the curve ----------------------------------------


def test_no_slope_is_drawn_where_the_function_is_not_defined():
    """The derivatives 1/x of log(x) and −1/(2 √x³) of 1/√x have values where f has none."""
    for text in ("log(x)", "1/sqrt(x)", "x*log(x)", "x**0.5"):
        problem = function(text)
        drawn = curve(problem, -2, 2)
        rows = (drawn.data[0].x, drawn.data[0].y, drawn.data[1].y)
        x, f, slope = (np.asarray(row, float) for row in rows)
        assert np.isnan(f[x < 0]).all() and np.isnan(slope[x < 0]).all(), text
        assert np.isfinite(slope[x > 0.01]).all(), text
        chart = charts.cobweb(problem, 0.1, np.array([1.0, 0.9]), (-2.0, 2.0))
        (path,) = (t for t in chart.data if t.name and t.name.startswith("T(x)"))
        assert np.isnan(np.asarray(path.y, float)[np.asarray(path.x) < 0]).all(), text


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_curve_is_f_and_its_slope(name: str):
    problem = FUNCTIONS[name]
    lo, hi = problem.box[0]
    figure = curve(problem, lo, hi, local_minima(problem, lo, hi))
    f, slope, minima = figure.data
    x = shown(f, "x")
    assert (x[0], x[-1]) == pytest.approx((lo, hi)) and len(x) == 801
    exact = np.linspace(lo, hi, 801)
    np.testing.assert_allclose(shown(f, "y"), problem.f(exact[:, None]), rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(x, shown(slope, "x"))
    rise = problem.f(exact[:, None] + 1e-6) - problem.f(exact[:, None] - 1e-6)
    size = np.abs(shown(slope, "y")).max()
    np.testing.assert_allclose(shown(slope, "y"), rise / 2e-6, atol=1e-5 * size)
    heights = [problem.f([x]) for x in shown(minima, "x")]
    np.testing.assert_allclose(heights, shown(minima, "y"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_window_shows_all_of_a_known_function(name: str):
    problem = FUNCTIONS[name]
    figure = curve(problem, *problem.box[0])
    lo, hi = figure.layout.yaxis.range
    y = shown(figure.data[0], "y")
    assert lo < y.min() and y.max() < hi


def test_a_window_shows_all_values_with_a_margin():
    assert window(np.array([0.0, 1.0, 2.0])) == pytest.approx([-0.16, 2.16])
    lo, hi = window(np.array([3.0, np.nan, np.inf, -np.inf, 4.0]))
    assert lo < 3 and 4 < hi < 5


def test_a_window_lets_a_few_huge_values_go():
    values = np.concatenate([np.linspace(0, 1, 990), np.full(10, 1e12)])
    lo, hi = window(values)
    assert lo < 0 and 1 < hi < 10
    lo, hi = window(-values)
    assert hi > 0 and -10 < lo < -1


@pytest.mark.parametrize("values", [[], [np.nan, np.inf], [5.0], [0.0, 0.0], [-1e300, -1e300]])
def test_a_window_is_never_empty(values: list[float]):
    lo, hi = window(np.array(values))
    assert np.isfinite([lo, hi]).all() and lo < hi
    assert all(lo <= v <= hi for v in values if np.isfinite(v))


def test_a_curve_has_gaps_where_f_has_no_value():
    figure = curve(function("sqrt(x) + 1/(x - 1)"), -1.0, 3.0)
    f = figure.data[0]
    x, y = shown(f, "x"), shown(f, "y")
    assert np.isnan(y[x < 0]).all()
    assert np.isfinite(y[(x > 0.01) & (np.abs(x - 1) > 0.01)]).all()
    assert not np.isinf(y).any()
    lo, hi = figure.layout.yaxis.range
    assert -1e3 < lo < hi < 1e3  # the pole does not flatten the rest


# --- the scene of a run ----------------------------------------


@pytest.mark.parametrize("name", RUNS)
def test_the_path_lies_on_both_curves(name: str):
    run = RUNS[name]
    scene = descent_scene({name: run})
    k = 3
    figure = static_figure(curve(WELL, *BOX), scene, k)
    upper, lower = (t for t in figure.data if t.name == LABELS[name])
    np.testing.assert_array_equal(shown(upper, "x"), run.x[: k + 1, 0])
    np.testing.assert_array_equal(shown(upper, "y"), WELL.f(run.x[: k + 1]))
    np.testing.assert_array_equal(shown(lower, "y"), WELL.grad(run.x[: k + 1])[:, 0])
    assert (upper.yaxis, lower.yaxis) == ("y", "y2")
    assert upper.line.color == LOOKS[name].color
    assert scene.handles[0].x == 1.7 and scene.handles[0].y == WELL.f([1.7])


def test_the_triangle_goes_along_the_step_and_down_the_tangent():
    run = RUNS["gd"]
    polygon, tangent, step = step_triangle(run)
    x, f, slope = run.x[:, 0], run.f, run.grad[:, 0]
    for k in range(len(x) - 1):
        (ax, bx, cx), (ay, by, cy) = polygon.x[k], polygon.y[k]
        assert (ax, bx, cx) == pytest.approx((x[k], x[k + 1], x[k + 1]))
        assert (ay, by) == (f[k], f[k])
        assert cy - by == pytest.approx(slope[k] * (x[k + 1] - x[k]))
        rise = (tangent.y1[k, 0] - tangent.y0[k, 0]) / (tangent.x1[k, 0] - tangent.x0[k, 0])
        assert rise == pytest.approx(slope[k], abs=1e-6)
        assert step.x1[k, 0] == pytest.approx(x[k + 1])


def test_a_line_search_shows_what_it_tried():
    run = RUNS["backtracking"]
    scene = descent_scene({"backtracking": run})
    (trials,) = (layer for layer in scene.layers if layer.name == "trial points")
    for k in range(len(run.f) - 1):
        seen = trials.x[k][np.isfinite(trials.x[k])]
        assert len(seen) == run.tried[k + 1]
        assert seen[0] == pytest.approx(run.x[k, 0] - run.grad[k, 0])
        if run.x[k + 1, 0] != run.x[k, 0]:
            assert seen[-1] == pytest.approx(run.x[k + 1, 0])
        np.testing.assert_array_equal(trials.y[k], WELL.f(trials.x[k][:, None]))


def test_golden_section_shows_its_bracket():
    run = RUNS["golden_section"]
    scene = descent_scene({"golden_section": run})
    (ends,) = (layer for layer in scene.layers if layer.name == "bracket")
    assert (np.diff(ends.x, axis=1) > 0).all()
    np.testing.assert_array_equal(ends.x[:, 0], run.lo[:, 0])
    np.testing.assert_array_equal(ends.x[:, 3], run.hi[:, 0])


# --- the charts ----------------------------------------


def test_the_curves_are_gap_slope_and_point():
    f_star = float(WELL.f([1.1309011226]))
    runs = {name: descend(WELL, [1.7], name, steps=30) for name in ("gd", "adam")}
    figure = charts.curves(runs, f_star)
    assert len(figure.data) == 6
    for name, run in runs.items():
        gap, slope, point = (t for t in figure.data if t.legendgroup == name)
        np.testing.assert_array_equal(shown(gap, "x"), np.arange(len(run.f)))
        positive = run.f - f_star > 0
        np.testing.assert_array_equal(shown(gap, "y")[positive], (run.f - f_star)[positive])
        np.testing.assert_array_equal(shown(slope, "y"), np.abs(run.grad[:, 0]))
        np.testing.assert_array_equal(shown(point, "y"), run.x[:, 0])
        assert {t.line.color for t in (gap, slope, point)} == {LOOKS[name].color}
    assert (figure.layout.yaxis.type, figure.layout.yaxis2.type) == ("log", "log")
    assert figure.layout.yaxis3.type is None


def test_an_exact_hit_is_a_gap_on_a_log_axis():
    run = descend(FUNCTIONS["parabola"], [2.0], "gd", lr=0.5, steps=5)
    assert run.f[-1] == 0.0
    gap, slope, point = charts.curves({"gd": run}, 0.0).data
    assert np.isnan(shown(gap, "y")[-1]) and np.isnan(shown(slope, "y")[-1])
    assert (shown(gap, "y")[:-1] > 0).all() and shown(point, "y")[-1] == 0.0


def test_without_a_minimum_f_itself_is_drawn_on_a_plain_axis():
    run = descend(FUNCTIONS["cubic"], [1.5], "gd", lr=0.01, steps=20)
    figure = charts.curves({"gd": run}, None)
    np.testing.assert_array_equal(shown(figure.data[0], "y"), run.f)
    assert figure.layout.yaxis.type is None and "f*" not in figure.layout.yaxis.title.text


def test_the_guide_is_the_rate_of_a_parabola():
    run = descend(FUNCTIONS["parabola"], [2.0], "gd", lr=0.15, steps=20)
    figure = charts.curves({"gd": run}, 0.0, 1 - 0.15 * 2)
    guide = figure.data[-1]
    assert "rate 0.7²" in guide.name
    np.testing.assert_allclose(shown(guide, "y"), run.f, rtol=1e-12)


def test_the_cobweb_bounces_between_the_map_and_the_diagonal():
    lr, x = 0.21, RUNS["gd"].x[:6, 0]
    run = descend(WELL, [1.0], "gd", lr=lr, steps=9, stop=None)
    x = run.x[:, 0]
    diagonal, step, path, start, *_ = charts.cobweb(WELL, lr, x, BOX).data
    np.testing.assert_array_equal(shown(diagonal, "x"), shown(diagonal, "y"))
    grid = shown(step, "x")
    np.testing.assert_allclose(shown(step, "y"), grid - lr * (4 * grid**3 - 6 * grid + 1))
    corners = list(zip(shown(path, "x"), shown(path, "y"), strict=True))
    assert len(corners) == 2 * len(x) - 1
    for k in range(len(x) - 1):
        assert corners[2 * k] == (x[k], x[k])  # on the diagonal
        on_map, down = corners[2 * k + 1]
        assert (on_map, down) == (x[k], x[k + 1])  # straight up or down to the map
        assert down == pytest.approx(on_map - lr * (4 * on_map**3 - 6 * on_map + 1))
    assert (start.x[0], start.y[0]) == (x[0], x[0])


def test_the_cobweb_of_one_point_is_that_point():
    path = charts.cobweb(WELL, 0.1, np.array([1.0]), BOX).data[2]
    assert (list(path.x), list(path.y)) == ([1.0], [1.0])


def test_the_bifurcation_counts_where_iterates_end():
    (image,) = grid_maps()["bifurcation"].data
    assert image.x == pytest.approx([0.01, 0.1, 1.0])
    assert image.y == pytest.approx([-0.75, -0.25, 0.25, 0.75])
    expected = np.full((4, 3), np.nan)
    expected[3, 0] = np.log1p(3)
    expected[1:4:2, 1] = np.log1p(1), np.log1p(2)
    # 0.5 and −0.5 are edges of bins: a value on an edge counts in the bin above it.
    np.testing.assert_allclose(shown(image, "z"), expected, rtol=1e-6)


def test_the_bifurcation_of_the_parabola_splits_at_its_limit():
    rates = np.linspace(0.1, 0.95, 18)
    found = maps.bifurcation(FUNCTIONS["parabola"], 2.0, rates)
    (image,) = charts.bifurcation(found.rates, found.x, (-3.0, 3.0)).data
    rows = np.isfinite(shown(image, "z")).sum(axis=0)
    assert (rows >= 1).all() and (rows <= 2).all()  # one point (a bin edge may split it), no more
    assert image.colorscale[-1][1] == BLUE


def test_the_basin_strip_colours_each_start():
    figure = grid_maps()["basins"]
    bars = {t.name: t for t in figure.data}
    assert list(bars) == ["to x* = −1.3", "to x* = 1.13", "to none of these", "diverges"]
    assert list(bars["to x* = −1.3"].x) == [-2.0, -1.0]
    assert list(bars["to x* = −1.3"].y) == [4.0, 0.5]  # no step is still a bar to be seen
    assert list(bars["to x* = 1.13"].x) == [0.0]
    assert list(bars["diverges"].x) == [2.0]
    colors = [t.marker.color for t in figure.data]
    assert len(set(colors)) == len(colors)


def test_the_rate_map_holds_steps_and_codes():
    below, above = grid_maps()["rate map"].data
    np.testing.assert_allclose(
        shown(above, "z"),
        [
            [2, 1, 0, 0, np.nan],
            [np.log10(3), np.nan, np.nan, np.log10(7), 3],
            [np.nan, np.nan, np.log10(2), np.log10(2), np.log10(2)],
        ],
        rtol=1e-6,
    )
    assert above.x == pytest.approx(np.linspace(-2, 2, 5))
    assert above.y == pytest.approx([0.01, 0.1, 1.0])


def test_what_diverges_is_darker_than_what_does_not_converge():
    """The picture under the holes of a rate map, at the colours that a reader sees."""
    below, above = grid_maps()["rate map"].data
    hole = np.isnan(shown(above, "z"))
    assert set(colors_of(below)[hole & (np.arange(3) < 2)[:, None]]) == {"#B0B0B0"}
    assert set(colors_of(below)[hole & (np.arange(3) == 2)[:, None]]) == {"#404040"}


def colors_of(image: Any) -> np.ndarray:
    """The colour of each cell of a heat map with a stepped scale."""
    z = (shown(image, "z") - image.zmin) / (image.zmax - image.zmin)
    z = np.clip(z, 0, 1)
    scale = image.colorscale
    picked = [
        next(c for (at, c), (end, _) in itertools.pairwise(scale) if at <= v <= end and at < end)
        for v in z.ravel()
    ]
    return np.array(picked).reshape(z.shape)
