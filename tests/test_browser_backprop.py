"""The page *backprop* in a real browser: hovering, typing a weight, points, rooms, links."""

import re
from collections.abc import Iterator
from typing import Any

import desk as desk_base
import numpy as np
import pytest
from browser import Server, settle
from desk import expect, expect_value, poll, visitors
from fingers import PHONE
from places import WIDE
from playwright.sync_api import BrowserContext, Page

from gdviz.learn import init_params
from gdviz.learn.network import flat
from gdviz.learn.weight_files import npz_of
from gdviz.queries import from_query
from gdviz.topics.backprop import figure_network as net
from gdviz.topics.backprop.brought import first_params
from gdviz.topics.backprop.landscape.figure import picture as landscape_picture
from gdviz.topics.backprop.landscape.settings import Landscape
from gdviz.topics.backprop.landscape.settings import run as run_landscape
from gdviz.topics.backprop.link import Leg
from gdviz.topics.backprop.presets import PRESETS
from gdviz.topics.backprop.settings import OWN, Playground, inputs_offered
from gdviz.topics.backprop.training import run


class Desk(desk_base.Desk):
    """The page *backprop*; in the playground the pictures of the data are a stage of their own."""

    name = "backprop"

    def spec(self) -> Playground:
        """The settings that the link says."""
        found = {k.removeprefix("backprop_"): v for k, v in self.query().items()}
        return from_query(Playground, found)

    def unit(self, layer: int, place: int) -> net.Unit:
        """Where a unit of the network of the link stands."""
        spec = self.spec()
        return net.units(run(spec).sizes, spec.features, inputs_offered(spec))[layer][place]

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
def desk(tab: Page, server: Server) -> Desk:
    return Desk(tab, server)


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
    desk.expect_state(filled, "unit 1.1")
    start, end = desk.unit(0, 1), desk.unit(1, 2)
    middle = 0.4 * (end.x - start.x) + start.x, 0.4 * (end.y - start.y) + start.y
    mouse.move(*desk.place(*middle))
    tip = desk.stage.locator(".gd-tip")
    expect(tip).to_contain_text("input 2 → layer 1, unit 3")
    expect(tip).to_contain_text("∂L/∂w = ")
    desk.expect_state(filled, None)
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
    data = page.locator(".gd-stage").nth(1)  # below the network
    page.mouse.click(*desk.place(45, 5, data))  # the tenth picture: own points
    poll(desk.spec, lambda spec: spec.data == OWN and spec.points != (), page)
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
    expect(page.locator(".st-key-reason")).to_contain_text(preset.reason)
    poll(desk.spec, lambda spec: spec == Playground(**preset.values), page)
    expect(desk.chips).to_contain_text("loss 0.69")


# Of each box of a drawing, whether it has words and all of them stay in it.
FILLED = """(() => { const [g, told] = [S.over.getContext('2d'), []];
  g.fillText = (text, x, y) => told.push([x, y, g.measureText(text).width / 2]);
  S.gd.emit('plotly_afterplot');
  delete g.fillText;
  const { xaxis, yaxis } = S.gd._fullLayout;
  const at = (axis, { data }, i) => axis._offset + axis.l2p(data[i]);
  const cells = S.scene.layers.filter(({ kind }) => kind === 'cells');
  return cells.flatMap(({ x0, x1, y0, y1 }) => [...x0.data].map((_, i) => {
    const [left, right] = [at(xaxis, x0, i), at(xaxis, x1, i)];
    const own = told.filter(([x, y]) => x > left && x < right
      && y > at(yaxis, y1, i) && y < at(yaxis, y0, i));
    return own.length > 0 && own.every(([x, , half]) => x - half >= left && x + half <= right);
  })); })()"""


def check_words_stay_in_boxes_on_a_phone(desk: Desk) -> None:
    desk.page.set_viewport_size(PHONE)
    poll(lambda: desk.state("S.gd._fullLayout.width"), lambda wide: wide < 390, desk.page)
    poll(lambda: desk.state(FILLED), lambda found: found and all(found), desk.page)


def test_the_small_rooms_walk_with_the_keys(desk: Desk):
    desk.open("backprop_room=chain&backprop_expression=x*x%2Bsin(x)&backprop_values=x%3D1.3")
    page = desk.page
    desk.expect_step(7)
    desk.button("Go to the start").click()
    page.keyboard.press("ArrowRight")
    formula = page.locator("annotation").last
    expect(formula).to_contain_text("1.3 \\cdot 1.3 = 1.69")
    page.keyboard.press("End")
    expect(formula).to_contain_text("= 2.867")  # cos 1.3 + 1.3 + 1.3
    check_words_stay_in_boxes_on_a_phone(desk)
    page.get_by_role("button", name="One layer").or_(
        page.get_by_role("radio", name="One layer")
    ).first.click()
    settle(page)
    page.set_viewport_size(WIDE)
    desk.expect_step(7)
    page.mouse.click(*desk.place(*_cell(desk, "w_1_2")))
    field = page.get_by_role("spinbutton", name="weight of input 2, unit 3")
    field.fill("-2")
    field.press("Enter")
    settle(page)
    poll(lambda: desk.query().get("backprop_weights"),
         lambda text: text == ["0.8, -0.5, 0.3; -0.4, 0.9, -2"], page)  # fmt: skip
    check_words_stay_in_boxes_on_a_phone(desk)


