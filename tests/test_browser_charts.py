"""The charts of the tabs in a real browser: how they look, are saved and are clicked."""

import re
from pathlib import Path

import pytest
from browser import Server, Traffic, open_page, settle
from desk import expect, expect_value
from playwright.sync_api import Page


@pytest.fixture
def race(page: Page, server: Server, traffic: Traffic) -> Page:
    page.set_viewport_size({"width": 1280, "height": 1300})
    open_page(page, f"{server.url}/race")
    expect(page.locator(".gd-chart .main-svg").first).to_be_visible()
    return page


def test_a_chart_is_saved_seen_alone_and_follows_the_settings(race: Page, tmp_path: Path) -> None:
    chart = race.locator(".gd-chart")
    expect(chart.locator(".modebar-btn[data-title='Pan']")).to_be_attached()
    titles = [button.get_attribute("data-title") for button in chart.locator(".modebar-btn").all()]
    assert titles and not [title for title in titles if "Share" in str(title)]
    chart.hover()
    with race.expect_download() as saved:
        chart.locator("[data-title='Save as SVG']").click()
    saved.value.save_as(tmp_path / "chart.svg")
    text = (tmp_path / "chart.svg").read_text("utf-8")
    assert saved.value.suggested_filename == "race_curves.svg"
    assert (
        text.startswith("<svg") and "distance to a minimum" in text and "rgb(255, 255, 255)" in text
    )
    before = chart.bounding_box()
    chart.locator("[data-title='Full screen']").click()
    expect(chart).to_have_js_property("clientHeight", race.evaluate("window.innerHeight"))
    expect(chart.locator(".main-svg").first).to_have_attribute("height", "1300")
    race.keyboard.press("Escape")
    race.evaluate("document.fullscreenElement && document.exitFullscreen()")
    expect(chart).to_have_js_property("clientHeight", before and before["height"])

    _follows_the_settings(race)


def _follows_the_settings(race: Page) -> None:
    """It shows the run of a preset, and says a number under the hand."""
    chart = race.locator(".gd-chart")
    names = "(chart) => chart.data.slice(-5).map((trace) => trace.name)"
    expect_value(lambda: set(chart.evaluate(names)), {"Newton, safeguarded"}, race)
    race.get_by_role("button", name="No derivatives").click()
    settle(race)
    expect_value(lambda: set(chart.evaluate(names)), {"BFGS"}, race)
    settle(race)
    spot = chart.evaluate("""(chart) => {
      const { xaxis, yaxis } = chart._fullLayout, { y } = chart._fullData[0];
      const { left, top } = chart.getBoundingClientRect();
      return [left + xaxis._offset + xaxis.d2p(9), top + yaxis._offset + yaxis.d2p(y[9])]; }""")
    race.mouse.move(*spot, steps=4)
    expect(chart.locator(".hoverlayer text").first).to_contain_text("9: ")


def test_a_square_of_a_sweep_is_clicked(page: Page, server: Server, traffic: Traffic) -> None:
    open_page(page, f"{server.url}/sweep")
    chart = page.locator(".gd-chart")
    expect(chart.locator(".main-svg").first).to_be_visible()
    box = chart.locator(".nsewdrag").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + 3, box["y"] + box["height"] - 3)  # the corner of the first square
    settle(page)
    expect(page).to_have_url(re.compile("sweep_cell=0"))
    expect(page.locator(".st-key-sweep_cell")).to_contain_text("lr = 0.001, methods = gd")
    page.get_by_role("link", name="Open this run").click()
    expect(page.get_by_role("spinbutton", name="η of Gradient descent")).to_have_value("0.001")
