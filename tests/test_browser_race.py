"""The optimizer race in a real browser: hand, links, maps, the relief, and one step slowly."""

import re
from collections.abc import Iterator
from typing import Any

import desk as desk_base
import numpy as np
import pytest
from browser import Server, settle
from desk import expect, expect_value, poll, visitors
from playwright.sync_api import BrowserContext, Page

from gdviz.figures.style import LOOKS
from gdviz.knobs import replace
from gdviz.optimize import LABELS
from gdviz.queries import from_query
from gdviz.topics.race.settings import Race, run

INKED = """(node, color) => {
  const pen = node.querySelector('.gd-over');
  const wanted = color.match(/\\w\\w/g).map((c) => parseInt(c, 16));
  const { data } = pen.getContext('2d').getImageData(0, 0, pen.width, pen.height);
  const near = (i) => wanted.every((c, part) => Math.abs(data[i + part] - c) < 12);
  let n = 0;
  for (let i = 0; i < data.length; i += 4) n += data[i + 3] > 30 && near(i);
  return n;
}"""


class Desk(desk_base.Desk):
    """The page *race*."""

    name = "race"

    def spec(self) -> Race:
        """The settings that the link says."""
        return from_query(Race, {k.removeprefix("race_"): v for k, v in self.query().items()})

    def paths(self) -> Any:
        return self.state(
            "S.scene.layers.filter((l) => l.kind === 'track').map((l) => [l.name,"
            "Array.from(l.x.data), Array.from(l.y.data)])"
        )

    def inked(self, color: str) -> int:
        """Return how many pixels of the picture have a colour."""
        return self.stage.evaluate(INKED, color)

    def expect_numbers(self, spec: Race) -> None:
        """The chips, the paths and the handle are those of a run made here."""
        runs = run(spec)
        for name, done in runs.items():
            expect(self.chips).to_contain_text(f"{LABELS[name]}: ")
            expect(self.chips).to_contain_text(done.verdict)
        last = max(len(done.f) for done in runs.values()) - 1
        expect(self.stage.locator("output")).to_have_text(re.compile(rf"step \d+ / {last}$"))
        names = [LABELS[name] for name in runs]
        lengths = [(name, len(done.f)) for name, done in zip(names, runs.values(), strict=True)]
        ends = [float(done.x[-1, 0]) for done in runs.values()]

        def arrived(found: Any) -> bool:
            if [(p[0], len(p[1])) for p in found] != lengths:
                return False
            if [p[1][-1] for p in found] != pytest.approx(ends, rel=1e-5, abs=1e-30):
                return False
            both = zip(found, runs.values(), strict=True)
            return all(np.allclose(p[1:], done.x.T, 1e-6, 1e-30) for p, done in both)

        poll(self.paths, arrived, self.page)
        self.expect_state("[S.scene.handles[0].x, S.scene.handles[0].y]", [spec.x0, spec.y0])


@pytest.fixture
def desk(tab: Page, server: Server) -> Desk:
    return Desk(tab, server)


@pytest.fixture
def another(visitor: BrowserContext, server: Server) -> Iterator[Any]:
    """Make desks of visitors of their own; nothing of theirs goes outside or goes wrong."""
    with visitors(visitor, server, Desk) as make:
        yield make


# --- the hand, the presets, the link ------------------------------------------------------------


