"""A hall in two real pages: a lecturer's and a phone's."""

import re
from collections.abc import Iterator

import pytest
from browser import Server, Traffic, record
from desk import Desk, expect, poll
from playwright.sync_api import BrowserContext, Page


class Phone(Desk):
    """A phone in the hall, by its stage and its words."""

    def join(self, code: str) -> None:
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.page.goto(f"{self.server.url}/?hall={code.lower()}")
        self.drawn(self.stage)
        self.words = self.page.locator("#said")
        self.asked = self.stage.locator(".gd-question")


class Lecturer(Desk):
    """The lecturer's page, and its bar."""

    name = "descent"

    def open_hall(self) -> str:
        self.menu().get_by_role("button", name="Open a hall").click()
        expect(self.part("big")).to_have_text(re.compile("[0-9A-Z]"))
        code = self.part("big").text_content()
        self.part("enough").click()
        return str(code)

    def part(self, name: str):
        return self.page.locator(f".gd-hall-{name}")

    def start(self) -> float:
        return self.state("S.held?.point.x ?? S.scene.handles[0].x")


@pytest.fixture
def phone(visitor: BrowserContext, server: Server) -> Iterator[Phone]:
    page = visitor.new_page()
    seen = record(page)
    yield Phone(page, server)
    page.close()
    assert (seen.outside(), seen.complaints) == ([], [])


@pytest.mark.flaky(reruns=1, reason="two pages follow each other, each at its own pace")
def test_a_phone_follows_a_drag_guesses_and_sees_the_answer_with_the_hall(
    page: Page, server: Server, traffic: Traffic, phone: Phone
) -> None:
    desk = Lecturer(page, server).open("descent_steps=12&descent_lr=0.1")
    phone.join(desk.open_hall())
    expect(desk.part("phones")).to_have_text("1 phone")

    # The phone follows while the hand is down, and has the page's link when it is let go.
    begun = desk.state("[S.scene.handles[0].x, S.scene.handles[0].y]")
    here, there = desk.place(*begun), desk.place(0.4)
    page.mouse.move(*here)
    page.mouse.down()
    page.mouse.move(*there, steps=5)
    poll(lambda: phone.state("S.scene.handles[0].x"), lambda x: abs(x - desk.start()) < 1e-3, page)
    page.mouse.up()
    roam = phone.page.get_by_role("link", name="Roam on your own")
    expect(roam).to_have_attribute("href", re.compile(r"/descent\?descent_x0=.*&hall=[0-9A-Z]{8}$"))

    # A question hides the run on both; a guess is typed, changed by a tap, and counts once.
    desk.part("ask").click()
    expect(phone.asked).to_be_visible()
    phone.expect_state("[S.guessing, S.k, S.ask.question.answers.length]", [True, 0, 0])
    phone.page.keyboard.press("Space")
    assert phone.state("S.guessing"), "it waits for the hall"
    field = phone.stage.get_by_role("spinbutton").first
    field.fill("0.3")
    field.press("Tab")
    expect(phone.words).to_contain_text("Your guess is in")
    phone.page.mouse.click(*phone.place(1.0))
    poll(field.input_value, lambda value: value != "0.3", page)
    expect(desk.part("count")).to_have_text("1 of 1 has answered")

    # The page is loaded anew: the hall goes on, and the run is hidden again.
    page.reload()
    expect(desk.part("count")).to_have_text("1 of 1 has answered", timeout=40_000)
    poll(lambda: desk.state("S?.guessing ?? false"), bool, page)

    desk.part("reveal").click()
    expect(desk.part("said")).to_contain_text("nearest to the minimum at x = ")
    expect(phone.stage.locator(".gd-result")).to_contain_text("of 100", timeout=40_000)
    expect(phone.page.locator("#asked")).to_contain_text("nearest to the minimum at x = ")
    desk.expect_state("Boolean(S.ask.crowd)", True)  # the guesses lie over the picture

    desk.part("close").click()
    expect(phone.words).to_contain_text("closed")
