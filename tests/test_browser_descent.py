"""The page *descent* in a real browser: what a hand, a keyboard and a link can do to it."""

import csv
import io
import json
import math
import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import desk as desk_base
import pytest
from browser import Server, settle
from desk import at_rest, expect, expect_value, named, poll, visitors
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page

from gdviz.export import reopen, verify
from gdviz.figures.legend import legend
from gdviz.figures.style import LOOKS
from gdviz.optimize import FUNCTIONS, LABELS, descend
from gdviz.queries import from_query
from gdviz.topics.descent.presets import PRESETS
from gdviz.topics.descent.settings import Descent, run

PATHS = """S.scene.layers.filter((l) => l.kind === 'track' && !l.panel)
  .map((l) => [l.name, Array.from(l.x.data)])"""
MAPS = {
    "Bifurcation over η": "bifurcation",
    "Where each start ends": "basins",
    "Start × rate": "map",
}


# --- what a visitor sees and grips ----------------------------------------


class Desk(desk_base.Desk):
    """The page *descent*."""

    name = "descent"

    def spec(self) -> Descent:
        """The settings that the link says."""
        own = {k.removeprefix("descent_"): v for k, v in self.query().items()}
        return from_query(Descent, own)

    def ink(self, x: float, y: float, reach: int = 6) -> list[list[int]]:
        """Return the opaque colours of the canvas around a point of the upper panel."""
        return self.state(
            f"""(() => {{ const l = S.gd._fullLayout, r = devicePixelRatio, n = {reach};
              const px = l.xaxis._offset + l.xaxis.l2p({x});
              const py = l.yaxis._offset + l.yaxis.l2p({y});
              const d = S.over.getContext('2d')
                .getImageData((px - n) * r, (py - n) * r, 2 * n * r, 2 * n * r).data;
              const seen = [];
              for (let i = 0; i < d.length; i += 4)
                if (d[i + 3] > 200) seen.push([d[i], d[i + 1], d[i + 2]]);
              return seen; }})()"""
        )

    def expect_numbers(self, spec: Descent) -> None:
        """The chips, the paths and the handle are those of a run made here."""
        runs = run(spec)
        for name, done in runs.items():
            expect(self.chips).to_contain_text(f"{LABELS[name]}: ")
            expect(self.chips).to_contain_text(done.verdict)
        first = runs[spec.methods[0]]
        last = max(len(done.f) for done in runs.values()) - 1
        expect(self.step).to_have_text(re.compile(rf"step \d+ / {last}$"))
        for name, done in runs.items():
            path = pytest.approx(done.x[:, 0].tolist(), rel=1e-6, abs=1e-30)
            self.expect_state(f"({PATHS}).find(([name]) => name === {LABELS[name]!r})[1]", path)
        self.expect_state(f"({PATHS}).map(([name]) => name)", [LABELS[name] for name in runs])
        self.expect_state("S.scene.handles[0].x", pytest.approx(first.x[0, 0]))


@pytest.fixture
def desk(tab: Page, server: Server) -> Desk:
    return Desk(tab, server)


@pytest.fixture
def another(visitor: BrowserContext, server: Server) -> Iterator[Any]:
    """Make desks of visitors of their own; nothing of theirs goes outside or goes wrong."""
    with visitors(visitor, server, Desk) as make:
        yield make


# --- links, presets, pins -------------------------------------------------