def test_the_limit_is_dragged_and_the_run_follows(desk: Desk):
    """The handle on 2/η changes η from its step on; the link says both, and the limit is lower."""
    desk.open("backprop_room=edge&backprop_length=60&backprop_turn=30&backprop_units=3")
    turn = desk.state("S.scene.handles.find((h) => h.id === 'turn')")
    answers, page = desk.state("S.answers ?? 0"), desk.page
    page.mouse.move(*desk.place(turn["x"], turn["y"]))
    page.mouse.down()
    page.mouse.move(*desk.place(40, turn["y"] / 2), steps=6)
    poll(lambda: desk.state("S.answers ?? 0"), lambda n: n > answers, page)
    page.mouse.up()
    settle(page)
    twice = pytest.approx(2, rel=0.1)
    poll(lambda: told(desk, "factor"), lambda factor: factor == twice, page)
    expect_value(lambda: told(desk, "turn"), pytest.approx(40, abs=2), page)
    poll(lambda: desk.layer("2/η", "y"), lambda y: y[0] / y[-1] == twice, page)


def test_the_least_singular_value_is_dragged_and_the_rounds_are_shown(desk: Desk):
    """The handle at the lowest target changes it in the link; the tab has Muon's rounds."""
    desk.open("backprop_room=matrices&backprop_span=30&backprop_view=rounds")
    desk.page.get_by_text("After 5 rounds they are").wait_for()
    at, page = desk.state("S.scene.handles.find((h) => h.id === 'lowest')"), desk.page
    page.mouse.move(*desk.place(at["x"], at["y"]))
    page.mouse.down()
    page.mouse.move(*desk.place(at["x"], 0.5), steps=4)
    page.mouse.up()
    settle(page)
    expect_value(lambda: told(desk, "lowest"), pytest.approx(0.5, abs=0.03), page)
    poll(lambda: desk.layer("target 4", "y"), lambda y: abs(y[0] - 0.5) < 0.03, page)


def test_a_click_on_the_landscape_walks_there(desk: Desk):
    """The link says where, the picture is of the network there, and its loss is in the legend."""
    desk.open("backprop_room=landscape&backprop_passes=20")
    page, before = desk.page, desk.layer("network", "pixels")
    done = run_landscape(Landscape(passes=20))
    there = float(done.a[10]), float(done.b[33])
    page.mouse.click(*desk.place(*there))
    settle(page)
    found = poll(desk.query, lambda q: "backprop_at_a" in q, page)
    at = {name: float(found[f"backprop_{name}"][0]) for name in ("at_a", "at_b")}
    assert (at["at_a"], at["at_b"]) == pytest.approx(there, abs=0.01 * float(np.ptp(done.a)))
    chip = landscape_picture(Landscape(passes=20, **at)).scene.chips[-1]
    expect(desk.chips).to_contain_text(f"hand: {chip.verdict}")
    poll(lambda: desk.layer("network", "pixels"), lambda now: now != before, page)


def test_weights_are_brought_and_what_is_no_network_is_refused(desk: Desk):
    desk.open("backprop_tab=Code&backprop_epochs=5")
    page, given = desk.page, init_params((2, 3, 1), seed=8)
    desk.press("Bring weights")
    for data, says in ((b"PK no zip", "is no “.npz”"), (npz_of(given), "2 – 3 – 1 units")):
        file = {"name": "net.npz", "mimeType": "application/octet-stream", "buffer": data}
        page.locator("input[type=file]").last.set_input_files([file])
        expect(page.get_by_text(says).first).to_be_visible()
    spec = poll(desk.spec, lambda s: s.hidden == "3" and s.brought != "", page)
    np.testing.assert_allclose(flat(first_params(spec)), flat(given), rtol=1e-6)


def told(desk: Desk, knob: str) -> float:
    """Return the number that the link says, nan without one."""
    return float(desk.query().get(f"backprop_{knob}", ["nan"])[0])


def _cell(desk: Desk, name: str) -> tuple[float, float]:
    found = f"S.scene.handles.find((h) => h.id === '{name}')"
    spot = poll(lambda: desk.state(found), bool, desk.page)  # the room before has no such cell
    return spot["x"], spot["y"]


def test_the_epoch_that_is_typed_is_shown(desk: Desk):
    """A close-up goes to its epoch, one step further is the next one, and the link says both."""
    desk.open()
    field = desk.page.get_by_role("spinbutton", name="look closely at epoch")
    field.fill("143")
    field.press("Enter")
    seen = run(Playground(near=143))
    at = seen.epochs.tolist().index(143)
    expect(desk.step).to_have_text(f"step {at} / {len(seen.epochs) - 1}")
    desk.button("One step forward").click()
    expect(desk.stage.locator(".gd-readings")).to_contain_text("epoch = 144")
    poll(lambda: desk.query().get("backprop_step"), lambda s: s == [str(at + 1)], desk.page)
    expect_value(lambda: desk.spec().near, 143, desk.page)
