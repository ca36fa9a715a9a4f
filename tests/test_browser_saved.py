"""What was saved plays in a browser: a file from the disk, a notebook without a kernel."""

import re
from pathlib import Path

from browser import record
from desk import expect, poll
from playwright.sync_api import Page
from test_export import EVIL, page_of

import gdviz
from gdviz import export
from gdviz.topics.descent.settings import Descent


def test_the_html_file_plays_from_the_disk(page: Page, tmp_path: Path):
    file = tmp_path / "run.html"
    file.write_bytes(page_of(EVIL))
    seen = record(page)
    page.goto(file.as_uri())
    label = page.get_by_role("group", name="Playback").locator("output")
    expect(label).to_have_text("step 12 / 12")
    page.get_by_role("button", name="Go to the start").click()
    expect(label).to_have_text("step 0 / 12")
    page.keyboard.press("ArrowRight")
    expect(label).to_have_text("step 1 / 12")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(label).to_have_text(re.compile("step ([2-9]|1[0-2]) / 12"))
    expect(label).to_have_text("step 12 / 12")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page).to_have_title("Descent in one dimension")
    expect(page.get_by_text("document.title='broken'")).to_be_visible()  # as words
    local = ("file:", "data:", "blob:")
    assert [url for url in seen.requests if not url.startswith(local)] == []
    assert seen.complaints == []


def test_a_saved_notebook_plays_without_a_kernel(page: Page, tmp_path: Path) -> None:
    """Its output is a frame as Jupyter shows it: in a page of its own, without a network."""
    from IPython.core.formatters import DisplayFormatter

    spec = Descent(steps=4, stop="none", methods=("gd", "adam"))
    bundle, _ = DisplayFormatter().format(gdviz.show(spec))
    assert bundle["text/plain"] == export.caption(spec)
    file = tmp_path / "notebook.html"
    file.write_text(
        f"<!doctype html><meta charset=utf-8><body>{bundle['text/html']}</body>", "utf-8"
    )
    seen = record(page)
    page.goto(file.as_uri())
    frame = page.frame_locator("iframe")
    label = frame.get_by_role("group", name="Playback").locator("output")
    expect(label).to_have_text("step 4 / 4")
    frame.get_by_role("button", name="Go to the start").click()
    expect(label).to_have_text("step 0 / 4")
    frame.get_by_role("button", name="Play", exact=True).click()
    expect(label).to_have_text("step 4 / 4")
    fits = page.locator("iframe").evaluate("(node) => node.clientHeight")
    stage = frame.locator("#stage")
    poll(stage.bounding_box, lambda box: box["y"] + box["height"] <= fits + 8, page)
    local = ("file:", "data:", "blob:", "about:")
    assert [url for url in seen.requests if not url.startswith(local)] == []
    assert seen.complaints == []
