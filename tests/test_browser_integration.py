"""Integration and importance sampling in a real browser: ends and curves follow the hand."""

from typing import Any

import desk as desk_base
import numpy as np
import pytest
from browser import Server, settle
from desk import expect, poll
from playwright.sync_api import Page

from gdviz.queries import from_query
from gdviz.topics.importance import settings as weighing
from gdviz.topics.importance.settings import Weighing, best_density, proposal_of
from gdviz.topics.integration.frames import frames
from gdviz.topics.integration.question import answer
from gdviz.topics.integration.settings import Integration


class Desk(desk_base.Desk):
    """The page *integration*, or with another `name` the page *importance*."""

    name = "integration"
    kind: Any = Integration

    def spec(self) -> Any:
        """The settings that the link says."""
        prefix = f"{self.name}_"
        return from_query(self.kind, {k.removeprefix(prefix): v for k, v in self.query().items()})


class Scales(Desk):
    """The page *importance*."""

    name = "importance"
    kind = Weighing


@pytest.fixture
def desk(tab: Page, server: Server) -> Desk:
    return Desk(tab, server)


@pytest.fixture
def scales(tab: Page, server: Server) -> Scales:
    return Scales(tab, server)


def test_the_ends_follow_the_hand_and_the_numbers_are_those_of_the_link(desk: Desk):
    desk.open("integration_rule=trapezoid&integration_n=6")
    page, mouse = desk.page, desk.page.mouse
    mouse.move(*desk.place(4.0, 0.0))
    mouse.down()
    for i in range(1, 7):  # the strips follow while the hand moves
        end = 4.0 - 0.25 * i
        mouse.move(*desk.place(end, 0.0))
        poll(lambda: desk.layer("nodes", "x")[-1], lambda x, end=end: abs(x - end) < 0.03, page)
    mouse.move(*desk.place(2.5, 0.0))
    mouse.up()
    poll(desk.spec, lambda spec: abs(spec.b - 2.5) < 0.05, page)
    settle(page)
    spec = desk.spec()
    assert (spec.a, spec.rule, spec.n) == (0.0, "trapezoid", 6)
    last = frames(spec).nodes[-1]
    poll(
        lambda: desk.layer("nodes", "x")[-7:],
        lambda nodes: nodes == pytest.approx(list(last[-7:]), rel=1e-5),
        page,
    )
    desk.expect_step(5)
    expect(desk.chips).to_contain_text(f"{answer(spec).truth.value:.10g}")


def test_curves_are_dragged_and_infinite_variance_is_said(scales: Scales):
    desk = scales.open()
    page = desk.page
    spec = Weighing()
    top = float(proposal_of(spec).pdf(spec.nu))
    desk.drop(desk.place(spec.nu, top), desk.place(1.0, top))
    poll(desk.spec, lambda now: abs(now.nu - 1.0) < 0.1, page)
    settle(page)
    now = desk.spec()
    assert (now.mu, now.tau) == (2.0, 2.0)
    found = weighing.run(now).found
    expect(desk.chips).to_contain_text(f"{found.value:.4g} ± {found.std_error:.2g}")
    desk.fill("tau", "0.5")
    settle(page)
    expect(desk.chips).to_contain_text("variance: infinite")
    expect(page.get_by_text("its tails are too light").first).to_be_visible()
    now = poll(desk.spec, lambda now: now.tau == 0.5, page)
    side = now.nu + 0.5
    height = float(proposal_of(now).pdf(side))
    desk.drag(desk.place(side, height), desk.place(side + 2.5, height))
    poll(desk.spec, lambda now: now.tau > 2, page)
    expect(desk.chips).not_to_contain_text("infinite")


def test_marks_say_their_names_to_a_hand(scales: Scales):
    """The dashed curve, a stem and the band have no words beside them: they say what they are."""
    scales.open()
    tip = scales.stage.locator(".gd-tip")
    spec = scales.spec()
    x = 1.0
    best = best_density(spec, np.array([x]))
    assert best is not None
    scales.page.mouse.move(*scales.place(x, float(best[0])))
    expect(tip).to_have_text("best q ∝ |h|p")
    q = float(proposal_of(spec).pdf(-3.0))
    scales.page.mouse.move(*scales.place(-3.0, q))
    expect(tip).to_have_text("proposal q")
    scales.page.mouse.move(*scales.place(-6.0, 0.25))
    expect(tip).to_be_hidden()


def test_a_strip_says_its_error_and_a_zoomed_window_is_not_wider_than_itself(desk: Desk):
    desk.open("integration_function=spike&integration_rule=simpson&integration_n=30"
              "&integration_a=-1&integration_b=1")  # fmt: skip
    desk.page.mouse.move(*desk.place(0.27, 1e-8, panel="2"))
    expect(desk.stage.locator(".gd-tip")).to_contain_text("error of a strip")
    main = desk.page.get_by_test_id("stMain")
    for size in ((1280, 720), (853, 480)):
        desk.page.set_viewport_size({"width": size[0], "height": size[1]})
        poll(
            lambda: main.evaluate("(n) => n.scrollWidth"),
            lambda w, most=size[0]: w <= most,
            desk.page,
        )