def test_a_link_brings_all_of_it_back(desk: Desk, another: Any):
    page = desk.open()
    page = desk.page
    desk.choose("function", "Wavy bowl")
    expect(desk.field("x0")).to_have_value("5")  # a function brings its own start
    desk.choose("methods", "Adam")
    page.keyboard.press("Escape")
    desk.fill("x0", "4.4")
    page.get_by_role("button", name="Pin this run").click()
    expect(page.get_by_role("button", name="Clear 1")).to_be_visible()
    desk.fill("lr", "0.0725")
    page.get_by_role("button", name="More knobs").click()
    desk.fill("steps", "33")
    page.keyboard.press("Escape")
    spec = Descent(function="wavy", methods=("gd", "adam"), x0=4.4, lr=0.0725, steps=33)
    desk.expect_numbers(spec)
    desk.button("Go to the start").click()
    for _ in range(3):
        desk.button("One step forward").click()
    expect(desk.step).to_have_text("step 3 / 33")
    expect(page).to_have_url(re.compile("descent_step=3"))
    settle(page)
    code = desk.menu().get_by_test_id("stCode").first
    expect(code).to_contain_text("descent_step=3")
    link = code.inner_text().strip()
    query = parse_qs(urlsplit(link).query)
    own = {k.removeprefix("descent_"): v for k, v in query.items()}
    assert from_query(Descent, own) == spec and own["step"] == ["3"]

    there = another().open(urlsplit(link).query)
    expect(there.field("function")).to_have_value("Wavy bowl")
    expect(there.page.locator(".st-key-descent_methods")).to_contain_text("Adam")
    for knob in ("x0", "lr"):
        expect(there.field(knob)).to_have_value(desk.field(knob).input_value())
    expect(there.page.get_by_role("button", name="Clear 1")).to_be_visible()
    there.expect_numbers(spec)
    expect_value(there.chips.inner_text, desk.chips.inner_text(), page)
    expect(there.step).to_have_text("step 3 / 33")
    ghosts = "S.scene.layers.filter((l) => l.kind === 'ghost').map((l) => Array.from(l.x.data))"
    there.expect_state(ghosts, desk.state(ghosts))
    assert len(there.state(ghosts)) == 4


def test_pins_stay_while_the_knobs_move_and_what_stands_around_the_knobs_follows_them(desk: Desk):
    """A knob runs a fragment; the mark of a preset and an open menu are outside of it."""
    desk.open()
    page, pin = desk.page, desk.page.get_by_role("button", name="Pin this run")
    ghosts = "S.scene.layers.filter((l) => l.kind === 'ghost').map((l) => [l.name, l.x.rows])"
    expected = []
    for i, lr in enumerate([0.05, 0.02, 0.11]):
        desk.fill("lr", str(lr))
        pin.click()
        expect(page.get_by_role("button", name=f"Clear {i + 1}")).to_be_visible()
        settle(page)
        name = "defaults" if lr == 0.05 else f"lr={lr}"
        expected += [[f"{name}: Gradient descent", len(run(Descent(lr=lr))["gd"].f)]] * 2
    desk.fill("lr", "0.04")
    expect(pin).to_be_disabled()
    desk.expect_state(ghosts, expected)
    desk.page.reload()
    expect(page.get_by_role("button", name="Clear 3")).to_be_visible()
    settle(page)
    desk.drawn(desk.stage)
    desk.expect_state(ghosts, expected)
    page.get_by_role("button", name="Clear 3").click()
    expect(page.get_by_role("button", name=re.compile(r"^Clear \d"))).to_have_count(0)
    settle(page)
    desk.expect_state(ghosts, [])
    poll(desk.query, lambda query: "descent_pin" not in query, desk.page)

    preset = named(page, PRESETS[1].label)
    preset.click()
    expect(preset).to_have_attribute("data-testid", re.compile("primary"))
    settle(page)
    desk.fill("lr", "0.0625")
    expect(preset).to_have_attribute("data-testid", re.compile("secondary"))
    menu = desk.menu()
    expect(menu).to_contain_text("descent_lr=0.0625")
    page.keyboard.press("Escape")
    desk.fill("lr", "0.125")
    expect(desk.menu()).to_contain_text("descent_lr=0.125")


# --- the player -----------------------------------------------------------


