"""Back and Forward undo and redo one action; what a message says late undoes none."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from browser import Server, Traffic, go_on, settle
from desk import Desk, Wire, at_rest, expect, expect_value, poll
from playwright.sync_api import Page

from gdviz.topics.race.presets import PRESETS


class Race(Desk):
    """The page *race*, with what a visitor sees of it."""

    name = "race"

    def start(self) -> list[float]:
        return self.state("[S.scene.handles[0].x, S.scene.handles[0].y]")

    def seen(self) -> dict[str, Any]:
        """Return the link, the start in picture and fields, the surface, the tab, the sentence."""
        # While the page is drawn anew, a field is there twice now and then.
        fields = [float(self.field(name).first.input_value()) for name in ("x0", "y0")]
        tab = self.page.locator("[role=tab][aria-selected=true]").first.text_content()
        surface = self.field("surface").first.input_value()
        reason = self.page.locator(".st-key-reason").first.text_content()
        picture = {"start": self.start(), "fields": fields, "surface": surface}
        return picture | {"link": self.query(), "tab": tab, "reason": reason}

    def acted(self, before: dict[str, Any]) -> dict[str, Any]:
        """Wait until an action shows, and return what is seen then."""
        poll(self.query, lambda now: now != before["link"], self.page)
        settle(self.page)
        return at_rest(self.seen, self.page)

    def expect_seen(self, wanted: dict[str, Any]) -> None:
        expect_value(self.seen, wanted, self.page)

    def go(self, *steps: int) -> None:
        for step in steps:
            self.page.evaluate(f"history.go({step})")


def entries(page: Page) -> int:
    return page.evaluate("history.length")


@pytest.mark.flaky(reruns=1, reason="looks at pages while they are drawn anew")
def test_back_undoes_one_action_and_forward_redoes_it(page: Page, traffic: Traffic, server: Server):
    desk = Race(page, server).open()
    states, length = [at_rest(desk.seen, page)], entries(page)

    def drag() -> None:
        x, y = desk.place(*desk.start())
        desk.drag((x, y), (x + 60, y - 30))

    actions = [
        lambda: desk.press(PRESETS[1].label),
        drag,
        lambda: desk.tab("Maths"),
        lambda: desk.choose("surface", "Type a formula …"),
        lambda: desk.fill("formula", "x**2 + 3*y**2"),
        lambda: page.get_by_text("hide the paths").click(),
    ]
    for count, act in enumerate(actions, 1):
        act()
        states.append(desk.acted(states[-1]))
        expect_value(lambda: entries(page), length + count, page)
    for state in states[-2::-1]:
        desk.go(-1)
        desk.expect_seen(state)
    for state in states[1:]:
        desk.go(1)
        desk.expect_seen(state)
    desk.go(-1, -1)
    desk.expect_seen(states[-3])
    assert entries(page) == length + len(actions), "following the history makes no entry"
    go_on(page, "/descent")
    expect(page).to_have_title(re.compile("descent|Descent"))
    settle(page)
    desk.go(-1)
    desk.expect_seen(states[-3])


@pytest.mark.flaky(reruns=1, reason="acts between two messages of a connection that is held")
def test_what_is_said_before_an_answer_comes_undoes_nothing(page: Page, server: Server):
    """A drag, a dial and Back, each followed by a word of the page before there is an answer."""
    wire, desk = Wire(page), Race(page, server)
    desk.open("race_surface=bowl")
    switch = page.get_by_text("hide the paths")

    def told(name: str) -> str:
        return desk.query().get(f"race_{name}", [""])[0]

    def meanwhile(act: Callable[[], None], then: Callable[[], None]) -> None:
        """Do two things before the server hears of the first."""
        wire.frozen = True
        act()
        then()
        page.wait_for_timeout(300)
        wire.thaw()
        page.wait_for_timeout(300)
        settle(page)

    def drag() -> None:
        x, y = desk.place(*desk.start())
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 50, y + 20, steps=3)
        page.mouse.up()

    start, length = desk.start(), entries(page)
    meanwhile(drag, switch.click)
    expect_value(lambda: told("hidden"), "true", page)
    poll(desk.start, lambda now: now != start, page)
    settle(page)
    moved = at_rest(desk.start, page)
    expect_value(lambda: desk.seen()["fields"], pytest.approx(moved), page)
    expect_value(lambda: float(told("x0") or "nan"), pytest.approx(moved[0]), page)

    rail = page.get_by_role("slider", name="η")
    before = float(desk.field("gd_lr").input_value())
    meanwhile(lambda: rail.press("ArrowRight"), switch.click)
    expect_value(lambda: told("hidden"), "", page)
    poll(lambda: float(told("gd_lr") or "nan"), lambda rate: rate > before, page)
    rate = float(told("gd_lr"))
    expect_value(lambda: float(desk.field("gd_lr").input_value()), rate, page)

    meanwhile(lambda: desk.go(length - entries(page)), desk.button("One step back").click)
    expect_value(lambda: (desk.start(), desk.seen()["fields"]), (start, start), page)
    expect_value(lambda: (told("x0"), told("gd_lr"), told("hidden")), ("", "", ""), page)

    desk.press(PRESETS[1].label)
    desk.press(PRESETS[2].label)
    expect_value(lambda: told("surface"), PRESETS[2].values["surface"], page)
    wire.deaf = True  # two times Back: the answer to the first comes after the second
    desk.go(-1)
    link = f"race_surface={PRESETS[1].values['surface']}".encode()
    poll(lambda: [message for _, message in wire.held if link in message], bool, page)
    desk.go(-1)
    wire.thaw()
    expect_value(desk.start, start, page)
    settle(page)
    expect_value(lambda: (told("surface"), told("methods")), ("bowl", ""), page)
