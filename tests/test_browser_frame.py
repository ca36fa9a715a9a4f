"""The frame in a real browser: cold links, titles, both themes, nothing fetched from outside."""

import re
from pathlib import Path

from browser import HEADING, NO_WARNING, ROOT, Server, Traffic, open_page, serve, settle
from playwright.sync_api import Page, expect

from gdviz.catalogue.pages import PAGES


def test_a_cold_link_opens_its_page(page: Page, traffic: Traffic, tmp_path: Path):
    """The first visitor of a fresh server follows a link into the app."""
    with serve(tmp_path / "log") as fresh:
        open_page(page, f"{fresh.url}/descent?descent_unknown=1")
        expect(page).to_have_title("Descent in one dimension · gdviz")
        expect(page.get_by_test_id("stMain").locator(HEADING).first).to_contain_text(
            "Descent in one dimension"
        )
        assert not NO_WARNING.search(fresh.log), fresh.log


def test_a_lecture_has_no_menu(page: Page, traffic: Traffic, server: Server):
    open_page(page, f"{server.url}/?lecture=1")
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    page.get_by_test_id("stMain").get_by_role("link", name=PAGES[1].title).click()
    expect(page).to_have_title(f"{PAGES[1].title} · gdviz")
    settle(page)
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)


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
        assert code in running.log and "the secret" in running.log