def test_the_start_follows_the_hand_and_the_click(desk: Desk):
    methods = (*Race().methods, "schedule_free_sgd")
    desk.open("&".join(f"race_methods={name}" for name in methods))
    desk.expect_numbers(Race(methods=methods))
    page, mouse = desk.page, desk.page.mouse
    mouse.move(*desk.place(-1.9, -0.4))
    mouse.down()
    for i in range(1, 10):  # the paths follow while the hand moves
        x = -1.9 + 0.2 * i
        mouse.move(*desk.place(x, -0.4 + 0.1 * i))
        poll(lambda: desk.paths()[0][1][0], lambda now, x=x: abs(now - x) < 0.02, page)
    # The browser walks the paths itself: they follow while the server says nothing.
    poll(lambda: desk.state("Boolean(S.engine)"), bool, page)
    held: list[Any] = []
    page.route(re.compile(r"/live/race\?"), lambda route: held.append(route))
    mouse.move(*desk.place(0.4, 0.6))
    poll(lambda: desk.paths()[0][1][0], lambda now: abs(now - 0.4) < 0.02, page)

    def are_of_the_start_shown(paths: Any) -> bool:
        spec = replace(Race(methods=methods), x0=paths[0][1][0], y0=paths[0][2][0])
        runs = {LABELS[name]: done.x[:, 0] for name, done in run(spec).items()}
        moving = [path for path in paths if path[0] != LABELS["newton"]]  # it waits: no rule alone
        return all(x == pytest.approx(runs[name], rel=1e-9) for name, x, _ in moving)

    poll(desk.paths, are_of_the_start_shown, page)
    expect(desk.chips).to_have_class(re.compile("gd-late"))
    for route in held:
        route.continue_()
    page.unroute(re.compile(r"/live/race\?"))
    # The path of its average is a ghost, and no ghost of an earlier answer stays.
    desk.expect_state("S.scene.layers.filter((l) => l.kind === 'ghost').length", 1)
    mouse.move(*desk.place(1.0, 0.5))
    mouse.up()
    dropped = pytest.approx((1.0, 0.5), abs=0.02)
    poll(desk.spec, lambda spec: (spec.x0, spec.y0) == dropped, page)
    settle(page)
    spec = desk.spec()
    for name in ("x0", "y0"):
        wanted = pytest.approx(getattr(spec, name), rel=1e-5)
        expect_value(lambda name=name: float(desk.field(name).input_value()), wanted, page)
    desk.expect_numbers(spec)

    mouse.click(*desk.place(-1.2, 1.0))
    clicked = pytest.approx((-1.2, 1.0), abs=0.02)
    poll(desk.spec, lambda spec: (spec.x0, spec.y0) == clicked, page)
    settle(page)
    desk.expect_numbers(desk.spec())

    color = LOOKS["adam"].color  # its path alone has it
    poll(lambda: desk.inked(color), bool, page)
    page.get_by_text("hide the paths").click()  # the class guesses first
    expect_value(lambda: desk.inked(color), 0, page)
    expect(desk.chips).to_be_hidden()
    page.get_by_text("hide the paths").click()
    poll(lambda: desk.inked(color), bool, page)
    expect(desk.chips).to_be_visible()
    settle(page)
    desk.expect_numbers(desk.spec())


# --- below the stage ----------------------------------------------------------------------------


def _rests(seen: Any) -> bool:
    """Tell whether a camera, which glides on when it was turned, is where it was a while ago."""
    return seen[0] == seen[-1]


