"""The pages of geometry in a real browser: hands that stay in their family, loops, rooms, links."""

import re
from typing import Any

import desk as desk_base
import pytest
from browser import Server, Traffic, settle
from desk import expect, expect_value, poll
from playwright.sync_api import Page

from gdviz.geometry import distance
from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry.settings import Geometry, corners
from gdviz.topics.natural_gradient import settings as natural
from gdviz.topics.natural_gradient.settings import NaturalGradient


class Desk(desk_base.Desk):
    """The page *geometry*."""

    name = "geometry"

    def spec(self, query: dict[str, list[str]] | None = None) -> Any:
        """The settings that a query says, the address bar's by default."""
        kind = {"geometry": Geometry, "natural_gradient": NaturalGradient}[self.name]
        cut = f"{self.name}_"
        return from_query(
            kind, {k.removeprefix(cut): v for k, v in (query or self.query()).items()}
        )

    def room(self, words: str) -> None:
        self.page.get_by_test_id("stButtonGroup").first.get_by_text(words).click()
        settle(self.page)

    def handle(self, name: str) -> Any:
        return self.state(f"(({{x, y}}) => [x, y])(S.scene.handles.find((h) => h.id === {name!r}))")


class Natural(Desk):
    """The page *natural_gradient*."""

    name = "natural_gradient"


@pytest.fixture
def desk(tab: Page, server: Server) -> Desk:
    return Desk(tab, server)


def test_a_hand_moves_a_distribution_and_cannot_leave_the_family(desk: Desk):
    desk.open()
    far = float(distance("normal", [-1.5, 0.5], [1.5, 0.8]))
    expect(desk.chips).to_contain_text(f"Fisher geodesic: {far:.4g}")
    desk.drop(desk.place(-1.5, 0.5), desk.place(-1.0, 1.0))
    there = pytest.approx((-1.0, 1.0), abs=0.03)
    spec = poll(desk.spec, lambda s: (s.ax, s.ay) == there, desk.page)
    found = rooms.geodesics_result(spec)
    expect(desk.chips).to_contain_text(f"Fisher geodesic: {found.lengths['fisher']:.4g}")
    middle = pytest.approx(found.paths["fisher"][30, 1], rel=1e-5)
    poll(
        lambda: desk.layer("Fisher geodesic", "y"),
        lambda y: len(y) == 61 and y[30] == middle,
        desk.page,
    )
    below = desk.place(-1.0, 1.0)
    desk.drop(desk.place(*desk.handle("a")), [below[0], below[1] + 600])
    expect_value(lambda: (desk.spec().ay, desk.handle("a")[1]), (0.12, 0.12), desk.page)
    expect(desk.page.get_by_text("Something went wrong")).to_have_count(0)


def test_a_loop_gains_and_loses_corners_and_turns_a_vector(desk: Desk):
    desk.open("geometry_room=transport&geometry_way=loop")
    expect(desk.chips).to_contain_text("∫ K dA")
    desk.page.mouse.click(*desk.place(-2.2, 1.0))
    spec = poll(desk.spec, lambda s: len(corners(s)) == 5, desk.page)
    assert corners(spec)[-1] == pytest.approx([-2.2, 1.0], abs=0.05)
    settle(desk.page)
    turned = rooms.transport_result(spec)
    inside = f"{number(turned.expected * 180 / 3.141592653589793)}°"
    expect(desk.chips).to_contain_text(inside)
    desk.page.keyboard.down("Shift")
    desk.page.mouse.click(*desk.place(-2.2, 1.0))
    desk.page.keyboard.up("Shift")
    settle(desk.page)
    poll(desk.spec, lambda s: len(corners(s)) == 4, desk.page)


def test_the_natural_gradient_follows_its_start(page: Page, server: Server, traffic: Traffic):
    desk = Natural(page, server).open("natural_gradient_room=logistic")
    expect(desk.chips).to_contain_text("IRLS")
    desk.drop(desk.place(0, 0), desk.place(1.0, 0.5))
    there = pytest.approx((1.0, 0.5), abs=0.05)
    spec = poll(desk.spec, lambda s: (s.w0, s.w1) == there, desk.page)
    run = natural.weights(spec)
    expect(desk.chips).to_contain_text(f"{len(run.paths['natural'].theta) - 1} steps")
    end = pytest.approx(run.paths["natural"].theta[-1, 0], rel=1e-4)
    poll(lambda: desk.layer("natural", "x"), lambda x: x[0] != 0 and x[-1] == end, desk.page)
    desk.room("A small network")
    expect(desk.chips).to_contain_text(re.compile("natural gradient: loss 0.0"))
    desk.tab("Pitfalls")
    expect(desk.page.get_by_text("12b")).to_be_visible()
