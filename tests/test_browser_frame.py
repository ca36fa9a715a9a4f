"""The frame in a real browser: cold links, other sites' frames, errors."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser import HEADING, NO_WARNING, ROOT, Server, Traffic, open_page, record, serve
from desk import expect, poll
from playwright.sync_api import Page

from gdviz.export import save
from gdviz.export.decks import save_tour
from gdviz.topics.descent.settings import Descent


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has visited, whose operator allows frames on some sites."""
    env = {"GDVIZ_FRAME_ANCESTORS": "http://localhost:*, rubbish; script-src *"}
    with serve(tmp_path_factory.mktemp("fresh") / "log", env=env) as running:
        yield running


def test_a_cold_link_opens_its_page(page: Page, traffic: Traffic, fresh: Server):
    """The first visitor of a fresh server follows a link into the app."""
    open_page(page, f"{fresh.url}/descent?descent_unknown=1")
    expect(page).to_have_title("Descent in one dimension · gdviz")
    heading = page.locator(HEADING).first
    expect(heading).to_contain_text("Descent in one dimension")
    assert not NO_WARNING.search(fresh.log), fresh.log


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
    page: Page, server: Server, fresh: Server
):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    frames = [f"<iframe src='{app.url}/references?embed=true'>" for app in (server, fresh)]
    with host_of("<!doctype html>" + "</iframe>".join(frames)) as host:
        page.goto(host)
        headings = [
            page.frame_locator("iframe").nth(i).get_by_role("heading", name="References")
            for i in range(2)
        ]
        expect(headings[1]).to_be_visible(timeout=60_000)
        poll(lambda: [text for text in said if "frame-ancestors 'none'" in text], bool, page)
        expect(headings[0]).to_have_count(0)


EMBEDDING = (ROOT / "docs" / "embedding.md").read_text("utf-8")
BLOCKS = re.findall(r"^```html\n(.*?)^```$", EMBEDDING, re.M | re.S)
# A frame beside the app's, which is not the page around it.
STRANGER = """() => { const frame = document.createElement('iframe');
  frame.srcdoc = `<script>parent.frames[0].postMessage({gdviz: 'set', knobs: {descent_x0: 1}}, '*');
    parent.document.body.dataset.said = 'true'<` + '/script>';
  document.body.append(frame); }"""


def test_the_page_around_a_frame_sets_knobs_and_plays(page: Page, fresh: Server):
    """The host page of the documents, at a site that the operator has named."""
    (block,) = [text for text in BLOCKS if "<!doctype html>" in text]
    query = "embed=true&descent_stop=none&descent_lr=0.01"
    with host_of(
        block.replace("http://127.0.0.1:8501", fresh.url).replace("embed=true", query)
    ) as at:
        page.goto(at)
        body, app = page.locator("body"), page.frame_locator("#app")
        rate, start = (app.locator(f".st-key-descent_{name} input") for name in ("lr", "x0"))
        shown = app.locator(".gd-stage output").first
        expect(body).to_have_attribute("data-ready", "true", timeout=60_000)
        before = start.input_value()
        page.evaluate(STRANGER)
        expect(body).to_have_attribute("data-said", "true")
        page.get_by_label("learning rate").fill("0.02")
        expect(rate).to_have_value("0.02")
        page.evaluate("tell({gdviz: 'set', knobs: {descent_x0: 1e9, descent_no: 1, race_x0: 1}})")
        expect(app.get_by_text("The link has no valid value for")).to_be_visible()
        expect(start).to_have_value(before)  # neither by the stranger nor beyond its bounds
        for n in range(20):  # quicker than Python answers: of each knob the last counts
            page.evaluate(f"tell({{gdviz: 'set', knobs: {{descent_steps: {10 + n}}}}})")
            page.evaluate(f"tell({{gdviz: 'set', knobs: {{descent_x0: {n / 100}}}}})")
        expect(start).to_have_value("0.19")
        expect(shown).to_have_text("step 29 / 29")
        page.evaluate("tell({gdviz: 'step', step: 3})")
        expect(shown).to_have_text("step 3 / 29")
        page.get_by_role("button", name="Play").click()
        expect(shown).to_have_text("step 29 / 29")


MOODLE, TEACHERS = "https://moodle.example.org", "https://*.example.edu"
ORIGINS = [
    (MOODLE, [MOODLE]),
    ("https://a.b.example.edu", [MOODLE, TEACHERS]),
    ("http://localhost:8000", ["http://localhost:*"]),
    ("http://localhost", ["http://localhost:*"]),
    ("https://a.example.edu:8443", ["https://*.example.edu:*"]),
    (MOODLE, []),
    ("http://moodle.example.org", [MOODLE]),
    ("https://moodlexexample.org", [MOODLE]),
    (f"{MOODLE}.evil.net", [MOODLE, TEACHERS]),
    ("https://evil.net/.example.edu", [TEACHERS]),
    (f"{MOODLE}:8443", [MOODLE]),
    ("null", [MOODLE, TEACHERS, "http://localhost:*"]),
]


