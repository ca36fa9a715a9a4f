"""The dial in a real browser: does the page follow the hand, and the hand's exact value?"""

import math
import re
import shutil

import pytest
from browser import ROOT, serve, settle
from desk import expect, expect_value, poll

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]

SETTINGS = {
    "STREAMLIT_RUNNER_POST_SCRIPT_GC": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "STREAMLIT_GLOBAL_DISABLE_WIDGET_STATE_DUPLICATION_WARNING": "true",
    "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
}
LO, HI = 1e-4, 1.0  # the range of the learning rate in tests/apps/dial_app.py


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    words = "-m uvicorn --app-dir tests/apps dial_app:app --port {port} --log-level warning"
    words = (*words.split(), "--ws-per-message-deflate", "false")
    log = tmp_path_factory.mktemp("dial") / "log"
    with serve(log, probe="/_stcore/health", env=SETTINGS, command=words) as server:
        yield f"{server.url}/"


@pytest.fixture(scope="module")
def page(visitor, url):
    """One page for all tests that say themselves where a knob stands before they move it."""
    tab = visitor.new_page()
    tab.set_viewport_size({"width": 1280, "height": 900})
    errors: list[str] = []
    tab.on("pageerror", lambda e: errors.append(str(e)))
    tab.goto(url)
    rail(tab, "learning rate").wait_for()
    yield tab
    tab.close()
    assert not errors


def rail(page, label):
    return page.get_by_role("slider", name=label, exact=True)


def track(page, label="learning rate"):
    """Return the left end, the width and the middle line of a dial's track in pixels."""
    box = rail(page, label).locator(".track").bounding_box()
    return box["x"], box["width"], box["y"] + box["height"] / 2


def live(page, name="lr"):
    """Return what the fragment has last shown of a knob."""
    text = page.get_by_text(re.compile("^live ")).inner_text()
    return re.search(rf"\b{name}=(\S+)", text)[1]


def expect_live(page, **knobs):
    for name, v in knobs.items():
        expect(page.get_by_text(re.compile("^live "))).to_contain_text(f"{name}={v!r}")


def knob_at(page, label="learning rate"):
    """Return where the knob stands on its track, 0 to 1, as drawn."""
    x, width, _ = track(page, label)
    box = rail(page, label).locator(".knob").bounding_box()
    return (box["x"] + box["width"] / 2 - x) / width


def expect_knob_at(page, share, label="learning rate"):
    expect_value(lambda: knob_at(page, label), pytest.approx(share, abs=0.01), page)


def place(v):
    return math.log(v / LO) / math.log(HI / LO)


def field(page, label="Learning rate η"):
    return page.get_by_label(label, exact=True)


def type_in(page, label="Learning rate η", **knob):
    """Type a number into the field of a knob, and wait for it."""
    field(page, label).fill(*map(repr, knob.values()))
    field(page, label).press("Enter")
    expect_live(page, **knob)


def test_a_new_page_shows_its_labels_and_tells_assistive_technology_what_it_is(page):
    labels = page.locator(".labels button:visible")
    names = ["1/L", "2/L", "optimal β", "limit <b>β</b>", "half"]
    expect_value(labels.all_inner_texts, names, page)

    def are_apart() -> bool:
        boxes = [label.bounding_box() for label in labels.all()]
        return all(
            abs(a["y"] - b["y"]) >= 5 or a["x"] + a["width"] < b["x"]
            for a, b in zip(boxes, boxes[1:], strict=False)
        )

    poll(are_apart, bool, page)
    handle = rail(page, "learning rate")
    for name, v in {
        "aria-valuemin": "0.0001",
        "aria-valuemax": "1",
        "aria-valuenow": "0.1",
        "aria-valuetext": "0.1 (2/L)",
        "tabindex": "0",
    }.items():
        expect(handle).to_have_attribute(name, v)
    expect(rail(page, "fixed")).to_have_attribute("aria-disabled", "true")


