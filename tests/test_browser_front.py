"""The front door in a real browser: home, search, pitfalls, tours, export, a phone."""

import re
from functools import partial
from pathlib import Path

import pytest
from browser import Server, Traffic, go_on, open_page, settle
from desk import Desk, expect, expect_value, poll
from playwright.sync_api import Page

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES
from gdviz.cli.pages import titles
from gdviz.export import browser_path
from gdviz.numerals import number
from gdviz.topics.descent import settings as topic
from gdviz.topics.descent.settings import NO_STOP


class Descent(Desk):
    name = "descent"


def test_home_shows_every_page_and_a_link_decides_though_the_page_was_seen_before(
    page: Page, traffic: Traffic, server: Server
):
    """Choices are kept while a visitor looks elsewhere; a link of the search comes first."""
    open_page(page, f"{server.url}/descent?descent_function=wavy")
    home = page.get_by_test_id("stTopNavLink").first
    home.click()
    main = page.get_by_test_id("stMain")
    for entry in PAGES[1:]:
        expect(main.get_by_role("link", name=entry.title)).to_be_visible()
    for stem in titles():
        picture = page.locator(f".st-key-card_{stem} img")
        picture.scroll_into_view_if_needed()
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("complete", True)
        poll(partial(picture.evaluate, "(image) => image.naturalWidth"), bool, page)
    main.get_by_role("link", name=PAGES[1].title).click()
    expect(page).to_have_title(f"{PAGES[1].title} · gdviz")
    expect(page).to_have_url(re.compile(f"^{server.url}/{PAGES[1].stem}"))
    settle(page)
    expect(page.locator(".st-key-descent_function input")).to_have_value("Wavy bowl")
    home.click()
    box = page.get_by_label("Search")
    box.fill("newton climbs")
    box.press("Enter")
    page.get_by_role("link", name="Newton climbs · preset of Descent in one dimension").click()
    expect(page).to_have_url(re.compile(r"/descent\?.*descent_methods=newton_plain"))
    settle(page)
    expect(page.locator(".st-key-descent_function input")).to_have_value("Two minima")
    expect(page.locator(".st-key-descent_methods")).to_contain_text("Newton")


def test_the_picture_of_home_answers_a_hand_and_a_key_with_what_the_library_computes(
    page: Page, traffic: Traffic, server: Server
):
    open_page(page, f"{server.url}/")
    start, said = page.get_by_role("slider", name="start"), page.locator(".cover p")
    expect(said).to_contain_text("After 40 steps")

    def expect_path() -> None:
        x0 = float(start.get_attribute("aria-valuenow") or "nan")
        rate = float(page.get_by_label("learning rate").input_value())
        asked = {"function": "double_well", "steps": 40, "stop": NO_STOP}
        path = lookup.run(topic.Descent(x0=x0, lr=rate, **asked))["gd"].x
        end = number(float(path[-1, 0]))
        expect(said).to_contain_text(f"x = {end}")

    expect_path()
    seen = said.inner_text()
    grip = page.locator(".cover .start .mark").bounding_box()
    assert grip is not None
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] - 300, grip["y"])
    expect(said).not_to_have_text(seen)  # the answer comes while the hand still holds on
    page.mouse.up()
    expect_path()
    start.press("ArrowRight")
    page.get_by_label("learning rate").fill("0.02")
    expect_path()
    for width, columns in ((1280, 5), (853, 2), (390, 1)):
        page.set_viewport_size({"width": width, "height": 720})
        rows = partial(
            page.locator(".st-key-cards > *").evaluate_all, "all => all.map(e => e.offsetTop)"
        )
        tops = poll(rows, lambda tops, n=columns: tops.count(tops[0]) == n, page)
        assert len(tops) % columns == 0
        wide = partial(page.get_by_test_id("stMain").evaluate, "(node) => node.scrollWidth")
        poll(wide, lambda seen, most=width: seen <= most, page)
    page.get_by_role("link", name="See it step by step").click()
    expect(page).to_have_url(re.compile(r"/descent\?.*descent_x0="))
    settle(page)
    expect(page.locator(".st-key-descent_lr input")).to_have_value("0.02")


