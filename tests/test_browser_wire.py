"""A server that is frozen or gone: the page says so, and what a hand did meanwhile is not lost."""

import pytest
from browser import Server, settle
from desk import Desk, Wire, expect, poll
from playwright.sync_api import Page

CONNECTED = '[data-test-connection-state="CONNECTED"]'


@pytest.mark.flaky(reruns=1, reason="a connection is cut and made again while a hand drags")
def test_a_hand_outlives_a_frozen_server_and_a_cut(page: Page, server: Server):
    wire = Wire(page)
    desk = Desk(page, server)
    desk.name = "race"
    desk.open()
    notice = page.locator("#gd-waiting")

    def drag_to(x: float) -> None:
        now = desk.state("[S.scene.handles[0].x, S.scene.handles[0].y]")
        page.mouse.move(*desk.place(*now))
        page.mouse.down()
        page.mouse.move(*desk.place(x, 0.0), steps=4)
        page.mouse.up()

    def told() -> float:
        return float(desk.query().get("race_x0", ["nan"])[0])

    wire.frozen = True
    drag_to(0.5)
    expect(notice).to_have_text("Waiting for the server …")
    assert told() == -1.2
    wire.thaw()
    poll(told, lambda x: abs(x - 0.5) < 0.05, page)
    expect(notice).to_be_hidden()
    settle(page)

    wire.cut = True
    wire.socket.close()
    expect(page.locator(CONNECTED)).to_have_count(0)
    drag_to(-0.5)
    expect(notice).to_contain_text("No connection")
    wire.cut = False
    expect(page.locator(CONNECTED)).to_have_count(1)
    page.mouse.move(300, 300)
    page.mouse.move(310, 310)  # the page comes back with the visitor's next move
    poll(told, lambda x: abs(x + 0.5) < 0.05, page)
    expect(notice).to_be_hidden()
    settle(page)
    poll(lambda: desk.state("S.scene.handles[0].x"), lambda x: abs(x + 0.5) < 0.05, page)