def test_it_plays_scrubs_loops_and_listens_to_keys(desk: Desk):
    desk.open("descent_lr=0.02&descent_tab=Maths")
    page, step, play = desk.page, desk.step, desk.button("Play")
    last = len(run(Descent(lr=0.02))["gd"].f) - 1
    end, scrub = f"step {last} / {last}", desk.stage.get_by_role("slider", name="Step")
    expect(step).to_have_text(end)
    speed = desk.stage.get_by_role("combobox", name="Speed")
    speed.select_option("10")
    play.click()
    expect(step).to_have_text(end)  # plays to its end ...
    expect(play).to_be_visible()  # ... and pauses there
    poll(lambda: desk.state("S.frames"), lambda frames: frames > 0, page)

    speed.select_option("0.1")
    speed.blur()
    page.keyboard.press("Space")
    expect(desk.button("Pause")).to_be_visible()
    expect(step).not_to_have_text(re.compile(f"step (0|{last}) /"))
    page.keyboard.press("Space")
    expect(play).to_be_visible()
    stopped = step.inner_text()
    for key, text in [
        ("Home", "step 0"),
        ("ArrowRight", "step 1"),
        ("ArrowRight", "step 2"),
        ("ArrowLeft", "step 1"),
        ("ArrowLeft", "step 0"),
        ("ArrowLeft", "step 0"),
        ("End", f"step {last}"),
        ("ArrowRight", f"step {last}"),
    ]:
        page.keyboard.press(key)
        expect(step).to_have_text(f"{text} / {last}")
    assert stopped != end

    scrub.fill("7")
    scrub.dispatch_event("change")
    expect(step).to_have_text(f"step 7 / {last}")
    seventh = run(Descent(lr=0.02))["gd"].x[7, 0]
    expect(desk.stage.locator(".gd-readings")).to_contain_text(f"x = {seventh:.4g}")
    # The page below follows to the step, and the link keeps it.
    expect(page).to_have_url(re.compile("descent_step=7"))
    expect(page.locator("annotation").filter(has_text=f"x_{{8}} = {seventh:.4g}")).to_have_count(1)

    loop = desk.button("Loop")
    loop.click()
    expect(loop).to_have_attribute("aria-pressed", "true")
    speed.select_option("10")
    play.click()
    desk.stage.evaluate(  # count how often it starts again
        """(node) => { const S = node.parentElement.gdStage, out = node.querySelector('output');
          S.turns = 0; let before = -1;
          new MutationObserver(() => { const k = parseInt(out.textContent.slice(5));
            if (k < before) S.turns += 1; before = k; }).observe(out, {childList: true}); }"""
    )
    poll(lambda: desk.state("S.turns"), lambda turns: turns >= 2, page)
    desk.button("Pause").click()
    expect(play).to_be_visible()


# --- the hand -------------------------------------------------------------


def test_the_page_follows_the_hand_that_drags_the_start(desk: Desk):
    desk.open("descent_tab=Code")
    page, mouse = desk.page, desk.page.mouse
    code = page.get_by_role("tabpanel").get_by_test_id("stCode").first
    expect(code).to_contain_text("[2.0]")
    well = FUNCTIONS["double_well"]
    mouse.move(*desk.place(2.0, well.f([2.0])))
    mouse.down()
    verdict, begins = (
        desk.chips.inner_text(),
        "S.scene.layers.find((l) => l.kind === 'track').x.data[0]",
    )
    for i in range(1, 10):  # picture and verdict follow the hand
        x = 0.5 + 1.5 * math.cos(i / 3)
        mouse.move(*desk.place(x, 2.0))
        poll(lambda: desk.state(begins), lambda now, x=x: abs(now - x) < 0.02, page)
    poll(desk.chips.inner_text, lambda now: now != verdict, page)
    assert desk.field("x0").input_value() == "2" and "descent_x0" not in desk.query()
    mouse.move(*desk.place(-1.0, 2.0))
    expect(code).to_contain_text("[2.0]")  # the rest of the page waits for the release
    away = desk.place(0.9, 2.0)
    mouse.up()
    for i in range(5):  # a hand that has let go moves on, and nothing follows it
        mouse.move(away[0] + i, away[1])
    expect(code).to_contain_text("[-1.0")
    settle(page)
    there = pytest.approx(-1.0, abs=0.01)
    x0 = poll(lambda: float(desk.field("x0").input_value()), lambda x: x == there, page)
    poll(desk.query, lambda query: float(query.get("descent_x0", ["nan"])[0]) == x0, desk.page)
    desk.expect_numbers(Descent(x0=x0))
    # The handle rides on the curve wherever the hand is.
    desk.expect_state("S.scene.handles[0].y", pytest.approx(float(well.f([x0])), rel=1e-6))

    mouse.click(*desk.place(1.5, 3.0))  # a click does it too
    expect(code).to_contain_text(re.compile(r"\[1\.(49|5)"))
    there = pytest.approx(1.5, abs=0.02)
    x0 = poll(lambda: float(desk.field("x0").input_value()), lambda x: x == there, page)
    desk.expect_numbers(Descent(x0=x0))


