"""The page *backprop* in a real browser: hovering, typing a weight, points, rooms, links."""

import re
from collections.abc import Iterator
from typing import Any

import desk as desk_base
import numpy as np
import pytest
from browser import Server, Traffic, settle
from desk import poll, visitors
from playwright.sync_api import BrowserContext, Page, expect

from gdviz.queries import from_query
from gdviz.topics.backprop import figure_network as net
from gdviz.topics.backprop.link import Leg
from gdviz.topics.backprop.presets import PRESETS
from gdviz.topics.backprop.settings import OWN, Playground
from gdviz.topics.backprop.training import run


class Desk(desk_base.Desk):
    """The page *backprop*; in the playground the pictures of the data are a stage of their own."""

    name = "backprop"

    def __init__(self, page: Page, server: Server) -> None:
        super().__init__(page, server)
        self.look_at(1)

    def look_at(self, stage: int) -> None:
        """Take a stage of the page, in their order, as the one that is meant."""
        self.stage = self.page.locator(".gd-stage").nth(stage)
        self.step = self.stage.locator("output")
        self.chips = self.stage.locator(".gd-chips")

    def spec(self) -> Playground:
        """The settings that the link says."""
        found = {k.removeprefix("backprop_"): v for k, v in self.query().items()}
        return from_query(Playground, found)

    def unit(self, layer: int, place: int) -> net.Unit:
        """Where a unit of the network of the link stands."""
        spec = self.spec()
        return net.units(run(spec).sizes, spec.features)[layer][place]

    def expect_run(self, spec: Playground) -> None:
        """The stage shows the run of a spec made here: its losses and its last picture."""
        result = run(spec)
        self.expect_step(len(result.epochs) - 1)
        poll(
            lambda: self.layer("weights", "weights"),
            lambda found: found == pytest.approx(net_weights(spec), rel=1e-4, abs=1e-5),
            self.page,
        )


def net_weights(spec: Playground) -> list[float]:
    """Return the weights of every frame, without biases, in the order of the lines."""
    result = run(spec)
    parts = net.unflat(result.path, result.sizes)
    table = np.concatenate([W.reshape(len(result.path), -1) for W, _ in parts], axis=1)
    return table.ravel().tolist()


@pytest.fixture
def desk(page: Page, server: Server, traffic: Traffic) -> Desk:
    return Desk(page, server)


@pytest.fixture
def another(visitor: BrowserContext, server: Server) -> Iterator[Any]:
    """Make desks of visitors of their own."""
    with visitors(visitor, server, Desk) as make:
        yield make


def test_a_unit_fills_the_picture_and_a_line_tells_its_weight(desk: Desk):
    desk.open("backprop_hidden=3&backprop_epochs=40&backprop_n=60")
    spec = desk.spec()
    desk.expect_run(spec)
    mouse, page = desk.page.mouse, desk.page
    filled = "S.scene.layers.find((l) => l.name === 'picture').filledBy?.name ?? null"
    unit = desk.unit(1, 1)
    mouse.move(*desk.place(unit.x, unit.y))
    poll(lambda: desk.state(filled), lambda name: name == "unit 1.1", page)
    start, end = desk.unit(0, 1), desk.unit(1, 2)
    middle = 0.4 * (end.x - start.x) + start.x, 0.4 * (end.y - start.y) + start.y
    mouse.move(*desk.place(*middle))
    tip = desk.stage.locator(".gd-tip")
    expect(tip).to_contain_text("input 2 → layer 1, unit 3")
    expect(tip).to_contain_text("∂L/∂w = ")
    assert desk.state(filled) is None
    weight = net.unflat(run(spec).path[-1], (2, 3, 1))[0][0][1, 2]
    told = re.search(r"w = (-?[\d.]+)", tip.inner_text())
    assert told and float(told[1]) == pytest.approx(weight, rel=1e-3)

    mouse.click(*desk.place(unit.x, unit.y))  # a click keeps it
    poll(lambda: desk.spec().unit, lambda chosen: chosen == (1, 1), page)
    settle(page)
    signs = net.columns((2, 3, 1))
    mouse.click(*desk.place(float(signs[1]) + 19, net.HIGH - 14))  # one more unit
    spec = poll(desk.spec, lambda now: (now.hidden, now.unit) == ("4", ()), page)
    settle(page)
    desk.expect_run(spec)


