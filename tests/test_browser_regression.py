"""The page *regression* in a real browser: points and lines under the hand, clicks, an upload."""

import re
from collections.abc import Iterator
from typing import Any

import desk as desk_base
import numpy as np
import pytest
from browser import Server, settle
from desk import expect, expect_value, poll, visitors
from playwright.sync_api import BrowserContext

from gdviz.queries import from_query
from gdviz.topics.regression.fit import run
from gdviz.topics.regression.points import cloud, ends
from gdviz.topics.regression.settings import OWN, LineSettings


class Desk(desk_base.Desk):
    """The page *regression*."""

    name = "regression"

    def spec(self) -> LineSettings:
        """The settings that the link says."""
        return from_query(
            LineSettings, {k.removeprefix("regression_"): v for k, v in self.query().items()}
        )

    def expect_fit(self, spec: LineSettings) -> None:
        """The path in the bowl is that of a run made here."""
        theta = run(spec).fits[spec.kinds[0]].theta

        def same(found: list[float]) -> bool:
            return len(found) == len(theta) and found == pytest.approx(
                theta[:, 0].tolist(), rel=1e-4
            )

        poll(lambda: self.layer("all rows", "x"), same, self.page)


@pytest.fixture
def desks(visitor: BrowserContext, server: Server) -> Iterator[Any]:
    with visitors(visitor, server, Desk) as make:
        yield make


def test_a_point_is_dragged_added_and_removed(desks: Any):
    desk = desks().open()
    x, y = cloud(LineSettings())
    desk.expect_fit(LineSettings())
    answers = desk.state("S.answers ?? 0")
    page = desk.page
    start, end = desk.place(x[20], y[20]), desk.place(x[20], y[20] - 5)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    poll(lambda: desk.state("S.answers ?? 0"), lambda n: n > answers, page)
    assert desk.spec() == LineSettings()  # nothing is committed while the hand is down
    page.mouse.up()
    settle(page)
    spec = poll(desk.spec, lambda s: s.data == OWN and cloud(s)[1][20] != y[20], page)
    moved_x, moved_y = cloud(spec)
    assert len(moved_x) == 24 and moved_y[20] == pytest.approx(y[20] - 5, abs=0.2)
    assert np.delete(moved_y, 20) == pytest.approx(np.delete(y, 20), rel=1e-3)
    desk.expect_fit(spec)
    page.mouse.click(*desk.place(4.0, 9.0))
    spec = poll(desk.spec, lambda s: len(cloud(s)[0]) == 25, page)
    assert (cloud(spec)[0][-1], cloud(spec)[1][-1]) == pytest.approx((4.0, 9.0), abs=0.15)
    settle(page)
    page.keyboard.down("Shift")
    page.mouse.click(*desk.place(4.0, 9.0))
    page.keyboard.up("Shift")
    spec = poll(desk.spec, lambda s: len(cloud(s)[0]) == 24, page)
    again = desks().open(page.url.split("?")[1])
    again.expect_fit(spec)


def test_the_line_is_dragged_in_either_panel_and_the_rate_past_the_edge(desks: Any):
    desk = desks().open()
    line = LineSettings()
    desk.drop(desk.place(line.w0, line.b0, panel="2"), desk.place(1.0, 5.0, panel="2"))
    there = pytest.approx((1.0, 5.0), abs=0.15)
    spec = poll(desk.spec, lambda s: (s.w0, s.b0) == there, desk.page)
    desk.expect_fit(spec)
    _, (at, height) = ends(spec)
    desk.drop(desk.place(at, height), desk.place(at, 6.0))
    spec = poll(desk.spec, lambda s: abs(s.w0 * at + s.b0 - 6.0) < 0.2, desk.page)
    desk.expect_fit(spec)
    desk.fill("lr", "0.07")
    expect(desk.chips).to_contain_text("diverged")


def test_the_number_of_features_is_dragged_and_its_room_answers(desks: Any):
    """The curve follows the hand by the route of the room, and the link has the number."""
    desk = desks().open("regression_room=double_descent&regression_p=15")
    expect(desk.page.get_by_text("where p = n = 15", exact=False).first).to_be_visible()
    answers, page = desk.state("S.answers ?? 0"), desk.page
    top = desk.state("S.scene.handles[0].y")
    page.mouse.move(*desk.place(15, top, panel="2"))
    page.mouse.down()
    page.mouse.move(*desk.place(60, top, panel="2"), steps=8)
    poll(lambda: desk.state("S.answers ?? 0"), lambda n: n > answers, page)
    poll(
        lambda: desk.state("S.scene.layers.map((l) => l.name).join()"),
        lambda names: re.search(r"fit of (5\d|6\d) features", names),
        page,
    )
    assert "regression_p" not in desk.query()  # nothing is committed while the hand is down
    page.mouse.up()
    settle(page)
    found = lambda: int(desk.query().get("regression_p", ["0"])[0])  # noqa: E731
    expect_value(found, pytest.approx(60, abs=4), page)
    desk.fill("ridge", "0.01")
    expect(page.get_by_text("Without a ridge", exact=False).first).to_be_visible()


def test_a_statistic_is_clicked_and_seen(desks: Any):
    desk = desks().open()
    done = run(LineSettings())
    mae = done.scores_of(done.fits["batch"].theta[-1]).mae
    desk.press(f"MAE {mae:.4g}")
    found = poll(
        lambda: desk.state("S.scene.layers.map((l) => l.name)"),
        lambda n: "residuals" in n,
        desk.page,
    )
    assert "squared residuals" not in found
    poll(desk.spec, lambda s: s.statistic == "mae", desk.page)
    with desk.page.expect_download() as event:
        desk.menu().get_by_role("button", name="SVG").click()
    svg = event.value.path().read_text("utf-8")
    discs = re.findall(r'<path d="M[-\d. ]+a[-\d. ]+ 0 1 0 [^"]*" fill="#56B4E9"', svg)
    assert len(discs) == len(done.x), "every point of the data is in the quick file"
    assert ">start</text>" in svg


def test_a_table_with_decimal_commas_is_uploaded_and_learned_from(desks: Any):
    desk = desks(color_scheme="dark").open("regression_room=many&regression_table=upload")
    rows = [f"{i % 9},5;{2 * (i % 9)},25;Haus {i % 3}" for i in range(80)]
    text = "\n".join(["größe;preis;<b>art</b>", *rows])
    desk.page.locator("input[type=file]").set_input_files(
        {"name": "häuser.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}
    )
    settle(desk.page)
    expect(desk.page.get_by_text("80 rows, 3 columns")).to_be_visible()
    expect(desk.chips).to_contain_text("train")
    name = "S.gd.layout.xaxis.title.text"
    poll(lambda: desk.state(name), lambda text: "preis" in text, desk.page)
    desk.page.get_by_role("button", name="What the reader says").click()
    said = desk.page.get_by_test_id("stPopoverBody")
    expect(said).to_contain_text("decimal comma")
    expect(said).to_contain_text("Windows-1252")
    assert desk.page.locator("b", has_text="art").count() == 0
