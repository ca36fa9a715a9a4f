"""The front door in a real browser: home, search, pitfalls, tours, export, frames, a phone."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser import NO_WARNING, Server, Traffic, go_on, open_page, serve, settle
from desk import Desk, poll
from playwright.sync_api import Page, expect

from gdviz.catalogue.pages import PAGES
from gdviz.cli.pages import titles
from gdviz.export import browser_path


class Descent(Desk):
    name = "descent"


def test_home_shows_every_page_and_leads_there(page: Page, traffic: Traffic, server: Server):
    open_page(page, server.url)
    main = page.get_by_test_id("stMain")
    for entry in PAGES[1:]:
        expect(main.get_by_role("link", name=entry.title)).to_be_visible()
    for stem in titles():
        picture = page.locator(f".st-key-card_{stem} img")
        picture.scroll_into_view_if_needed()
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("(image) => image.naturalWidth") > 0
    main.get_by_role("link", name=PAGES[1].title).click()
    expect(page).to_have_title(f"{PAGES[1].title} · gdviz")
    expect(page).to_have_url(f"{server.url}/{PAGES[1].stem}")


def test_a_link_decides_though_the_page_was_seen_before(
    page: Page, traffic: Traffic, server: Server
):
    """Choices are kept while a visitor looks elsewhere; a link of the search comes first."""
    open_page(page, f"{server.url}/descent?descent_function=wavy")
    home = page.get_by_test_id("stTopNavLink").first
    home.click()
    box = page.get_by_label("Search")
    box.fill("newton climbs")
    box.press("Enter")
    page.get_by_role("link", name="Newton climbs · preset of Descent in one dimension").click()
    expect(page).to_have_url(re.compile(r"/descent\?.*descent_methods=newton_plain"))
    settle(page)
    expect(page.locator(".st-key-descent_function input")).to_have_value("Two minima")
    expect(page.locator(".st-key-descent_methods")).to_contain_text("Newton")


def test_a_remote_leads_through_a_tour(page: Page, traffic: Traffic, server: Server):
    """A presenter's remote sends PageDown and PageUp."""
    open_page(page, f"{server.url}/?tour=rate&lecture=1")
    rate = page.locator(".st-key-descent_lr input")
    bar = page.locator(".st-key-tour_bar")
    expect(bar).to_contain_text("1/6")
    expect(rate).to_have_value("0.15")
    Descent(page, server).drawn(page.locator(".gd-stage").first)
    for key, number, value in (("PageDown", 2, "0.5"), ("PageDown", 3, "1"), ("PageUp", 2, "0.5")):
        page.keyboard.press(key)
        expect(bar).to_contain_text(f"{number}/6")
        expect(rate).to_have_value(value)
    poll(lambda: page.url, lambda url: "lecture=1" in url and "stop=2" in url, page)
    player, shown = page.locator(".gd-bar").first.bounding_box(), bar.bounding_box()
    assert player and shown and player["y"] + player["height"] <= shown["y"] + 1
    page.get_by_role("button", name="Leave the tour").click()
    expect(bar).to_have_count(0)
    poll(lambda: page.url, lambda url: "tour=" not in url, page)


def test_the_link_is_a_code_and_hides_what_it_names(page: Page, traffic: Traffic, server: Server):
    open_page(page, f"{server.url}/descent?lecture=1&hide=controls,tabs,nonsense")
    expect(page.locator(".gd-stage").first).to_be_visible()
    expect(page.locator(".st-key-descent_lr")).to_be_hidden()
    expect(page.get_by_role("tab", name="Numbers")).to_be_hidden()
    page.get_by_role("button", name="QR").click()
    code = page.get_by_role("dialog").get_by_alt_text("QR code")
    expect(code).to_be_visible()
    assert code.evaluate("(image) => image.naturalWidth") > 200


@pytest.mark.skipif(browser_path() is None, reason="no Chromium on this machine")
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


@contextmanager
def host_of(text: str) -> Iterator[str]:
    """Serve one page at another origin than the app's: localhost is not 127.0.0.1."""

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *words: object) -> None:
            pass

    # With threads: Chromium opens a second connection, and says nothing on it for minutes.
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_frame_on_another_site_needs_the_operators_leave(
    page: Page, server: Server, tmp_path: Path
):
    env = {"GDVIZ_FRAME_ANCESTORS": "http://localhost:*, rubbish; script-src *"}
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    with serve(tmp_path / "log", env=env, probe="/_stcore/health") as allowed:
        frames = [f"<iframe src='{app.url}/references?embed=true'>" for app in (server, allowed)]
        with host_of("<!doctype html>" + "</iframe>".join(frames)) as host:
            page.goto(host)
            headings = [
                page.frame_locator("iframe").nth(i).get_by_role("heading", name="References")
                for i in range(2)
            ]
            expect(headings[1]).to_be_visible(timeout=60_000)
            poll(lambda: [text for text in said if "frame-ancestors 'none'" in text], bool, page)
            expect(headings[0]).to_have_count(0)


def test_each_page_is_clean_and_nothing_is_wider_than_a_phone(
    page: Page, traffic: Traffic, server: Server
):
    page.set_viewport_size({"width": 390, "height": 844})
    before = len(server.log)
    open_page(page, server.url)
    for entry in PAGES:
        if entry != PAGES[0]:
            go_on(page, f"/{entry.stem}")
        expect(page).to_have_title(f"{entry.title} · gdviz")
        settle(page)
        if page.locator(".gd-stage").count():
            drawn = page.locator(".gd-stage canvas.gd-over[width][style]").first
            drawn.wait_for(state="attached", timeout=60_000)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        width = page.get_by_test_id("stMain").evaluate("(node) => node.scrollWidth")
        assert width <= 390, entry.stem
    assert not NO_WARNING.search(server.log[before:]), server.log