def test_files_in_a_frame_play_and_obey(page: Page, tmp_path: Path):
    """The frames of the documents around files, from the disk, also in a sandbox."""
    save(Descent(steps=6, stop="none"), tmp_path / "banana.html")
    save_tour("rate", tmp_path / "slides.html")
    frames = [text for text in BLOCKS if 'src="banana.html"' in text and "data-src" not in text]
    boxed = next(text for text in frames if 'sandbox="allow-scripts"' in text)
    (plain,) = [text for text in frames if text != boxed]
    reveal = next(text for text in BLOCKS if "data-src" in text)
    assert re.search(
        r'<iframe data-src="banana\.html" title="[^"]+" style="[^"]+"></iframe>', reveal
    )
    ready = "<script>let ready = 0; addEventListener('message', ({ data }) => {" + (
        "if (data.gdviz === 'key') document.body.dataset.key = data.key;"
        "if (data.gdviz === 'ready') document.body.dataset.ready = ready += 1; });"
        "const tell = (n, said) => frames[n].postMessage(said, '*');</script>"
    )
    slides = plain.replace("banana.html", "slides.html")
    text = f"<!doctype html><meta charset=utf-8><body>{ready}{boxed}{slides}</body>"
    (tmp_path / "host.html").write_text(text, "utf-8")
    seen = record(page)
    page.goto((tmp_path / "host.html").as_uri(), wait_until="commit")
    expect(page.locator("body")).to_have_attribute("data-ready", "2", timeout=120_000)
    shown = page.frame_locator("iframe").nth(0).locator(".gd-bar output")
    expect(shown).to_have_text("step 6 / 6", timeout=60_000)
    page.evaluate("tell(0, {gdviz: 'step', step: 2})")
    expect(shown).to_have_text("step 2 / 6")
    page.evaluate("tell(0, {gdviz: 'set', knobs: {descent_x0: 1}})")  # it has no knobs
    page.evaluate("tell(0, {gdviz: 'play'})")
    expect(shown).to_have_text("step 6 / 6")
    bar = page.frame_locator("iframe").nth(0).locator(".gd-bar")
    assert bar.evaluate("(node) => node.getBoundingClientRect().bottom <= innerHeight"), "whole"
    bar.get_by_role("button", name="Play", exact=True).press("PageDown")
    expect(page.locator("body")).to_have_attribute("data-key", "PageDown")
    script = (ROOT / "gdviz" / "browser" / "framed.js").read_text("utf-8").replace("export ", "")
    told = page.evaluate(
        f"(asked) => {{ {script} return asked.map((two) => isOneOf(...two)); }}", ORIGINS
    )
    assert told == [True] * 5 + [False] * 7
    deck = page.frame_locator("iframe").nth(1)
    number, stage = deck.locator("nav output"), deck.locator(".slide:visible .gd-bar output")
    expect(number).to_have_text("1 / 7")
    page.evaluate("tell(1, {gdviz: 'slide', slide: 3})")
    expect(number).to_have_text("3 / 7")
    expect(deck.locator("h1:visible")).to_have_text("Descent in one dimension: One step")
    expect(stage).to_have_text(re.compile(r"step (\d+) / \1$"))
    deck.locator(".slide:visible").press("Home")  # the player's
    expect(stage).to_have_text(re.compile("step 0 / "))
    deck.locator(".slide:visible").press("PageDown")  # a presenter's remote
    expect(number).to_have_text("4 / 7")
    deck.get_by_role("button", name="Previous slide").click()
    expect(number).to_have_text("3 / 7")
    expect(stage).to_have_text(re.compile("step 0 / "))
    wide = deck.locator("html").evaluate("(node) => node.scrollWidth - node.clientWidth")
    assert wide <= 0
    local = ("file:", "data:", "blob:", "about:")
    assert [url for url in seen.requests if not url.startswith(local)] == []
    assert seen.complaints == []


APP = """
import sys
sys.path.insert(0, {root!r})
import streamlit as st
from gdviz.server import routes as server
app = st.App("script.py", on_script_error=server.on_script_error)
"""


def test_a_visitor_sees_a_code_and_no_traceback(page: Page, tmp_path: Path):
    (tmp_path / "app.py").write_text(APP.format(root=str(ROOT)))
    (tmp_path / "script.py").write_text(
        "import streamlit as st\nst.title('x')\nraise ValueError('the secret')\n"
    )
    with serve(tmp_path / "log", folder=tmp_path, probe="/_stcore/health") as running:
        open_page(page, running.url)
        alert = page.get_by_test_id("stAlert")
        expect(alert).to_contain_text("Something went wrong on our side")
        code = alert.locator("code").inner_text()
        assert re.fullmatch("[0-9a-f]{8}", code)
        assert "secret" not in page.content() and "Traceback" not in page.content()
        poll(lambda: running.log, lambda log: code in log and "the secret" in log, page)