def test_a_zoom_survives_the_knobs_and_the_curve_is_not_drawn_again(desk: Desk):
    desk.open("descent_lr=0.05")
    page, mouse = desk.page, desk.page.mouse
    limits = "[S.gd._fullLayout.xaxis.range, S.gd._fullLayout.yaxis.range]"
    desk.stage.evaluate(
        """(node) => { const S = node.parentElement.gdStage; S.plots = 0; S.gd.kept = true;
          S.gd.on('plotly_afterplot', () => { S.plots += 1; }); }"""
    )
    mouse.move(*desk.place(-0.5, 8.0))  # away from the handle: a box on the background
    mouse.down()
    mouse.move(*desk.place(0.2, 4.0))
    mouse.move(*desk.place(1.6, -2.0))
    mouse.up()
    box = [pytest.approx([-0.5, 1.6], abs=0.02), pytest.approx([-2.0, 8.0], abs=0.2)]
    zoomed = poll(lambda: desk.state(limits), lambda now: now == box, page)
    poll(lambda: desk.state("S.plots"), bool, page)
    at_rest(lambda: desk.state("S.plots"), page)
    look = desk.state("(S.plots = 0, S.look)")
    for lr in (0.03, 0.11):
        desk.fill("lr", str(lr))
        desk.expect_numbers(Descent(lr=lr))
    assert desk.state("[S.plots, S.gd.kept, S.look]") == [0, True, look]
    assert desk.state(limits) == zoomed
    expect(desk.field("x0")).to_have_value("2")  # the drag of a box moved no handle

    page.set_viewport_size({"width": 1000, "height": 720})
    widths = "[S.over.clientWidth, S.gd.clientWidth, S.gd._fullLayout.width]"
    poll(lambda: desk.state(widths), lambda w: max(w) < 760 and max(w) - min(w) <= 1, page)
    desk.expect_state(limits, zoomed)
    desk.choose("function", "Parabola")  # another function is seen whole
    desk.expect_numbers(Descent(function="parabola", lr=0.11))
    desk.expect_state(f"{limits}[0]", [-3, 3])


def counted(view: str, lr: str) -> int:
    """Return the number that a map says where the test looks, by a run of its own."""
    if view.startswith("Bifurcation"):
        return 0  # visits
    x0, rate = (-1.7, float(lr)) if view.startswith("Where") else (0.7, 0.02)
    return int(descend(FUNCTIONS["double_well"], [x0], "gd", lr=rate).last)


def test_a_click_on_a_map_loads_what_it_shows(desk: Desk):
    desk.open("descent_lr=0.05")
    page, knobs = desk.page, {"x0": "2", "lr": "0.05"}
    for view, (x, y) in {
        "Bifurcation over η": (0.11, None),
        "Where each start ends": (-1.7, None),
        "Start × rate": (0.7, 0.02),
    }.items():
        page.get_by_test_id("stButtonGroup").get_by_text(view).click()
        chart = page.locator(f".st-key-descent_{MAPS[view]} .gd-stage")
        desk.drawn(chart)
        settle(page)
        expect(chart.locator(".gd-bar")).to_be_hidden()  # there is nothing to play
        page.mouse.move(*desk.place(x, y, stage=chart))
        expect(chart.locator(".gd-tip")).to_have_text(re.compile("^(η = 0.1|x₀ = (−1.7|0.7|0.69))"))
        told = chart.locator(".gd-tip").inner_text().splitlines()
        assert abs(int(told[-1].split()[0]) - counted(view, knobs["lr"])) <= 3, told
        page.mouse.click(*desk.place(x, y, stage=chart))
        changed = "lr" if view.startswith("Bifurcation") else "x0"
        expect_value(
            lambda at=changed: float(desk.field(at).input_value()), pytest.approx(x, abs=0.02), page
        )
        rate = pytest.approx(float(knobs["lr"]) if y is None else y, rel=0.03)
        if changed != "lr":
            expect_value(lambda: float(desk.field("lr").input_value()), rate, page)
        knobs = {name: desk.field(name).input_value() for name in knobs}
        spec = Descent(**{name: float(value) for name, value in knobs.items()})
        desk.expect_numbers(spec)
        desk.expect_state("S.scene.handles[0].x", pytest.approx(getattr(spec, changed)), chart)
    page.get_by_test_id("stButtonGroup").get_by_text("Where each start ends").click()
    desk.choose("function", "x³: no minimum")  # a map that cannot be drawn says why
    expect(page.get_by_test_id("stAlert")).to_contain_text("choose another function")
    expect(page.get_by_text("Something went wrong")).to_have_count(0)