def test_a_disabled_dial_does_not_answer(page):
    x, width, y = track(page, "fixed")
    page.mouse.click(x + 0.8 * width, y)
    settle(page)
    expect_knob_at(page, 0.3, "fixed")


def test_a_click_on_the_log_track_is_the_geometric_mean(page):
    x, width, y = track(page)
    page.mouse.click(x + width / 2, y)
    expect_live(page, lr=0.01, down=False)


def test_a_typed_value_moves_the_knob_exactly(page):
    type_in(page, lr=0.0012345)
    expect(rail(page, "learning rate")).to_have_attribute("aria-valuenow", "0.0012345")
    expect_knob_at(page, place(0.0012345))
    # and a touch that does not move leaves it as it was typed
    x, width, y = track(page)
    page.mouse.move(x + place(0.0012345) * width, y)
    page.mouse.down()
    page.mouse.up()
    settle(page)
    expect_live(page, lr=0.0012345, down=False)


def test_whole_numbers_stay_whole_and_always_move(page):
    handle = rail(page, "steps")
    handle.press("Home")
    expect_live(page, steps=1, down=False)
    for v in (2, 3):  # one percent of this log track would be less than one
        handle.press("ArrowRight")
        expect_live(page, steps=v, down=False)


def test_keys(page):
    type_in(page, "Momentum β", beta=0.9)
    handle = rail(page, "momentum")
    handle.focus()
    for key, v in [
        ("ArrowLeft", 0.89),
        ("ArrowUp", 0.9),
        ("Shift+ArrowLeft", 0.8),
        ("PageDown", 0.7),
        ("PageUp", 0.8),
        ("Home", 0.0),
        ("ArrowDown", 0.0),
        ("End", 1.0),
    ]:
        handle.press(key)
        expect_live(page, beta=v, down=False)
    expect(handle).to_be_focused()


def test_keys_on_a_log_scale_move_by_one_percent_of_the_track(page):
    type_in(page, lr=0.1)
    rail(page, "learning rate").press("ArrowRight")
    expect_live(page, lr=float(f"{0.1 * (HI / LO) ** 0.01:.3g}"))


def test_a_click_on_a_label_sets_the_mark_exactly(page):
    page.get_by_role("button", name="optimal β").click()
    expect_live(page, beta=0.6180339887, down=False)
    expect(rail(page, "momentum")).to_have_attribute("aria-valuetext", "0.618034 (optimal β)")


def test_the_page_follows_the_hand_and_notices_the_release(visitor, url):
    page = visitor.new_page()
    page.goto(url)
    rail(page, "learning rate").wait_for()
    x, width, y = track(page)
    page.mouse.move(x + 0.2 * width, y)
    page.mouse.down()
    for i in range(1, 13):
        before = field(page).input_value()
        page.mouse.move(x + width * (0.2 + 0.05 * i), y)
        expect(field(page)).not_to_have_value(before)
    expect_live(page, down=True)
    expect(page.get_by_text(re.compile("^page "))).to_have_text("page runs=1 lr=0.1")
    # while held, the knob stands at the hand, not at the older answer
    expect_knob_at(page, 0.8)
    page.mouse.up()
    expect_live(page, down=False)
    v = float(live(page))
    assert v == float(f"{v:.3g}")  # three significant digits
    assert place(v) == pytest.approx(0.8, abs=0.005)
    expect_value(lambda: float(field(page).input_value()), v, page)
    expect(page).to_have_url(re.compile(rf"[?&]lr={re.escape(f'{v:g}')}\b"))
    # letting go has rerun the page outside the fragment, once
    expect(page.get_by_text(re.compile("^page "))).to_have_text(f"page runs=2 lr={v!r}")
    page.close()


def test_a_link_sets_the_knob(visitor, url):
    page = visitor.new_page()
    page.goto(f"{url}?lr=0.001&steps=7")
    rail(page, "learning rate").wait_for()
    expect_live(page, lr=0.001, steps=7)
    expect_knob_at(page, 1 / 4)
    page.close()