def test_a_remote_leads_through_a_tour(page: Page, traffic: Traffic, server: Server):
    """A presenter's remote sends PageDown and PageUp."""
    open_page(page, f"{server.url}/?tour=rate&lecture=1")
    rate = page.locator(".st-key-descent_lr input")
    bar = page.locator(".st-key-tour_bar")
    expect(bar).to_contain_text("1/6")
    expect(rate).to_have_value("0.15")
    Descent(page, server).drawn(page.locator(".gd-stage").first)
    for key, stop, value in (("PageDown", 2, "0.5"), ("PageDown", 3, "1"), ("PageUp", 2, "0.5")):
        page.keyboard.press(key)
        expect(bar).to_contain_text(f"{stop}/6")
        expect(rate).to_have_value(value)
    poll(lambda: page.url, lambda url: "lecture=1" in url and "stop=2" in url, page)
    player = page.locator(".gd-bar").first
    poll(
        lambda: (player.bounding_box(), bar.bounding_box()),
        lambda two: all(two) and two[0]["y"] + two[0]["height"] <= two[1]["y"] + 1,
        page,
    )
    page.get_by_role("button", name="Leave the tour").click()
    expect(bar).to_have_count(0)
    poll(lambda: page.url, lambda url: "tour=" not in url, page)


def test_the_link_is_a_code_and_hides_what_it_names_and_a_lecture_has_no_menu(
    page: Page, traffic: Traffic, server: Server
):
    open_page(page, f"{server.url}/descent?lecture=1&hide=controls,tabs,nonsense")
    expect(page.locator(".gd-stage").first).to_be_visible()
    expect(page.locator(".st-key-descent_lr")).to_be_hidden()
    expect(page.get_by_role("tab", name="Numbers")).to_be_hidden()
    page.get_by_role("button", name="QR").click()
    code = page.get_by_role("dialog").get_by_alt_text("QR code")
    expect(code).to_be_visible()
    poll(lambda: code.evaluate("(image) => image.naturalWidth"), lambda wide: wide > 200, page)
    page.keyboard.press("Escape")
    go_on(page, "/?lecture=1")
    menu = page.get_by_test_id("stTopNavLink")
    link = page.get_by_test_id("stMain").get_by_role("link", name=PAGES[1].title)
    expect(link).to_be_visible()
    expect(menu).to_have_count(0)
    link.click()
    expect(page).to_have_title(f"{PAGES[1].title} · gdviz")
    settle(page)
    expect(menu).to_have_count(0)


@pytest.mark.skipif(browser_path() is None, reason="no Chromium on this machine")
def test_a_pitfall_is_run_and_opens_at_its_setting(page: Page, traffic: Traffic, server: Server):
    open_page(page, f"{server.url}/pitfalls?pitfalls_1=false&pitfalls_14=true")
    row = page.locator(".st-key-pitfall_14a")
    expect(row.get_by_test_id("stCode")).to_have_count(2)
    marked = """code => [...code.children].filter(line => getComputedStyle(line).backgroundColor
        != "rgba(0, 0, 0, 0)").map(line => line.innerText.trim())"""
    lines = [row.locator(f".st-key-code_14a_{kind} code") for kind in ("wrong", "right")]
    expect_value(
        lambda: [line.evaluate(marked) for line in lines],
        [["g = g + 0.01 * x"], ["x = x * (1 - 0.05 * 0.01)"]],
        page,
    )
    expect(row.get_by_test_id("stAlert")).to_have_count(0)
    row.get_by_role("button", name="Run").click()
    expect(row.get_by_test_id("stAlert")).to_have_count(2)
    expect(row).to_contain_text("(-1.26499, 1.60667)")
    row.get_by_role("link", name="Open this setting").click()
    expect(page).to_have_url(re.compile(r"/race\?.*race_adam_weight_decay=0.01"))
    assert "_tab" not in page.url


def test_the_dialog_makes_a_figure_for_a_paper(page: Page, traffic: Traffic, server: Server):
    desk = Descent(page, server).open("descent_x0=-1.5")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="PDF, film").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("PDF", exact=True).click()
    dialog.get_by_text("paper column").click()
    settle(page)
    dialog.get_by_role("button", name="Make the PDF").click()
    save = dialog.get_by_role("button", name="Save it")
    expect(save).to_be_visible(timeout=90_000)
    with page.expect_download() as download:
        save.click()
    made = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename == "gdviz_descent_x0=-1.5.pdf"
    assert made.startswith(b"%PDF-") and b"/FontFile" in made
    assert desk.name == "descent"