# --- formulas and runs that go wrong --------------------------------------


def test_a_run_beyond_float32_is_drawn_and_says_nothing_false(desk: Desk):
    desk.open("descent_function=parabola&descent_lr=9&descent_steps=1000&descent_stop=none")
    expect(desk.chips).to_contain_text(re.compile("diverged at step [0-9]+"))
    desk.stage.get_by_role("combobox", name="Speed").select_option("0.1")
    desk.button("Play").click()
    expect(desk.button("Pause")).to_be_visible()
    desk.button("Go to the end").click()
    expect(desk.stage.locator(".gd-readings")).to_contain_text("x = –")  # beyond float32
    assert not re.search("warn|error|traceback", desk.server.log, re.I), desk.server.log


# --- what leaves the page -------------------------------------------------


def test_figures_and_data_are_saved(desk: Desk, tmp_path: Path):
    desk.open("descent_methods=gd&descent_methods=adam&descent_lr=0.1&descent_steps=25")
    runs = run(Descent(methods=("gd", "adam"), lr=0.1, steps=25))
    menu = desk.menu()

    def saved(kind: str) -> tuple[str, bytes]:
        with desk.page.expect_download() as event:
            menu.get_by_role("button", name=kind).click()
        file = tmp_path / kind
        event.value.save_as(file)
        return event.value.suggested_filename, file.read_bytes()

    name, svg = saved("SVG")
    assert name == "gdviz_descent_methods=gd_methods=adam_lr=0.1_steps=25.svg"
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    drawn = {
        e.get(a) for e in root.iter("{http://www.w3.org/2000/svg}path") for a in ("stroke", "fill")
    }
    assert {LOOKS["gd"].color, LOOKS["adam"].color} <= drawn
    words = "".join(root.itertext())
    assert "font/woff2;base64" in words and '"Source Sans"' in words, "it carries its type"
    assert "f(x)" in words and "f′(x)" in words and b"NaN" not in re.sub(rb"base64,[^)]*", b"", svg)
    assert "start" in words and "▲" in words, "the start and the legend are in the file"
    for chip in legend(runs):
        assert f"{chip.sample} {chip.name} {chip.verdict}" in words

    name, png = saved("PNG")
    assert name.endswith(".png") and png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    wide, high, em = desk.state("[S.gd.clientWidth, S.gd.clientHeight, S.style.font]")
    assert [width, height] == [3 * wide, 3 * (high + math.ceil(2.4 * em))], "one row of legend"

    name, data = saved("CSV")
    assert name.endswith(".csv")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"))))
    for method, done in runs.items():
        last = [row for row in rows if row[0] == method][-1]
        assert [float(n) for n in last[1:4]] == [len(done.f) - 1, done.x[-1, 0], done.f[-1]]

    name, html = saved("HTML")
    assert name.endswith(".html") and html.startswith(b"<!doctype html>")
    assert not re.search(rb'(src|href)="http', html.split(b"<script>")[0])

    asked = Descent(methods=("gd", "adam"), lr=0.1, steps=25)
    for made in (svg, png, data, html):
        assert reopen(made) == asked and verify(made).same
    metadata = root.find("{http://www.w3.org/2000/svg}metadata")
    assert metadata is not None and json.loads(metadata.text or "")["step"] is None
    drops_it_on_home(desk, saved)


