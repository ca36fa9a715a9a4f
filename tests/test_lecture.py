"""docs/lecture.md: each link of the lectures opens, and its page can ask what stands beside it."""

import re

from browser import ROOT
from cases import each

from gdviz.catalogue import lookup
from gdviz.cli.links import from_link

TEXT = (ROOT / "docs" / "lecture.md").read_text("utf-8")
STEP = re.compile(r"^\| (\d+) \| [^|`]+ `(\S+)` \| .+? \| (?:\*(.+)\*)? ?\|$", re.M)
LECTURES = {part.splitlines()[0]: STEP.findall(part) for part in TEXT.split("\n## ")}


def test_three_lectures_take_45_minutes_and_ask_four_times_or_more() -> None:
    found = {title: steps for title, steps in LECTURES.items() if steps}
    assert len(found) == 3 and sum(map(len, found.values())) == TEXT.count(": `/")
    for steps in found.values():
        minutes = [int(minute) for minute, _, _ in steps]
        assert minutes == sorted(minutes) and minutes[0] == 0 and 38 < minutes[-1] < 45
        assert sum(bool(asked) for _, _, asked in steps) >= 4


@each("link, asked", [(link, asked) for steps in LECTURES.values() for _, link, asked in steps])
def test_a_step_opens_and_its_question_can_be_asked(link: str, asked: str) -> None:
    spec = from_link(link).spec  # strict: an unknown or damaged field raises
    texts = [question.text for question in lookup.questions(spec)]
    assert not asked or asked in texts, texts
