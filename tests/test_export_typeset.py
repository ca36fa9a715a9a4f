"""Figures as printed, and on a phone: no words are cut or lie on others; curves are told apart."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from gdviz.browser.bundle import bundle
from gdviz.catalogue import lookup
from gdviz.cli.pages import names
from gdviz.export import STYLES, browser_path, styles, title
from gdviz.export.films import evaluate
from gdviz.export.fonts import FAMILY
from gdviz.export.panels import columns, panels, stack, windows
from gdviz.export.renderer import renderer
from gdviz.export.typesetting import broken, fit_words, thin_markers
from gdviz.figures.scene import Chip, Line, Picture, Scene, Track
from gdviz.knobs import knobs

SMALL: dict[str, Any] = {"mcmc": {"draws": 300}, "regression_houses": {"homes": "unscaled"}}
# Every word of an SVG: what it says, what is seen of it in pixels, whether a panel may cut it.
WORDS = """async (figure) => {
  const { width, height } = figure.layout;
  const svg = await Plotly.toImage(figure, { format: 'svg', width, height, imageDataOnly: true });
  const holder = Object.assign(document.createElement('div'), { innerHTML: svg });
  holder.style.cssText = 'position: absolute; left: 0; top: 0';
  document.body.append(holder);
  const words = [...holder.querySelectorAll('text')].filter((text) => text.textContent.trim());
  const found = words.map((text) => {
    const { left, top, right, bottom } = text.getBoundingClientRect();
    const turned = /rotate\\(-90/.test(text.getAttribute('transform') ?? '');
    const size = parseFloat(getComputedStyle(text).fontSize);
    const clipped = !!text.closest('[clip-path]');
    return [text.textContent, left, top, right, bottom, turned, size, clipped];
  });
  holder.remove();
  return found;
}"""


def rooms() -> Iterator[tuple[str, Any, list[str]]]:
    """Yield the name, the settings and the styles of all that is printed.

    The narrowest style is asked of every page, the others and the rooms in turn.
    """
    wider, turn = [style for style in STYLES if style != "paper"], 0
    for place in names():
        kind, small = lookup.settings(place), SMALL.get(place, {})
        turn += 1
        yield place, kind(**small), ["paper", wider[turn % len(wider)]]
        for room in list(knobs(kind)["room"].kind.options)[1:] if "room" in knobs(kind) else ():
            turn += 1
            yield f"{place}, {room}", kind(room=room), [("paper", "slide")[turn % 2]]
    yield "mcmc on a line", lookup.settings("mcmc")(target="normal", draws=300), ["paper"]
    methods = ("gd", "heavy_ball", "nesterov", "adagrad", "rmsprop", "adam", "newton", "bfgs")
    yield "race of eight", lookup.settings("race")(methods=methods), ["paper"]


def words_of(drawn: go.Figure) -> go.Figure:
    """Return a figure with its words and axes alone: what else it draws takes seconds."""
    axes = {(one.xaxis or "x", one.yaxis or "y") for one in drawn.data if "xaxis" in one}
    empty = [go.Scatter(x=[None], y=[None], xaxis=x, yaxis=y) for x, y in axes]
    return go.Figure([*empty, *drawn.select_traces({"mode": "text"})], drawn.layout)


def measured(drawn: list[go.Figure]) -> list[Any]:
    """Return the words of each figure as a browser shows its SVG."""

    async def job(browser: Any) -> list[Any]:
        tab = await browser._get_kaleido_tab()
        try:
            texts = (words_of(one).to_json() for one in drawn)
            return [await evaluate(tab.tab, f"({WORDS})({text})") for text in texts]
        finally:
            await browser._return_kaleido_tab(tab)

    return renderer.ask(job)


def faults(words: list[Any], width: float, height: float, least: float) -> list[str]:
    """Return what is wrong with the words of a figure."""
    boxes, found = [], []
    for text, left, top, right, bottom, turned, size, clipped in words:
        if left < -0.5 or top < -0.5 or right > width + 0.5 or bottom > height + 0.5 or clipped:
            found.append(f"“{text}” is cut")
        if size < least - 0.01:
            found.append(f"“{text}” is too small: {size}")
        slack = 0.2 * (
            (right - left) if turned else (bottom - top)
        )  # a line is higher than letters
        x, y = (slack, 0.5) if turned else (0.5, slack)
        boxes.append((left + x, top + y, right - x, bottom - y))
    for (a, one), (b, two) in itertools.combinations(zip(words, boxes, strict=True), 2):
        wide = min(one[2], two[2]) - max(one[0], two[0])
        high = min(one[3], two[3]) - max(one[1], two[1])
        if wide > 0 and high > 0:
            found.append(f"“{a[0]}” lies on “{b[0]}”")
    return found


@pytest.mark.skipif(browser_path() is None, reason="needs Chromium")
def test_no_words_are_cut_or_lie_on_others() -> None:
    seen = {}
    for name, spec, wanted in rooms():
        picture = lookup.picture_of(spec)
        above = title(spec, lookup.page_of(spec))
        looks = [STYLES[style] for style in wanted]
        drawn = [styles.apply_style(picture, s, None, above if s.titled else "") for s in looks]
        for style, look, one, words in zip(wanted, looks, drawn, measured(drawn), strict=True):
            assert len(words) > 3, name
            size = one.layout.width, one.layout.height
            seen[name, style] = faults(words, *size, 0.6 * look.type)
    assert {place: found for place, found in seen.items() if found} == {}


def test_the_measure_finds_what_is_wrong() -> None:
    word = ["a", 10, 10, 30, 20, False, 10, False]
    beside, below = ["b", 31, 10, 50, 20, False, 10, False], ["c", 10, 17, 30, 27, False, 10, False]
    assert faults([word, beside, below], 60, 30, 5) == []
    assert faults([word, ["b", 28, 10, 50, 20, False, 10, False]], 60, 30, 5) == ["“a” lies on “b”"]
    assert faults([word], 28, 30, 5) == faults([[*word[:-1], True]], 60, 30, 5) == ["“a” is cut"]
    assert faults([word], 60, 30, 12) == ["“a” is too small: 10"]


# --- a phone --------------------------------------------------------------------------------------

WIDTH, HEIGHT = 358, 365  # pixels of a stage in a window of 390 x 844
NARROW = bundle("narrow").replace("export ", "")
# Words and panels of a figure as the stage lays it out: a word is as in test_export_typeset.WORDS.
LAID_OUT = """(async (figure, style, width, height, mends) => {
  %s
  const { font: size, family } = style;
  const wide = { ...figure.layout, width, height, font: { size, family } };
  const layout = mends && isNarrow(width) ? narrowed(wide, width, style) : wide;
  const gd = document.body.appendChild(document.createElement('div'));
  await Plotly.newPlot(gd, figure.data, layout);
  const { left: x, top: y } = gd.getBoundingClientRect();
  const said = [...gd.querySelectorAll('text')].filter((text) => text.textContent.trim());
  const words = said.map((text) => {
    const { left, top, right, bottom } = text.getBoundingClientRect();
    const turned = /rotate\\(-?90/.test(text.getAttribute('transform') ?? '');
    const box = [left - x, top - y, right - x, bottom - y];
    return [text.textContent, ...box, turned, size, false, !!text.closest('.annotation')];
  });
  const panels = Object.values(gd._fullLayout._plots).map(({ xaxis, yaxis }) =>
    [xaxis._offset, yaxis._offset, xaxis._length, yaxis._length]);
  Plotly.purge(gd);
  gd.remove();
  return [words, panels];
})"""


def on_panels(words: list[Any], panels: list[Any]) -> list[str]:
    """Return the words that lie on a panel, but for notes, which may stand in theirs."""
    return [
        f"“{text}” lies on a panel"
        for text, left, top, right, bottom, *_, note in words
        for x, y, wide, high in panels
        if not note and min(right, x + wide) - max(left, x) > 3
        and min(bottom, y + high) - max(top, y) > 3
    ]  # fmt: skip


def laid_out(figures: list[go.Figure], mends: bool = True) -> list[Any]:
    """Return words and panels of each figure as the browser lays them out on a phone."""
    style = json.dumps({"font": 13, "family": FAMILY})
    how = f"{style}, {WIDTH}, {HEIGHT}, {str(mends).lower()}"

    async def job(browser: Any) -> list[Any]:
        tab = await browser._get_kaleido_tab()
        try:
            texts = [words_of(one).to_json() for one in figures]
            return [
                await evaluate(tab.tab, f"{LAID_OUT % NARROW}({text}, {how})") for text in texts
            ]
        finally:
            await browser._return_kaleido_tab(tab)

    return renderer.ask(job)


def wrong(found: Any) -> list[str]:
    words, panels = found
    whole = [word[:-1] for word in words]
    return faults(whole, WIDTH, HEIGHT, 1.0) + on_panels(words, panels)


@pytest.mark.skipif(browser_path() is None, reason="needs Chromium")
def test_on_a_phone_no_title_lies_on_another_panel_and_none_is_cut() -> None:
    places = {name: lookup.picture_of(spec).background for name, spec, _ in rooms()}
    seen = dict(zip(places, map(wrong, laid_out([*places.values()])), strict=True))
    assert {place: found for place, found in seen.items() if found} == {}
    known = [places[n] for n in ("race_compare", "regression_double_descent", "backprop_edge")]
    assert all(wrong(found) for found in laid_out(known, mends=False)), "the measure finds nothing"


# --- panels ---------------------------------------------------------------------------------------


def two_columns() -> go.Figure:
    """Return a plane with its margin close by, and two panels at the right."""
    spots = {"x": (0.0, 0.4), "x2": (0.41, 0.5), "x3": (0.6, 1.0), "x4": (0.6, 1.0)}
    heights = {"y": (0.0, 1.0), "y2": (0.0, 1.0), "y3": (0.6, 1.0), "y4": (0.0, 0.5)}
    traces = [
        go.Scatter(x=[0], y=[0], xaxis=x, yaxis=y) for x, y in zip(spots, heights, strict=True)
    ]
    axes = {
        f"{n[0]}axis{n[1:]}": {"domain": d, "range": [0, 1]} for n, d in (spots | heights).items()
    }
    margin = {"l": 0, "r": 0, "t": 0, "b": 0}
    note = {"text": "over the third", "xref": "paper", "yref": "paper", "x": 0.6, "y": 1.0}
    layout = {"width": 200, "height": 100, "margin": margin, "annotations": [note]}
    return go.Figure(traces, {**axes, **layout})


def test_columns_go_one_under_another_and_a_margin_stays_beside_its_plane() -> None:
    drawn = two_columns()
    assert columns(drawn) == [(0.0, 0.5), (0.6, 1.0)]
    stack(drawn, 0.2)
    boxes = {name: tuple(map(round, box[:4])) for name, box in windows(drawn).items()}
    assert boxes["y"] == (0, 0, 160, 40) and boxes["y2"] == (164, 0, 36, 40)
    assert boxes["y3"] == (0, 60, 200, 16) and boxes["y4"] == (0, 80, 200, 20)
    (note,) = drawn.layout.annotations
    assert (note.x, round(note.y, 9)) == (0.0, 0.4), "its words stay over their panel"
    assert len(panels(drawn)) == 4


def test_a_square_panel_is_where_plotly_has_it() -> None:
    box = {"domain": [0, 1], "range": [-1, 1]}
    layout = {"xaxis": box, "yaxis": {**box, "scaleanchor": "x"}, "width": 300, "height": 100}
    drawn = go.Figure(
        go.Scatter(x=[0], y=[0]), {**layout, "margin": {"l": 0, "r": 0, "t": 0, "b": 0}}
    )
    window = windows(drawn)["y"]
    assert (window.px(-1), window.px(1), window.py(1), window.py(0)) == (100, 200, 0, 50)


def texts(figure: go.Figure) -> list[str]:
    return [text for trace in figure.select_traces({"mode": "text"}) for text in trace.text]


def written(xs: list[float], words: list[str], size: float = 10) -> go.Figure:
    trace = go.Scatter(
        x=xs, y=[0.5] * len(xs), text=words, mode="text", textfont={"size": size},
        textposition="middle center",
    )  # fmt: skip
    axes = {"xaxis": {"range": [0, 1]}, "yaxis": {"range": [0, 1]}}
    margin = {"l": 0, "r": 0, "t": 0, "b": 0}
    return go.Figure(trace, {**axes, "width": 200, "height": 100, "margin": margin})


def test_words_are_made_smaller_shortened_moved_and_at_last_left_out() -> None:
    drawn = written([0.42, 0.58], ["0.123456", "0.654321"])
    fit_words(drawn, 6)
    assert texts(drawn) == ["0.123456", "0.654321"] and 6 < drawn.data[0].textfont.size[0] < 10
    drawn = written([0.45, 0.55], ["0.123456", "−1.34321"])
    fit_words(drawn, 8)
    assert texts(drawn) in (["0.12", "−1.3"], ["0.1", "−1.3"])
    drawn = written([0.5, 0.5, 0.1], ["first", "second", "third"])
    fit_words(drawn, 8)
    assert texts(drawn) == ["first", "", "third"]
    drawn = written([0.99], ["output"])
    fit_words(drawn, 10)
    assert texts(drawn) == ["output"] and drawn.data[0].x[0] < 0.95
    drawn = written([0.5], ["a sentence that is far too long for one line of this panel"])
    fit_words(drawn, 10)
    assert texts(drawn)[0].count("<br>") == 1
    drawn = written([1.5, np.nan], ["beyond", "nowhere"])
    fit_words(drawn, 10)
    assert texts(drawn) == ["", ""], "what the panel does not show is not written beside it"
    for room, words, fits in (
        (0.2, "∂L: −0.7301", "∂L:<br>−0.7301"),
        (0.08, "−0.0823", "−.08"),
        (0.1, "×\u00a00.8412", "×\u00a00.84"),
    ):
        drawn = written([0.5], [words])
        drawn.data[0].meta = room
        fit_words(drawn, 8)
        assert texts(drawn) == [fits], "words stay in their box"
    assert broken("a b", 0.1) == ["a", "b"]


def test_markers_of_a_long_curve_stand_apart_and_the_last_one_stays() -> None:
    drawn = written([], [])
    curve = go.Scatter(
        x=np.linspace(0, 1, 401), y=np.zeros(401), mode="lines+markers", marker={"size": [4] * 401}
    )
    drawn.add_trace(curve)
    thin_markers(drawn, 3)
    at = np.flatnonzero(drawn.data[1].marker.size) * 0.5  # pixels
    assert at[0] == 0 and at[-1] == 200 and len(drawn.data[1].x) == 401
    assert np.diff(at)[:-1].min() >= 12 > np.diff(at)[:-1].max() - 1


# --- the legend -----------------------------------------------------------------------------------


def test_a_value_in_the_legend_is_said_and_the_end_of_a_path_is_not() -> None:
    path = Track("Adam", np.zeros(2), np.zeros(2))
    chips = (Chip("Adam", "━●━", "#123456", "✓ 7 steps", ""), Chip("R̂", "", "#654321", "1.02", ""))
    assert styles.legend_words(Scene([path], (), "", chips)) == [
        ("━●━ Adam", "#123456"),
        ("R̂ 1.02", "#654321"),
    ]
    assert styles.legend_words(Scene([path], (), "", chips[:1])) == [], "one line needs no name"
    assert styles.legend_words(Scene([], (), "", chips[1:])) == [("R̂ 1.02", "#654321")]
    long = Chip("accepted", "", "#654321", " · ".join(["a long value"] * 9), "")
    rows = styles.legend_rows(Scene([], (), "", (long,)), STYLES["paper"])
    assert (
        len(rows) == 2 and " ".join(words for row in rows for _, words, _ in row).count("long") == 9
    )


def test_a_circle_is_drawn_by_all_its_points() -> None:
    turn = np.linspace(0, 2 * np.pi, 73)[None]
    ring = Line("ring", np.cos(turn), np.sin(turn))
    axes = {"xaxis": {"range": [-1, 1]}, "yaxis": {"range": [-1, 1]}}
    drawn = styles.apply_style(Picture(go.Figure(layout=axes), Scene([ring])), STYLES["paper"])
    (line,) = drawn.data
    assert line.line.simplify is False and len(line.x) == 73
