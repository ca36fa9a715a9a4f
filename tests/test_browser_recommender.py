"""The page *recommender* in a real browser: play, the dial, the ring, you on the map, an upload."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from browser import Server, settle
from desk import Desk, at_rest, expect, expect_value, poll
from playwright.sync_api import Page

TABLE = "person,film,stars\n" + "".join(
    f"p{u},Film {i},{1 + (u * i + u + i) % 5}\n" for u in range(12) for i in range(8) if (u + i) % 4
)


class RecommenderDesk(Desk):
    """The page *recommender*."""

    name = "recommender"

    def room(self, words: str) -> None:
        self.page.get_by_role("radio", name=words, exact=True).or_(
            self.page.get_by_role("button", name=words, exact=True)
        ).first.click()
        settle(self.page)
        self.drawn(self.stage)


@pytest.fixture
def desk(tab: Page, server: Server) -> Iterator[RecommenderDesk]:
    yield RecommenderDesk(tab, server)


def last(values: list[float]) -> float:
    return values[-1]


def test_the_training_plays_and_follows_the_dial(desk: RecommenderDesk):
    desk.open("recommender_epochs=30")
    desk.expect_step(30)
    expect(desk.chips).to_contain_text("at best")
    desk.button("Go to the start").click()
    expect(desk.step).to_have_text("step 0 / 30")
    desk.button("One step forward").click()
    expect(desk.step).to_have_text("step 1 / 30")
    before = last(desk.layer("training part", "y"))
    track = desk.page.locator(".st-key-recommender_lr_dial [role=slider]").first
    box: Any = track.bounding_box()
    middle = box["y"] + box["height"] / 2
    desk.page.mouse.move(box["x"] + box["width"] / 2, middle)
    desk.page.mouse.down()
    desk.page.mouse.move(box["x"] - 40, middle, steps=6)
    # Still down: the curve has followed without a rerun of the page.
    poll(lambda: desk.state("S.answers ?? 0"), bool, desk.page)
    desk.page.mouse.up()
    settle(desk.page)
    curve = partial(desk.layer, "training part", "y")
    poll(curve, lambda now: last(now) > before + 0.01, desk.page)
    rate = poll(lambda: desk.query().get("recommender_lr"), bool, desk.page)
    assert float(rate[0]) < 0.03


def test_the_ring_takes_a_cell_apart_and_the_link_keeps_it(desk: RecommenderDesk):
    desk.open("recommender_room=matrix&recommender_epochs=10")
    before = desk.layer("parts", "x1")
    desk.drop(desk.place(9.5, 13.5), desk.place(3.5, 5.5))
    poll(lambda: desk.layer("parts", "x1"), lambda now: now != before, desk.page)
    query = poll(desk.query, lambda q: "recommender_cell_item" in q, desk.page)
    assert abs(float(query["recommender_cell_item"][0]) - 3.5) < 0.3
    assert query["recommender_room"] == ["matrix"]
    moved = at_rest(lambda: desk.layer("parts", "x1"), desk.page)
    desk.page.reload()
    settle(desk.page)
    desk.drawn(desk.stage)
    expect_value(lambda: desk.layer("parts", "x1"), moved, desk.page)


def test_stars_and_the_hand_rank_the_list_anew(desk: RecommenderDesk):
    desk.open("recommender_room=you&recommender_epochs=30")
    names = "S.scene.layers.find((l) => l.name === 'ranks').texts[0]"
    before = desk.state(f"Object.values({names})")
    start = desk.state("[S.scene.handles[0].x, S.scene.handles[0].y]")
    assert start == pytest.approx([0, 0], abs=1e-6)
    stars = (
        desk.page.locator("[class*=st-key-recommender_star_]")
        .first.get_by_role("radio")
        .or_(desk.page.locator("[class*=st-key-recommender_star_]").first.get_by_role("button"))
    )
    stars.nth(4).click()
    settle(desk.page)
    rated = poll(lambda: desk.state(f"Object.values({names})"), lambda n: n != before, desk.page)
    query = poll(desk.query, lambda q: "recommender_mine" in q, desk.page)
    assert re.fullmatch(r"\d+:5", query["recommender_mine"][0])
    settle(desk.page)
    here = at_rest(lambda: desk.state("[S.scene.handles[0].x, S.scene.handles[0].y]"), desk.page)
    desk.drop(desk.place(*here), desk.place(-here[0], -here[1]))
    poll(lambda: desk.state(f"Object.values({names})"), lambda n: n[0] != rated[0], desk.page)
    poll(desk.query, lambda q: "recommender_east" in q or "recommender_north" in q, desk.page)
    desk.press("Forget me")
    poll(lambda: desk.state(f"Object.values({names})"), lambda n: n == before, desk.page)


def test_a_table_of_ones_own_is_trained_or_refused_in_words(desk: RecommenderDesk):
    desk.open("recommender_data=upload&recommender_epochs=8&recommender_room=one")
    chooser = desk.page.locator(".st-key-recommender_file input[type=file]")
    bad = {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    chooser.set_input_files(bad)
    expect(desk.page.get_by_text("No column says the user")).to_be_visible()
    good = {"name": "mine.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    chooser.set_input_files(good)
    settle(desk.page)
    who = "Object.values(S.scene.layers.find((l) => l.name === 'who').texts[0])[0]"
    told = poll(lambda: desk.state(who), lambda words: "user p" in words, desk.page)
    assert "Film" in told
    expect(desk.page.get_by_text("No column says the user")).to_have_count(0)
