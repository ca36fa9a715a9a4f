"""Predict, then reveal, in a real browser: by hand, in fields and by keys, and the score of it."""

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from browser import Server, Traffic, settle
from desk import Desk, expect, expect_value, poll
from playwright.sync_api import Page

from gdviz.browser.bundle import TAG
from gdviz.catalogue.lookup import questions
from gdviz.catalogue.question import Question, distance, score
from gdviz.numerals import number
from gdviz.topics.race import Race

pytestmark = pytest.mark.browser
SPEC = Race(surface="himmelblau", methods=("gd", "adam", "newton"))
SCORES = """async ({tag, cases}) => {
  const { scoreOf, distanceOf } = await import(new URL(`assets/${tag}/question.js`, document.baseURI).href);
  return cases.map(([question, guess]) => [scoreOf(question, guess), distanceOf(question, guess)]);
}"""  # noqa: E501


class Guessing(Desk):
    """The race, guessed."""

    name = "race"

    def hide(self) -> list[Question]:
        """Hide the run by the button of the player; return what is asked of it."""
        self.button("Guess first: hide the run").click()
        expect(self.stage.locator(".gd-question")).to_contain_text("?")
        return [as_question(one) for one in self.state("S.ask.questions")]

    def guess(self, which: str) -> Any:
        return self.state(f"S.ask.guesses.get('{which}') ?? null")


def as_question(told: dict[str, Any]) -> Question:
    """Return a question as the browser was told it."""
    lists = {k: tuple(v) for k, v in told.items() if isinstance(v, list)}
    answers = tuple(map(tuple, told["answers"]))
    places = tuple((name, tuple(at)) for name, at in told["places"])
    return Question(**{**told, **lists, "answers": answers, "places": places})


def as_told(x0: float) -> Any:
    """Return the questions of a start as the browser is told them."""
    return json.loads(json.dumps([q._asdict() for q in questions(replace(SPEC, x0=x0))]))


def agree(page: Page, asked: list[Question]) -> None:
    """Ask the browser and Python for the score of the same guesses."""
    rng, cases = np.random.default_rng(0), []
    log = Question("l", "?", "x", ((0.1,), (3.0,)), ".", (1e-3,), (10.0,), logs=(True,))
    for one in (*asked, log):
        for share in rng.random((40, 2)):
            ends = zip(one.low, one.high, share, strict=False)
            place = tuple(float(low + (high - low) * s) for low, high, s in ends)
            cases.append((one, place or (float(int(share[0] * len(one.choices))),)))
        cases.append((one, one.answers[0]))
    said = page.evaluate(SCORES, {"tag": TAG, "cases": [(q._asdict(), g) for q, g in cases]})
    for (one, guess), (points, off) in zip(cases, said, strict=True):
        assert np.isclose(off, distance(one, guess), rtol=1e-9, atol=1e-12)
        assert abs(points - score(one, guess)) <= (0 if off in (0, 1) else 1)


def test_a_run_is_guessed_by_hand_and_by_keys(page: Page, traffic: Traffic, server: Server) -> None:
    """A place is clicked, dragged and typed, a choice made by keys; both are scored at the end."""
    link = "race_surface=himmelblau&race_methods=gd&race_methods=adam&race_methods=newton"
    desk = Guessing(page, server).open(link)
    stage, result = desk.stage, desk.stage.locator(".gd-result")
    asked = desk.hide()
    assert asked == list(questions(SPEC)) and asked[0].kind == "point"
    agree(page, asked)

    first = asked[0].id
    page.mouse.click(*desk.place(-4, 4))
    poll(lambda: desk.guess(first), lambda at: at and np.allclose(at, [-4, 4], atol=0.1), page)
    desk.drag(desk.place(*desk.guess(first)), desk.place(2, -3))
    poll(lambda: desk.guess(first), lambda at: np.allclose(at, [2, -3], atol=0.1), page)
    assert desk.state("S.scene.handles[0].x") == SPEC.x0  # the start is no guess
    field = stage.get_by_role("spinbutton", name="x")
    expect(field).to_have_value(re.compile(r"^(2|1\.9|2\.0)"))
    field.fill("60")
    field.press("Enter")
    assert desk.guess(first)[0] < 3  # beyond the axis
    field.fill("3.25")
    field.press("Enter")
    expect_value(lambda: desk.guess(first)[0], 3.25, page)

    choice = next(i for i, one in enumerate(asked) if one.kind == "choice")
    for _ in range(choice):
        stage.get_by_role("button", name="Next question").press("Enter")
    wrong = next(i for i in range(9) if (float(i),) not in asked[choice].answers)
    words = asked[choice].choices[wrong]
    stage.get_by_role("button", name=words, exact=True).press("Enter")
    expect(stage.get_by_role("button", name=words, exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(result).to_be_hidden()
    guess = tuple(desk.guess(first))
    page.keyboard.press("Space")
    desk.expect_state("[S.guessing, S.playing]", [False, True])
    page.keyboard.press("End")
    points = score(asked[0], guess)
    off = number(100 * distance(asked[0], guess), 2)
    expect(result).to_contain_text(f"{asked[0].told} Your guess, 3.25")
    expect(result).to_contain_text(f"is off by {off} % of the window: {points} of 100.")
    expect(result).to_contain_text(f"“{words}”, is wrong: 0 of 100.")
    expect(result).to_contain_text(f"2 answered so far, {round(points / 2)} of 100 on average.")

    desk.fill("x0", "4")  # other settings: what was told is over, and another answer is sought
    expect(stage.locator(".gd-ask")).to_be_hidden()
    assert as_told(4.0) != as_told(SPEC.x0)
    desk.hide()
    desk.expect_state("S.ask.questions", as_told(4.0))
    desk.fill("x0", "3")  # or while it is hidden
    moved = as_told(3.0)
    desk.expect_state("S.ask.questions", moved)
    assert desk.state("S.guessing")
    desk.button("Go to the end").click()  # who has not guessed is told, and not counted
    expect(result).to_contain_text(moved[0]["told"])
    expect(result).not_to_contain_text("answered so far")
    settle(page)
