"""Every layer and every kind of handle of the stage, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import ROOT, Server, Traffic, open_page, serve, settle
from desk import Desk, expect, expect_value, poll
from playwright.sync_api import Page

from gdviz.browser.bundle import TAG
from gdviz.figures.style import BLUE, VERMILLION

APP = ("-m", "uvicorn", "--app-dir", "tests/apps", "layers_app:app", "--port", "{port}")

# The corners of a path that spirals into the middle of the first panel, and where it ends there.
CORNERS = """async (tag) => {
  const drawing = new URL(`assets/${tag}/drawing.js`, document.baseURI).href;
  const { draw, panel } = await import(drawing);
  const { gd } = document.querySelector('.gd-stage').parentElement.gdStage, corners = [];
  const at = (turn) => ({ rows: 300, columns: 1, data: Float64Array.from(Array(300).keys(),
    (i) => 0.5 + 0.4 * 0.9 ** i * turn(i)) });
  const layer = { kind: 'ghost', x: at(Math.cos), y: at(Math.sin), symbol: 'circle' };
  const to = (...place) => corners.push(place);
  const pen = new Proxy({ lineTo: to }, { get: (own, name) => own[name] ?? (() => {}) });
  draw(pen, gd, { layers: [layer] }, 299, { width: 2, scale: 1, ink: '#000', paper: '#fff' });
  const view = panel(gd, 0);
  return [corners.length, corners.at(-1), [view.px(layer.x.data[299]), view.py(layer.y.data[299])]];
}"""


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("layers") / "log"
    with serve(log, folder=ROOT, probe="/_stcore/health", command=APP) as running:
        yield running


@pytest.fixture
def desk(page: Page, layers: Server, traffic: Traffic) -> Desk:
    desk = Desk(page, layers)
    open_page(page, layers.url)
    desk.drawn(desk.stage)
    return desk


def color_at(desk: Desk, x: float, y: float, panel: str = "") -> list[int]:
    """Return the red, green, blue and alpha that the stage has drawn at a point."""
    left, top = desk.place(x, y, panel=panel)
    return desk.state(
        f"""(() => {{ const box = S.gd.getBoundingClientRect(), r = devicePixelRatio;
          return Array.from(S.over.getContext('2d')
            .getImageData(({left} - box.left) * r, ({top} - box.top) * r, 1, 1).data); }})()"""
    )


def rgb(color: str) -> Any:
    return pytest.approx([*bytes.fromhex(color[1:]), 255], abs=3)


def test_pictures_and_cells_have_the_colours_of_their_values(desk: Desk):
    desk.button("Go to the start").click()
    page = desk.page
    expect_value(lambda: color_at(desk, 0.5, 0.9), rgb(VERMILLION), page)  # the lowest, at step 0
    expect_value(lambda: color_at(desk, 0.01, 0.2)[3], 0, page)  # no value: nothing is drawn
    expect_value(lambda: color_at(desk, 0.9, 0.5, panel="2"), rgb("#00324F"), page)
    desk.button("Go to the end").click()
    expect_value(lambda: color_at(desk, 0.5, 0.9), rgb(BLUE), page)
    saved: list[Any] = []
    desk.page.on("download", lambda d: saved.append(d))
    desk.press("save")
    poll(lambda: saved, bool, desk.page)
    assert saved[0].suggested_filename == "layers at 3.svg"  # the press has not overtaken the step
    svg = Path(saved[0].path()).read_text()
    drawn = re.sub(r"data:[^)\"]*", "", svg)  # a font in base64 may hold any letters
    assert svg.count("<image") == 1 and ">step 3</text>" in drawn and "NaN" not in drawn
    corners, last, end = page.evaluate(CORNERS, TAG)
    assert 20 < corners < 150 and last == end, "where it stands still it costs nothing"


def test_a_click_goes_to_the_handle_made_for_clicks_and_shift_is_told(desk: Desk):
    mouse, page = desk.page.mouse, desk.page
    mouse.click(*desk.place(0.9, 0.2, panel="2"))
    expect(page.get_by_text(re.compile("^heard right 0.90 0.20 False False"))).to_be_visible()
    mouse.click(*desk.place(0.1, 0.8, panel="2"))
    expect(page.get_by_text(re.compile("^heard left 0.10 0.80 False False"))).to_be_visible()
    page.keyboard.down("Shift")
    mouse.click(*desk.place(0.75, 0.75))
    page.keyboard.up("Shift")
    expect(page.get_by_text(re.compile("^heard b 0.75 0.75 False True"))).to_be_visible()
    desk.drag(desk.place(0.25, 0.25), desk.place(0.4, 0.5))
    settle(page)
    expect(page.get_by_text(re.compile("^heard a 0.40 0.50 False False"))).to_be_visible()
    mouse.click(*desk.place(0.95, 0.95))  # no handle is made for clicks here: the closest comes
    expect(page.get_by_text(re.compile("^heard b 0.95 0.95 False False"))).to_be_visible()


def test_a_point_says_its_words_under_the_hand(desk: Desk):
    desk.page.mouse.move(*desk.place(0.8, 0.2, panel="4"))
    expect(desk.stage.locator(".gd-tip")).to_have_text("two")


def test_a_handle_outside_the_axes_is_at_the_edge_and_can_be_dragged_in(desk: Desk):
    plot = desk.stage.locator(".gd-plot")
    words = "every layer The handle far 3, 0.5 is outside the axes."
    expect(plot).to_have_attribute("aria-label", words)
    left, top = desk.place(1.0, 0.5, panel="3")
    x, y = desk.place(0.5, 0.5, panel="3")
    desk.page.mouse.move(left - 11, top)
    desk.expect_state("S.gd.style.cursor", "grab")
    desk.drag((left - 11, top), (x, y))
    settle(desk.page)
    expect(desk.page.get_by_text(re.compile("^heard far 0.50 0.50 False False"))).to_be_visible()
    desk.state("S.Plotly.relayout(S.gd, {'xaxis.range': [0.5, 1], 'yaxis.range': [0.5, 1]})")
    expect(plot).to_have_attribute("aria-label", re.compile("handle a 0.25, 0.25 is outside"))