def test_a_weight_is_typed_and_training_goes_on(desk: Desk, another: Any):
    desk.open("backprop_hidden=3&backprop_epochs=40&backprop_n=60&backprop_step=10")
    page = desk.page
    start, end = desk.unit(0, 0), desk.unit(1, 0)
    middle = 0.4 * (end.x - start.x) + start.x, 0.4 * (end.y - start.y) + start.y
    page.mouse.click(*desk.place(*middle))
    epoch = int(run(desk.spec()).epochs[10])
    field = page.get_by_role("spinbutton", name=f"weight 1 → 1 of layer 1 at epoch {epoch}")
    expect(field).to_be_visible()
    field.fill("3.5")
    field.press("Enter")
    poll(lambda: len(desk.spec().past), lambda n: n == 2, page)
    settle(page)
    spec = desk.spec()
    assert spec.past[0].epochs == epoch and spec.past[1].edits[0].value == 3.5
    desk.expect_run(spec)
    expect(page.get_by_text("Training goes on from epoch")).to_be_visible()
    there = another().open(page.url.split("?", 1)[1])
    assert there.spec() == spec
    there.expect_run(spec)
    page.get_by_role("button", name="Start again").click()
    poll(lambda: desk.spec().past, lambda past: past == (), page)


def test_a_rate_goes_on_from_the_step_shown(desk: Desk):
    desk.open("backprop_hidden=3&backprop_epochs=40&backprop_n=60&backprop_step=20")
    page = desk.page
    page.get_by_text("changes go on from the step shown").click()
    settle(page)
    epoch = int(run(desk.spec()).epochs[20])
    desk.fill("lr", "0.2")
    poll(lambda: desk.spec().past, lambda past: past == (Leg(epoch),), page)
    settle(page)
    poll(lambda: desk.spec().lr, lambda lr: lr == 0.2, page)
    desk.expect_run(desk.spec())


def test_points_are_put_and_taken_and_presets_explain(desk: Desk):
    desk.open("backprop_epochs=5&backprop_hidden=2")
    page = desk.page
    data = page.locator(".gd-stage").first
    page.mouse.click(*desk.place(35, 5, data))  # the ninth picture: own points
    poll(lambda: desk.spec().data, lambda name: name == OWN, page)
    settle(page)
    before = desk.spec().points
    page.mouse.click(*desk.place(0.0, 4.5, panel="2"))
    points = poll(lambda: desk.spec().points, lambda now: len(now) == len(before) + 1, page)
    assert points[-1] == (pytest.approx(0.0, abs=0.05), pytest.approx(4.5, abs=0.05), 1.0)
    settle(page)
    page.keyboard.down("Shift")
    page.mouse.click(*desk.place(0.05, 4.45, panel="2"))
    page.keyboard.up("Shift")
    poll(lambda: desk.spec().points, lambda now: now == before, page)
    settle(page)
    preset = next(p for p in PRESETS if p.label == "Stuck at ln 2")
    desk.press(preset.label)
    expect(page.get_by_text(f"Known bad. {preset.reason}")).to_be_visible()
    poll(desk.spec, lambda spec: spec == Playground(**preset.values), page)
    expect(desk.chips).to_contain_text("loss 0.69")


def test_the_small_rooms_walk_with_the_keys(desk: Desk):
    desk.look_at(0)
    desk.open("backprop_room=chain&backprop_expression=x*x%2Bsin(x)&backprop_values=x%3D1.3")
    page = desk.page
    desk.expect_step(7)
    desk.button("Go to the start").click()
    page.keyboard.press("ArrowRight")
    formula = page.locator("annotation").last
    expect(formula).to_contain_text("1.3 \\cdot 1.3 = 1.69")
    page.keyboard.press("End")
    expect(formula).to_contain_text("= 2.867")  # cos 1.3 + 1.3 + 1.3
    page.get_by_role("button", name="One layer").or_(
        page.get_by_role("radio", name="One layer")
    ).first.click()
    settle(page)
    desk.expect_step(7)
    page.mouse.click(*desk.place(*_cell(desk, "w_1_2")))
    field = page.get_by_role("spinbutton", name="weight of input 2, unit 3")
    field.fill("-2")
    field.press("Enter")
    settle(page)
    poll(lambda: desk.query().get("backprop_weights"),
         lambda text: text == ["0.8, -0.5, 0.3; -0.4, 0.9, -2"], page)  # fmt: skip


def _cell(desk: Desk, name: str) -> tuple[float, float]:
    spot = desk.state(f"S.scene.handles.find((h) => h.id === '{name}')")
    return spot["x"], spot["y"]
