"""Integration and importance sampling in a real browser: ends and curves follow the hand."""

import re
from typing import Any

import desk as desk_base
import pytest
from browser import Server, Traffic, settle
from desk import poll
from playwright.sync_api import Page, expect

from gdviz.expressions import FormulaError, formula
from gdviz.knobs import from_query
from gdviz.topics.importance import settings as weighing
from gdviz.topics.importance.settings import Weighing
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
def desk(page: Page, server: Server, traffic: Traffic) -> Desk:
    return Desk(page, server)


@pytest.fixture
def scales(page: Page, server: Server, traffic: Traffic) -> Scales:
    return Scales(page, server)


def test_the_ends_follow_the_hand_and_the_numbers_are_those_of_the_link(desk: Desk):
    desk.open("integration_rule=trapezoid&integration_n=6")
    page, mouse = desk.page, desk.page.mouse
    mouse.move(*desk.place(4.0, 0.0))
    mouse.down()
    seen = set()
    for i in range(300):
        mouse.move(*desk.place(4.0 - 0.01 * (i % 150), 0.0))
        seen.add(tuple(desk.layer("nodes", "x")))
        if len(seen) > 6:
            break
    assert len(seen) > 6, "the strips follow while the hand moves"
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


def test_presets_rules_and_views(desk: Desk):
    desk.open("integration_view=romberg")
    expect(desk.page.get_by_text("The first column is the trapezoid rule")).to_be_visible()
    desk.press("E[X²] cut short")
    poll(lambda: desk.spec().quantity, lambda q: q == "expectation", desk.page)
    own = (("normal", (("sigma", 3.0),)),)
    poll(lambda: desk.spec().hyper, lambda hyper: hyper == own, desk.page)
    expect(desk.chips).to_contain_text("on the whole line: 9")
    expect(desk.page.get_by_text(re.compile("Known bad"))).to_be_visible()
    desk.choose("rule", "Left")
    expect(desk.chips).to_contain_text("Left: off by")
    desk.tab("Pitfalls")
    expect(desk.page.get_by_text("7f · Tails that underflow")).to_be_visible()
    expect(desk.page.get_by_text("-804.608442013754")).to_be_visible()


def test_what_cannot_be_done_is_said_and_a_bad_formula_keeps_the_last(desk: Desk):
    desk.open("integration_function=endpoint&integration_b=1&integration_rule=simpson")
    expect(desk.chips).to_contain_text("Simpson: cannot")
    desk.choose("function", "Type a formula …")
    expect(desk.chips).to_contain_text("Simpson: off by")
    truth = f"{answer(Integration(function='typed', b=1.0)).truth.value:.10g}"
    expect(desk.chips).to_contain_text(truth)
    with pytest.raises(FormulaError) as refused:
        formula("x**")
    desk.fill("formula", "x**")
    words = str(refused.value).split("`")[0]
    expect(desk.page.get_by_text(words)).to_be_visible()
    expect(desk.chips).to_contain_text(truth)


def test_curves_are_dragged_and_infinite_variance_is_said(scales: Scales):
    desk = scales.open()
    page = desk.page
    spec = Weighing()
    top = float(weighing.proposal_of(spec).pdf(spec.nu))
    desk.drag(desk.place(spec.nu, top), desk.place(1.0, top))
    poll(desk.spec, lambda now: abs(now.nu - 1.0) < 0.1, page)
    settle(page)
    now = desk.spec()
    assert (now.mu, now.tau) == (2.0, 2.0)
    found = weighing.run(now).found
    expect(desk.chips).to_contain_text(f"{found.value:.4g} ± {found.std_error:.2g}")
    desk.fill("tau", "0.5")
    expect(desk.chips).to_contain_text("variance: infinite")
    expect(page.get_by_text("the proposal's tails are too light").first).to_be_visible()
    now = poll(desk.spec, lambda now: now.tau == 0.5, page)
    side = now.nu + 0.5
    height = float(weighing.proposal_of(now).pdf(side))
    desk.drag(desk.place(side, height), desk.place(side + 2.5, height))
    poll(desk.spec, lambda now: now.tau > 2, page)
    expect(desk.chips).not_to_contain_text("infinite")