def test_the_relief_keeps_its_camera(desk: Desk):
    desk.open("race_view=relief&race_methods=gd&race_methods=adam")
    page = desk.page
    page.set_viewport_size({"width": 800, "height": 720})  # software draws each of its pixels
    plot = page.get_by_role("img", name="The surface in three dimensions")
    plot.locator("canvas").first.wait_for(state="attached", timeout=60_000)

    def read(what: str) -> Any:
        return plot.evaluate(f"(gd) => {what}")

    poll(lambda: read("gd.data?.length"), lambda n: n == 4, page)  # shape, two paths, the heads
    assert read("gd.data.map((t) => t.type)") == ["surface", *3 * ["scatter3d"]]
    assert read("gd.data[1].line.color") == LOOKS["gd"].color
    pixels = """(() => { const c = gd.querySelector('canvas');
      const s = document.createElement('canvas'); s.width = c.width; s.height = c.height;
      const gl = c.getContext("webgl");
      return [c.width, c.height, gl && !gl.isContextLost()]; })()"""
    assert read(pixels)[2], "WebGL draws, in software if need be"
    camera = "JSON.stringify(gd._fullLayout.scene.camera)"
    before = read(camera)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 20, steps=4)
    page.mouse.up()
    poll(lambda: read(camera), lambda now: now != before, page)
    turned = poll(lambda: (read(camera), page.wait_for_timeout(300), read(camera)), _rests, page)[0]
    desk.fill("gd_lr", "0.03")
    spec = replace(Race(), methods=["gd", "adam"])
    done = run(Race(**{**spec.__dict__, "hyper": (("gd", (("lr", 0.03),)),)}))["gd"]
    path = pytest.approx(done.x[:, 0].tolist(), rel=1e-6)
    expect_value(lambda: read("Array.from(gd.data[1].x)"), path, page)
    expect_value(lambda: read(camera), turned, page)
    # The heads follow the step of the stage.
    desk.stage.get_by_role("button", name="Go to the start", exact=True).click()
    poll(lambda: read("gd.data.at(-1).x[0]"), lambda x: abs(x + 1.9) < 1e-6, page)


def test_a_click_on_a_map_of_starts_loads_it(desk: Desk):
    desk.open("race_view=basins")
    page = desk.page
    map_of = desk.drawn(page.locator(".gd-stage").nth(1))
    expect(page.get_by_text("16,384 starts")).to_be_visible()
    page.mouse.click(*desk.place(1.25, -1.5, map_of))
    there = pytest.approx((1.25, -1.5), abs=0.03)
    poll(desk.spec, lambda s: (s.x0, s.y0) == there, page)
    settle(page)
    desk.expect_numbers(desk.spec())


def test_a_click_on_a_map_of_two_knobs_loads_both(desk: Desk):
    desk.open("race_view=knobs&race_methods=adam&race_heads=all&race_surface=bowl&race_angle=30")
    page = desk.page
    map_of = desk.drawn(page.locator(".gd-stage").nth(1))
    page.mouse.click(*desk.place(0.3, 0.5, map_of))
    spec = poll(desk.spec, lambda s: len(dict(s.hyper).get("adam", ())) == 2, page)
    own = dict(dict(spec.hyper)["adam"])
    assert own == {"lr": pytest.approx(0.3, rel=0.1), "beta1": pytest.approx(0.5, abs=0.03)}
    assert (spec.heads, spec.angle) == ("all", 30.0)
    settle(page)
    desk.expect_numbers(desk.spec())


@pytest.mark.flaky(reruns=1, reason="Cancel is pressed while a map is made")
def test_a_long_map_shows_how_far_it_is_and_can_be_cancelled(desk: Desk):
    link = "race_view=basins&race_methods=conjugate_gradient&race_surface=rosenbrock"
    desk.open(f"{link}&race_x0=0&race_y0=0")
    page = desk.page
    expect(page.get_by_text("16,384 starts")).to_be_visible()
    page.get_by_text("fine", exact=True).click()  # 512 × 512 starts × 300 steps
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    settle(page)
    assert desk.spec().methods == ("conjugate_gradient",), "all else stays"


def test_a_lecture_is_large_and_can_be_left(desk: Desk):
    desk.open("lecture=1&race_surface=three_hump_camel")
    page = desk.page
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    expect(desk.chips).to_be_visible()
    expect(desk.stage).to_have_class(re.compile("gd-large"))
    desk.expect_state("S.gd._fullLayout.font.size", 20)
    desk.expect_numbers(Race())
    poll(desk.stage.bounding_box, lambda box: box["y"] + box["height"] <= 720, page)
    page.get_by_role("button", name="Leave").click()
    settle(page)
    expect(desk.stage).not_to_have_class(re.compile("gd-large"))
    poll(desk.query, lambda query: "lecture" not in query, page)
