"""The app without a mouse, without seeing, at twice the size: axe, keys, what is said, tables."""

import contextlib
import re
from functools import partial
from typing import Any

import pytest
from axe import faults
from browser import Server, Traffic, go_on, open_page, settle
from cases import sampled
from desk import Desk, expect, expect_value, poll
from places import PLACES, stem_of
from playwright.sync_api import Locator, Page

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES
from gdviz.learn.column_types import TableError
from gdviz.topics.descent.settings import Descent, run


class AnyStage(Desk):
    """Any page, by its stage and the elements over its handles."""

    def handle(self, name: str) -> Locator:
        return self.stage.locator(".gd-keys").get_by_label(name, exact=True)


@pytest.fixture
def desk(tab: Page, server: Server) -> AnyStage:
    return AnyStage(tab, server)


def test_every_handle_has_a_name_to_be_spoken() -> None:
    names = [entry.stem for entry in PAGES if entry.has_settings]
    names += [f"{entry.stem}_{room}" for entry in PAGES for room in entry.rooms]
    handles = []
    for name in names:
        with contextlib.suppress(TableError):  # data that is not on this computer
            drawn = lookup.picture_of(lookup.settings(name)())
            handles += [(name, handle) for handle in drawn.scene.handles]
    assert len(handles) > 40
    nameless = [(n, h.id) for n, h in handles if not re.search(r"\w", h.spoken or h.label)]
    assert nameless == []


def lasting_faults(page: Page) -> list[str]:
    """Return what axe finds again and again: Streamlit dims what a run has not drawn yet."""
    for pause in (500, 1000, 2000, 4000):
        if not (found := faults(page)):
            break
        page.wait_for_timeout(pause)
        settle(page)
    return found


def fits(page: Page, width: int) -> None:
    """Wait until a page does not scroll sideways."""
    main = page.get_by_test_id("stMain")
    poll(lambda: main.evaluate("(node) => node.scrollWidth"), lambda wide: wide <= width, page)


@pytest.mark.flaky(reruns=1, reason="looks at every room, and a room may still be drawn")
def test_axe_finds_nothing_grave_on_any_page_and_twice_the_size_fits(
    page: Page, traffic: Traffic, server: Server
) -> None:
    """Half of the rooms in one visit; `make access` asks of all, in every mode and tab.

    A room is asked in the window that the one before was left in, and has to fit into the other.
    """
    open_page(page, f"{server.url}/")
    page.evaluate("document.body.append(new Image())")
    assert len(faults(page)) == 1, "a picture without words is found"
    page.evaluate("document.body.lastChild.remove()")
    wrong: dict[str, Any] = {}
    sizes = [{"width": 1280, "height": 720}, {"width": 640, "height": 360}]
    for place in sampled(PLACES, 2):
        go_on(page, place)
        shown = page.locator(".gd-stage canvas.gd-over[width][style]").first
        if stem_of(place) in lookup.packages():
            shown.wait_for(state="attached", timeout=60_000)
        settle(page)
        fits(page, sizes[0]["width"])
        if found := lasting_faults(page):
            wrong[place] = found
        sizes.reverse()
        page.set_viewport_size(sizes[0])  # it draws itself anew
        fits(page, sizes[0]["width"])
    assert wrong == {}


def test_a_start_is_moved_by_keys_and_says_where_it_is(desk: AnyStage) -> None:
    desk.name = "descent"
    desk.open("descent_x0=1.5&descent_steps=20")
    page, start = desk.page, desk.handle("start")
    expect(start).to_have_attribute("aria-valuetext", "1.5")
    start.focus()
    before = start.bounding_box()
    page.keyboard.press("ArrowLeft")
    poll(lambda: desk.query().get("descent_x0"), lambda x: x not in (None, ["1.5"]), page)
    settle(page)
    x0 = float(desk.query()["descent_x0"][0])
    assert 1.3 < x0 < 1.5, "one press is one step"
    expect(start).to_have_attribute("aria-valuetext", f"{x0:g}")
    expect(start).to_be_focused()
    poll(start.bounding_box, lambda after: after["x"] < before["x"], page)
    end = run(Descent(x0=x0, steps=20))["gd"].x[-1, 0]
    path = partial(desk.layer, "Gradient descent", "x")
    poll(path, lambda x: x[-1] == pytest.approx(end, rel=1e-5), page)
    said = desk.stage.locator(".gd-said")
    expect(said).to_contain_text(
        re.compile(r"^step \d+ of \d+\. .*Gradient descent: .*step limit 20$")
    )
    desk.button("Go to the start").click()
    expect(said).to_contain_text("step 0 of")
    assert said.get_attribute("aria-live") == "polite"
    assert desk.step.get_attribute("aria-live") == "off", "else every frame would be said"


def test_many_handles_are_one_stop_and_a_button_is_pressed(desk: AnyStage) -> None:
    desk.name = "regression"
    desk.open("regression_n=8")
    page = desk.page
    stops = desk.stage.locator(".gd-keys [tabindex='0']")
    names = partial(stops.evaluate_all, "all => all.map(n => n.ariaLabel)")
    expect_value(names, ["point 1", "a new point"], page)
    desk.handle("point 1").focus()
    page.keyboard.press("Enter")
    expect(desk.handle("point 2")).to_be_focused()
    page.keyboard.press("Delete")
    expect(desk.handle("point 8")).to_have_count(0)
    expect(desk.handle("point 7")).to_have_count(1)
    settle(page)
    desk.handle("a new point").focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowUp", "Enter"):
        page.keyboard.press(key)
    expect(desk.handle("point 8")).to_have_count(1)
    desk.name = "backprop"
    desk.open()
    more = desk.handle("one layer more")
    layers = desk.query().get("backprop_hidden")
    more.focus()
    page.keyboard.press("Enter")
    poll(lambda: desk.query().get("backprop_hidden"), lambda now: now != layers, page)


def test_a_chart_has_its_numbers_one_key_away_and_motion_can_be_without_gliding(
    page: Page, server: Server, traffic: Traffic
) -> None:
    page.emulate_media(reduced_motion="reduce")
    desk = AnyStage(page, server)
    desk.name = "descent"
    desk.open("descent_x0=1.5&descent_steps=20&descent_stop=none")
    chart = page.locator(".gd-chart").first
    chart.locator(".main-svg").first.wait_for()
    button = chart.get_by_role("button", name="Table of numbers")
    button.focus()
    page.keyboard.press("Enter")
    table = page.locator(".gd-numbers table").first
    expect(table).to_be_visible()
    cells = table.locator("tbody tr").evaluate_all(
        "all => all.map(tr => [...tr.cells].map(td => td.textContent))"
    )
    drawn = chart.evaluate("(gd) => [gd._fullData[0].x.length, gd._fullData[0].x[1]]")
    assert len(cells) == drawn[0] and cells[1][0] == f"{drawn[1]:g}"
    page.keyboard.press("Enter")
    expect(table).to_be_hidden()
    desk.button("Go to the start").click()
    desk.button("Play").click()
    for _ in range(10):
        assert float(desk.state("S.k")).is_integer()
        page.wait_for_timeout(30)