def drops_it_on_home(desk: Desk, saved: Callable[[str], tuple[str, bytes]]) -> None:
    """A picture of the first step, as another program reads it, opens the page at that step."""
    page = desk.page
    page.keyboard.press("Escape")
    desk.button("Go to the start").click()
    expect(desk.step).to_have_text("step 0 / 25")
    desk.menu()
    name, png = saved("PNG")
    picture: Any = Image.open(io.BytesIO(png))
    picture.load()  # and its chunks are whole
    assert json.loads(picture.text["gdviz"])["step"] == 0
    page.keyboard.press("Escape")
    page.get_by_test_id("stTopNavLink").first.click()
    expect(page.get_by_text("Reopen a file that was saved here")).to_be_visible()
    for buffer in (b"\x89PNG of somebody else", png):
        file = {"name": name, "mimeType": "image/png", "buffer": buffer}
        page.locator("input[type=file]").set_input_files(file)
        if buffer != png:
            expect(page.get_by_text("does not say how it was made")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/descent\?.*descent_lr=0\.1"))
    settle(page)
    expect(desk.field("lr")).to_have_value("0.1")
    expect(desk.step).to_have_text("step 0 / 25")


# --- looks ----------------------------------------------------------------


def font_sizes(places: Locator) -> list[float]:
    sizes = "(all) => all.map((node) => parseFloat(getComputedStyle(node).fontSize))"
    return places.evaluate_all(sizes)


def test_a_lecture_is_large_and_can_be_left(desk: Desk):
    desk.open("descent_lr=0.05")
    page, nav = desk.page, desk.page.get_by_test_id("stTopNavLink")
    expect(nav.first).to_be_visible()
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile("lecture=1"))
    expect(nav).to_have_count(0)
    leave = page.get_by_role("button", name="Leave")
    expect(leave).to_be_visible()
    expect(desk.stage).to_have_class(re.compile("gd-large"))
    settle(page)
    body = [desk.chips.locator("b").first, desk.step, desk.stage.locator(".gd-readings")]
    body.append(page.locator(".stMainBlockContainer :is(label p, input):visible"))
    body.append(page.get_by_role("tab").locator("p"))
    body.append(page.locator(".gd-chart :is(.xtick, .ytick) text"))
    poll(lambda: [size for place in body for size in font_sizes(place) if size < 20],
         lambda small: small == [], page)  # fmt: skip
    desk.expect_state("[S.style.font >= 20, S.style.width >= 4]", [True, True])
    desk.expect_state("parseFloat(S.gd.querySelector('.xtick text').style.fontSize) >= 20", True)
    bar = desk.stage.locator(".gd-bar")  # all of the stage is on the screen
    poll(bar.bounding_box, lambda box: box["y"] + box["height"] <= 720, page)
    page.get_by_role("button", name="2-cycle").click()
    expect(desk.chips).to_contain_text("2-cycle")
    settle(page)
    leave.click()
    expect(nav.first).to_be_visible()
    expect(desk.stage).not_to_have_class(re.compile("gd-large"))
    poll(desk.query, lambda query: "lecture" not in query, desk.page)


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.1) of a CSS colour, `rgb(…)` or `#rrggbb`."""
    if color.startswith("#"):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    else:
        parts = [float(n) / 255 for n in re.findall(r"[\d.]+", color)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, paper: str) -> float:
    light, dark = sorted([luminance(ink), luminance(paper)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def expect_readable(desk: Desk, paper: str) -> None:
    """The theme is that of the system, and every word of the stage can be read."""
    expect(desk.page.get_by_test_id("stApp")).to_have_css("background-color", paper)
    words = [desk.step, desk.stage.locator(".gd-readings"), desk.chips.locator("b")]

    def dim() -> list[str]:
        colors = [w.evaluate("(e) => getComputedStyle(e).color") for w in words]
        colors += desk.state(
            "[S.style.ink, ...['.xtick text', '.ytick text', '.xtitle', '.y2title']"
            ".map((name) => getComputedStyle(S.gd.querySelector(name)).fill)]"
        )
        return [color for color in colors if contrast(color, paper) < 4.5]

    expect_value(dim, [], desk.page)
    assert contrast(LOOKS["gd"].color, paper) >= 3  # graphical objects (WCAG 1.4.11)


def test_the_dark_can_be_read_tooltips_name_steps_and_motion_is_reduced(another: Any):
    desk = another(color_scheme="dark", reduced_motion="reduce")
    desk.open("descent_lr=0.02&descent_methods=adam")
    expect_readable(desk, "rgb(16, 22, 29)")
    done = run(Descent(lr=0.02, methods=("adam",)))["adam"]
    tip = desk.stage.locator(".gd-tip")
    x, f = done.x[4, 0], done.f[4]
    desk.page.mouse.move(*desk.place(x, f))
    expect(tip).to_have_text(f"Adam, step 4\nx = {x:.4g}\nf = {f:.4g}")
    slope = done.grad[4, 0]
    desk.page.mouse.move(*desk.place(x, slope, panel="2"))
    expect(tip).to_have_text(f"Adam, step 4\nx = {x:.4g}\nf′ = {slope:.4g}")
    desk.page.mouse.move(*desk.place(-1.0, 9.0))
    expect(tip).to_be_hidden()

    desk.stage.evaluate(
        """(node) => { const S = node.parentElement.gdStage; let k = S.k; S.seen = [];
          const set = (v) => { k = v; S.seen.push(v); };
          Object.defineProperty(S, 'k', { get: () => k, set }); }"""
    )
    desk.stage.get_by_role("combobox", name="Speed").select_option("0.25")
    desk.button("Play").click()
    seen = poll(lambda: desk.state("S.seen"), lambda s: len(s) > 10, desk.page)
    assert all(k == int(k) for k in seen)  # it jumps from step to step and glides nowhere


def test_the_light_can_be_read_and_a_sharp_screen_gets_a_sharp_picture(another: Any):
    desk = another()
    sharp = {"deviceScaleFactor": 2, "width": 1280, "height": 720, "mobile": False}
    screen = desk.page.context.new_cdp_session(desk.page)
    screen.send("Emulation.setDeviceMetricsOverride", sharp)
    desk.open()
    expect_readable(desk, "rgb(255, 255, 255)")
    desk.expect_state("S.over.width === 2 * S.gd.clientWidth && devicePixelRatio === 2", True)
    desk.expect_state("S.over.height === 2 * S.gd.clientHeight", True)
    well = FUNCTIONS["double_well"]
    head = run(Descent())["gd"]
    blue = [int(LOOKS["gd"].color[i : i + 2], 16) for i in (1, 3, 5)]

    def near() -> int:
        seen = desk.ink(head.x[-1, 0], head.f[-1])
        return sum(max(abs(a - b) for a, b in zip(c, blue, strict=True)) < 40 for c in seen)

    poll(near, lambda n: n > 50, desk.page)  # the head, where the run ends, in its method's colour
    assert head.f[-1] == well.f(head.x[-1])


def test_everything_can_be_reached_and_has_a_name(desk: Desk):
    desk.open("descent_lr=0.05")
    page = desk.page
    names = [
        "Go to the start",
        "One step back",
        "Play",
        "One step forward",
        "Go to the end",
        "Loop",
        "Guess first: hide the run",
    ]
    desk.expect_state("Array.from(S.bar.querySelectorAll('button'), (b) => b.ariaLabel)", names)
    alt = desk.stage.locator(".gd-plot")
    expect(alt).to_have_attribute("aria-label", re.compile("^Two minima: The gradient vanished"))
    nameless = "(all) => all.filter((b) => !(b.ariaLabel || b.innerText.trim() || b.title)).length"
    expect_value(lambda: page.locator("button:visible").evaluate_all(nameless), 0, page)
    reached = []
    desk.button("Go to the start").focus()  # the stage comes before its knobs
    for _ in range(40):
        page.keyboard.press("Tab")
        label = page.evaluate(
            """() => { let e = document.activeElement;
              while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
              return e?.getAttribute('role') + ' ' + (e?.ariaLabel ?? ''); }"""
        )
        reached.append(label)
        if label == "slider learning rate η":
            break
    assert "null Play" in reached[:2]
    for wanted in (
        "slider start x₀",
        "slider learning rate η",
        "null Play",
        "null Speed",
        "null Step",
    ):
        assert wanted in reached, reached
    # From the dial's own focus the arrow turns the dial, not the player.
    page.get_by_role("slider", name="learning rate η").press("ArrowRight")
    expect(desk.field("lr")).not_to_have_value("0.05")
    settle(page)
    lr = float(desk.field("lr").input_value())
    desk.expect_numbers(Descent(lr=lr))