def test_a_finger_drags_it(browser, url):
    page = browser.new_context(has_touch=True).new_page()
    page.goto(url)
    rail(page, "momentum").wait_for()
    x, width, y = track(page, "momentum")
    devtools = page.context.new_cdp_session(page)

    def touch(kind, *points):
        devtools.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]},
        )

    touch("touchStart", (x + 0.5 * width, y))
    for i in range(1, 11):
        touch("touchMove", (x + (0.5 - 0.03 * i) * width, y + 5 * i))  # not a scroll of the page
        page.wait_for_timeout(16)
    expect_live(page, down=True)
    touch("touchEnd")
    expect_live(page, down=False)
    assert float(live(page, "beta")) == pytest.approx(0.2, abs=0.01)
    page.context.close()


HELD = """async ([address, at]) => {
  const { default: mount } = await import(address);
  const box = document.body.appendChild(document.createElement('div')), said = [];
  const data = { label: 'x', lo: 0, hi: 1, value: 0.5, marks: [], n: 0 };
  const leave = mount({ data, parentElement: box, setStateValue: (_, hand) => said.push(hand) });
  const rail = box.querySelector('.rail');
  const key = (type) => rail.dispatchEvent(new KeyboardEvent(type, { key: 'ArrowRight' }));
  key('keydown');
  if (at === 'waiting') key('keyup');
  leave();
  box.remove();
  return said;
}"""


def test_a_dial_that_goes_while_it_is_held_lets_go(page):
    """Nobody would hear the release any more: neither of a hand that holds, nor one that waits."""
    files = "performance.getEntriesByType('resource').map((entry) => entry.name)"
    address = page.evaluate(f"{files}.find((name) => name.endsWith('/dial.js'))")
    for at in ("held", "waiting"):
        said = page.evaluate(HELD, [address, at])
        assert [(hand["v"], hand["down"]) for hand in said] == [(0.51, True), (0.51, False)], at
        assert said[0]["n"] < said[1]["n"]


SCALE = {
    "valueAt(0.5, {lo: 1e-4, hi: 1, log: true})": 0.01,
    "valueAt(0.5, {lo: -5, hi: 5})": 0,
    "valueAt(0.505, {lo: 100, hi: 101})": 100.505,
    "valueAt(1 / 3, {lo: 0, hi: 1})": 0.333,
    "valueAt(1 / 3, {lo: 0, hi: 2000000})": 670000,
    "valueAt(2, {lo: 0.0012345, hi: 1, log: true})": 1,
    "valueAt(-1, {lo: 0.0012345, hi: 1, log: true})": 0.0012345,
    "valueAt(0.5, {lo: 1, hi: 10000, log: true, integer: true})": 100,
    "stepped(0.07, -0.07, {lo: -1, hi: 1})": -0.07,
    "stepped(1, 0.01, {lo: 1, hi: 1.5, log: true})": 1.0041,
    "stepped(5, 0.01, {lo: 1, hi: 10, integer: true})": 6,
    "stepped(3, 1, {lo: 0, hi: 7.77})": 7.77,
    "ticks({lo: 1e-4, hi: 1, log: true}).length": 5,
    "ticks({lo: -5, hi: 5})": [-4, -2, 0, 2, 4],
    "spread([{x: 50, w: 20}, {x: 60, w: 20}], 100).map((l) => l.left)": [32, 58],
    "spread([{x: 2, w: 20}, {x: 98, w: 20}], 100).map((l) => l.left)": [0, 80],
    "spread([{x: 50, w: 90}, {x: 51, w: 90}], 100).map((l) => l.x)": [50],
}


def test_the_scale(page):
    """The pure functions, imported in the page from the file itself."""
    got = page.evaluate(
        """async ([source, calls]) => {
          const file = new Blob([source], {type: "text/javascript"});
          const {valueAt, stepped, ticks, spread} = await import(URL.createObjectURL(file));
          return calls.map((call) => eval(call)); }""",
        [(ROOT / "gdviz/browser/dial_scale.js").read_text("utf-8"), list(SCALE)],
    )
    assert dict(zip(SCALE, got, strict=True)) == SCALE
