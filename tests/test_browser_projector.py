"""A hall in a real browser: the stage fills the window, type can be read, a run can be guessed."""

from functools import partial
from typing import Any

import pytest
from browser import Server, Traffic, go_on, settle
from desk import Desk, expect, poll
from playwright.sync_api import Page

from gdviz.topics.descent.presets import PRESETS
from gdviz.ui.qr import FOR_PHONES

# What hides the surroundings of a stage may not ask what is in them: see gdviz/browser/guess.js.
COSTLY = """document.adoptedStyleSheets.flatMap((sheet) => [...sheet.cssRules])
  .map((rule) => rule.cssText.includes(':has('))"""
READ = 0.022  # of the window's height: the least type that the last row of a hall can read
HALL, LAPTOP = {"width": 1920, "height": 1080}, {"width": 1280, "height": 720}


class Hall(Desk):
    """A page in lecture mode."""

    def __init__(self, page: Page, server: Server, name: str) -> None:
        super().__init__(page, server)
        self.name = name

    def sizes(self) -> dict[str, Any]:
        """Return where things are, in pixels of the window."""
        return self.stage.evaluate(
            """(stage) => {
              const box = (node) => node.getBoundingClientRect();
              const S = stage.parentElement.gdStage;
              const type = (node) => parseFloat(getComputedStyle(node).fontSize);
              const kinds = '.xtick text, .ytick text, .gd-chip, output, .gd-readings';
              const words = [...stage.querySelectorAll(kinds)];
              const parts = [...S.bar.children].filter((node) => box(node).width);
              return {
                type: Math.min(S.style.font, ...words.map(type)),
                bottom: box(stage).bottom, right: Math.max(...parts.map((node) => box(node).right)),
                scrub: box(S.bar.querySelector('input')).width / box(S.bar).width,
                plot: S.gd.clientHeight, drawn: S.gd._fullLayout.height,
                aspect: S.gd.clientWidth / S.gd.clientHeight,
              };
            }"""
        )


def fits(window: dict[str, int], least: float, seen: dict[str, Any]) -> bool:
    """Tell whether a stage fills a window down to a share of its height, and can be read."""
    return (
        least * window["height"] < seen["bottom"] <= window["height"]
        and seen["right"] <= window["width"]
        and seen["type"] >= READ * window["height"]
        and seen["scrub"] > 0.25
        and abs(seen["plot"] - seen["drawn"]) <= 1
        and seen["aspect"] < 3.6
    )


def test_a_stage_fills_the_window_of_a_hall_and_follows_it(
    page: Page, traffic: Traffic, server: Server
):
    """Alone it reaches the lower edge, with knobs and tabs it leaves the row of the tabs."""
    for name in ("race", "mcmc"):
        for query, window, least in (
            ("lecture=1&hide=controls,tabs", HALL, 0.87),
            ("lecture=1&hide=", LAPTOP, 0.8),
        ):
            page.set_viewport_size(window)
            desk = Hall(page, server, name)
            desk.enter(query) if page.url.startswith(server.url) else desk.open(query)
            for size in (window, HALL, LAPTOP):
                page.set_viewport_size(size)
                poll(desk.sizes, partial(fits, size, least), page)


@pytest.mark.flaky(reruns=1, reason="keys stop and start a run that plays by the clock")
def test_a_run_is_hidden_until_space_and_keys_are_the_stages_after_a_click(
    page: Page, traffic: Traffic, server: Server
):
    desk = Hall(page, server, "regression").open("hide=answer")
    reveal, tabs = page.locator(".gd-reveal"), page.get_by_role("tab", name="Numbers")
    shown = "S.scene.steps > 0 && [S.k, S.guessing, S.playing ?? false]"
    expect(reveal).to_be_visible()
    for hidden in (desk.chips, tabs, page.locator(".gd-readings"), page.locator(".st-key-reason")):
        expect(hidden.first).to_be_hidden()
    desk.expect_state(shown, [0, True, False])
    rules = page.evaluate(COSTLY)
    assert rules and not any(rules)
    page.keyboard.press("Space")
    desk.expect_state("[S.guessing, S.playing && S.k < S.scene.steps]", [False, True])
    desk.stage.get_by_role("combobox", name="Speed").select_option("0.1")  # it will not end
    page.get_by_role("heading", level=1).first.click()
    expect(reveal).to_be_hidden()
    expect(tabs).to_be_visible()
    switch = page.get_by_role("switch", name="standardise x").or_(
        page.get_by_role("checkbox", name="standardise x")
    )
    page.get_by_text("standardise x", exact=True).click()
    settle(page)
    expect(switch).to_be_checked()
    playing = desk.state("Boolean(S.playing)")
    page.keyboard.press("Space")
    desk.expect_state("Boolean(S.playing)", not playing)
    expect(switch).to_be_checked()
    page.keyboard.press("Shift+Tab")
    switch.focus()
    page.keyboard.press("Space")  # who came by keys means the switch
    expect(switch).not_to_be_checked()


def test_what_is_to_be_guessed_in_the_race_can_be_shown(
    page: Page, traffic: Traffic, server: Server
):
    """By a kept link, by a stop of a tour, and by the button of the player."""
    desk = Hall(page, server, "race").open("race_surface=himmelblau&race_hidden=true")
    desk.expect_state("S.guessing", True)
    page.keyboard.press("End")
    expect(desk.chips).to_be_visible()
    desk.expect_state("[S.guessing, S.k === S.scene.steps && S.k > 0]", [False, True])
    page.get_by_role("button", name="Guess first").click()
    expect(desk.chips).to_be_hidden()
    desk.expect_state("[S.guessing, S.k]", [True, 0])
    page.keyboard.press("End")
    expect(page.locator(".gd-reveal")).to_be_hidden()
    go_on(page, "/?tour=learn&stop=2")
    bar = page.locator(".st-key-tour_bar")
    expect(bar).to_contain_text("2/8")
    expect(bar).to_contain_text("?")
    expect(page.locator(".gd-reveal")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(bar).to_contain_text("3/8")
    expect(page.locator(".gd-reveal")).to_be_hidden()


def test_digits_press_presets_whose_sentence_is_above_the_stage(
    page: Page, traffic: Traffic, server: Server
):
    page.set_viewport_size(LAPTOP)
    desk = Hall(page, server, "descent").open("lecture=1&hide=presets")
    page.keyboard.press("3")
    said = page.locator(".st-key-reason")
    expect(said).to_contain_text(PRESETS[2].reason)
    expect(said).to_contain_text(f"Now try {PRESETS[3].label}")
    settle(page)
    poll(
        lambda: (said.bounding_box(), desk.stage.bounding_box()),
        lambda two: all(two) and two[0]["y"] + two[0]["height"] <= two[1]["y"] + 1,
        page,
    )
    page.get_by_role("button", name="QR").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(FOR_PHONES.split(":")[0])
    code = dialog.get_by_alt_text("QR code")
    expect(code).to_be_in_viewport(ratio=1)
    scrolls = "(node) => node.scrollHeight - node.clientHeight"
    assert page.get_by_test_id("stDialog").evaluate(scrolls) <= 0, "all of it is seen at once"
