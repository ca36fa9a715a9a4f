"""Fingers on every page: one on a handle drags, one elsewhere scrolls, two zoom, a tap clicks."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from browser import NO_WARNING, Server, go_on, open_page, settle
from desk import Desk, at_rest, expect, expect_value, poll, visitors
from fingers import Fingers
from playwright.sync_api import BrowserContext, Locator

from gdviz.catalogue.pages import PAGES

RANGES = """Object.values(S.gd._fullLayout._plots)
  .flatMap(({ xaxis, yaxis }) => [...xaxis.range, ...yaxis.range])"""
HELD = """S.scene.handles.filter((h) => h.drawn).map((h) => [h.id, h.x, h.y, h.panel])"""
# The first panel that can be zoomed, and the place in it that is farthest from every handle.
FREE = """(() => { const plots = Object.values(S.gd._fullLayout._plots);
  const { xaxis: x, yaxis: y } = plots.find((p) => !p.xaxis.fixedrange && !p.yaxis.fixedrange);
  const box = S.gd.getBoundingClientRect();
  const number = Number(y._id.slice(1) || 1) - 1;
  const at = S.scene.handles.filter((h) => h.drawn && h.panel === number)
    .map((h) => [x.l2p(x.d2l(h.x)), y.l2p(y.d2l(h.y))]);
  let best = [-1];
  for (let u = 0.25; u < 0.8; u += 0.05) for (let v = 0.25; v < 0.8; v += 0.05) {
    const [px, py] = [u * x._length, v * y._length];
    const near = Math.min(...at.map(([hx, hy]) => Math.hypot(hx - px, hy - py)), 1e9);
    if (near > best[0]) best = [near, box.left + x._offset + px, box.top + y._offset + py];
  }
  return best.slice(1); })()"""
SPANS = """(() => { const plots = Object.values(S.gd._fullLayout._plots);
  const { xaxis, yaxis } = plots.find((p) => !p.xaxis.fixedrange && !p.yaxis.fixedrange);
  return [xaxis, yaxis].map(({ range, r2l }) => r2l(range[1]) - r2l(range[0])); })()"""


# Words on the canvas of a stage that meet others, or leave it.
CROWDED = """(() => { const [g, told] = [S.over.getContext('2d'), []];
  g.fillText = (text, x, y) => { const m = g.measureText(text);
    told.push([text, x - m.actualBoundingBoxLeft, y - m.actualBoundingBoxAscent,
      x + m.actualBoundingBoxRight, y + m.actualBoundingBoxDescent]); };
  S.gd.emit('plotly_afterplot');
  delete g.fillText;
  const meet = (a, b) => [1, 2].every((i) => a[i] < b[i + 2] - 1 && b[i] < a[i + 2] - 1);
  return told.filter((a, i) => a[1] < -1 || a[3] > S.gd.clientWidth + 1
    || told.slice(0, i).some((b) => meet(a, b))).map(([text]) => text); })()"""
# What a finger may want to hit and that is narrower or lower than it.
SMALL = """(main) => [...main.querySelectorAll('button, select, [role=slider], [role=tab]')]
  .map((node) => [node.ariaLabel ?? node.textContent, node.getBoundingClientRect()])
  .filter(([, { width, height }]) => width && height && (width < 43.5 || height < 43.5))
  .map(([name, { width, height }]) => `${name}: ${width} x ${height}`)"""


@pytest.fixture
def phone(visitor: BrowserContext, server: Server) -> Iterator[Desk]:
    with visitors(visitor, server, Desk) as make:
        yield make()


@pytest.fixture
def fingers(phone: Desk) -> Fingers:
    return Fingers(phone.page)


def scrolled(desk: Desk) -> float:
    return desk.page.get_by_test_id("stMain").evaluate("(node) => node.scrollTop")


def to_top(desk: Desk) -> None:
    desk.page.get_by_test_id("stMain").evaluate("(node) => node.scrollTo(0, 0)")
    expect_value(lambda: scrolled(desk), 0, desk.page)


def in_view(desk: Desk, part: Locator) -> Any:
    """Scroll a part into the middle of the window and return its box."""
    settle(desk.page)
    part.evaluate("(node) => node.scrollIntoView({ block: 'center' })")
    return at_rest(part.bounding_box, desk.page)


def check_one_finger_scrolls(desk: Desk, fingers: Fingers) -> None:
    before = at_rest(lambda: (desk.state(RANGES), desk.state(HELD)), desk.page)
    x, y = desk.state(FREE)
    fingers.move(((x, y), (x, y - 150)))
    poll(lambda: scrolled(desk), lambda top: top > 60, desk.page)
    assert (desk.state(RANGES), desk.state(HELD)) == before, desk.name
    to_top(desk)


def check_a_handle_is_dragged(desk: Desk, fingers: Fingers) -> None:
    held = desk.state(HELD)
    if not held:
        return
    name, hx, hy, panel = held[0]
    x, y = desk.place(hx, hy, panel="" if panel == 0 else str(panel + 1))
    top, link = scrolled(desk), desk.query()
    fingers.move(((x + 12, y), (x + 52, y - 40)))
    poll(lambda: {h[0]: h[1:3] for h in desk.state(HELD)}[name],
         lambda now: now != [hx, hy], desk.page)  # fmt: skip
    poll(desk.query, lambda now: now != link, desk.page)
    settle(desk.page)  # the answer may move the axes
    assert not desk.state("Boolean(S.zoomed)") and scrolled(desk) == top, desk.name


def check_two_fingers_zoom(desk: Desk, fingers: Fingers) -> None:
    before: Any = at_rest(lambda: desk.state(SPANS), desk.page)
    fingers.pinch(desk.state(FREE), 40, 80)

    def shrunk() -> float:
        return min(b / a for a, b in zip(before, desk.state(SPANS), strict=True))

    expect_value(shrunk, pytest.approx(0.5, abs=0.1), desk.page)
    assert desk.page.evaluate("visualViewport.scale") == 1


def check_tools_of_a_drawing_are_apart(desk: Desk, fingers: Fingers) -> None:
    tools = desk.stage.locator(".gd-tools button")
    expect(tools).to_have_count(6)
    in_view(desk, tools.last)
    boxes = tools.evaluate_all(BOXES)
    assert min(side for *_, wide, high in boxes for side in (wide, high)) >= 44, boxes
    for (x, y, wide, high), (u, v, *_) in zip(boxes, boxes[1:], strict=False):
        assert u >= x + wide or v >= y + high, boxes
    x, y, wide, high = boxes[1]
    fingers.tap((x + wide / 2, y + high / 2))
    poll(desk.query, lambda now: now.get("backprop_hidden") == ["7, 4"], desk.page)


BOXES = (
    "(all) => all.map((n) => n.getBoundingClientRect()).map((b) => [b.x, b.y, b.width, b.height])"
)
# Headings on which what follows lies.
COVERED = """(main) => [...main.querySelectorAll('h1, h2, h3')].filter((heading) => {
  const next = heading.closest('.stElementContainer')?.nextElementSibling?.getBoundingClientRect();
  return next?.height && next.top < heading.getBoundingClientRect().bottom - 1;
}).map((heading) => heading.textContent)"""
# Legends that scroll, and that no key comes to.
OUT_OF_REACH = "(all) => all.filter((n) => n.scrollWidth > n.clientWidth && n.tabIndex < 0).length"


@pytest.mark.flaky(
    reruns=1, reason="fingers on twenty pages, each of which answers at its own pace"
)
def test_every_page_is_clean_and_obeys_fingers(phone: Desk, fingers: Fingers):
    page, before = phone.page, len(phone.server.log)
    open_page(page, phone.server.url)
    for entry in PAGES:
        phone.name = entry.stem
        if entry != PAGES[0]:
            go_on(page, f"/{entry.stem}")
        expect(page).to_have_title(f"{entry.title} · gdviz")
        settle(page)
        if entry.has_settings:
            phone.drawn(phone.stage)
            plot = phone.stage.locator(".gd-plot")
            poll(plot.bounding_box, lambda box: box["y"] + box["height"] <= 844, page)
            poll(lambda: phone.state(CROWDED), lambda found: found == [], page)
            check_one_finger_scrolls(phone, fingers)
            check_a_handle_is_dragged(phone, fingers)
            check_two_fingers_zoom(phone, fingers)
        if entry.stem == "backprop":
            check_tools_of_a_drawing_are_apart(phone, fingers)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect_value(lambda: page.get_by_test_id("stMain").evaluate(COVERED), [], page)
        width = partial(page.get_by_test_id("stMain").evaluate, "(node) => node.scrollWidth")
        poll(width, lambda wide: wide <= 390, page)
        expect_value(lambda: page.locator(".gd-chips").evaluate_all(OUT_OF_REACH), 0, page)
    assert not NO_WARNING.search(phone.server.log[before:]), phone.server.log


def test_taps_dials_and_charts(phone: Desk, fingers: Fingers):
    phone.name = "race"
    phone.open()
    page = phone.page
    place = phone.state(FREE)
    fingers.tap(place)  # as a click does, it puts the start there
    put = poll(lambda: phone.query().get("race_x0"), lambda x: x not in (None, ["-1.2"]), page)
    settle(page)
    expect_value(lambda: phone.place(float(put[0]), 0)[0], pytest.approx(place[0], abs=2), page)
    button = in_view(phone, phone.button("One step back"))
    fingers.tap((button["x"] + 22, button["y"] + 22))
    poll(lambda: phone.state("S.k < S.scene.steps"), bool, page)
    expect_value(lambda: page.get_by_test_id("stMain").evaluate(SMALL), [], page)

    rail = page.get_by_role("slider", name="η of Gradient descent")
    box = in_view(phone, rail)
    rate, top = phone.field("gd_lr").input_value(), scrolled(phone)
    x, y = box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2
    fingers.move(((x, y), (x, y - 150)))
    poll(lambda: scrolled(phone), lambda now: now > top + 60, page)
    assert phone.field("gd_lr").input_value() == rate
    y = in_view(phone, rail)["y"] + box["height"] / 2
    fingers.move(((x, y), (x - 60, y)))
    poll(phone.field("gd_lr").input_value, lambda now: now != rate, page)
    poll(phone.query, lambda now: "race_gd_lr" in now, page)

    chart = page.locator(".gd-chart").first
    chart.locator(".main-svg").first.wait_for()
    box, top = in_view(phone, chart), scrolled(phone)
    x, y = 195, box["y"] + box["height"] / 2  # the row of its panels is wider than the window
    span = "(gd) => { const { range } = gd._fullLayout.xaxis; return range[1] - range[0]; }"
    wide = chart.evaluate(span)
    fingers.move(((x, y), (x, y + 150)))
    poll(lambda: scrolled(phone), lambda now: now < top - 60, page)
    assert chart.evaluate(span) == wide
    box = in_view(phone, chart)
    first = "({ _fullLayout: { xaxis } }) => xaxis._offset + xaxis._length / 2"
    middle = box["x"] + chart.evaluate(first)
    fingers.pinch((middle, box["y"] + box["height"] / 2), 40, 80)
    poll(lambda: chart.evaluate(span), lambda now: now < 0.6 * wide, page)
