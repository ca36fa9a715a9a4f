"""A pitfall: a mistake of a tutorial as a short program, and the program that is right."""

import re
import warnings
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files
from string import ascii_lowercase
from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached

_ROW = re.compile(r"^## (?P<row>\w+) · (?P<title>.+)$", re.M)
_CODE = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
_SETTING = re.compile(r"^Setting: (.+)$", re.M)
# What SciPy warns of in a wrong program is its point, and nothing for the log of the server.
warnings.filterwarnings("ignore", module=r"pitfall\Z")


class Pitfall(NamedTuple):
    """A row: what goes wrong, and what is right, each a program that prints its figures.

    `wrong` is empty where the tutorial is right. `setting` is a preset of the page, or a query,
    that shows it there; it is empty where no setting of the page does.
    """

    row: str
    title: str
    why: str
    wrong: str
    right: str
    setting: str = ""

    @property
    def slide(self) -> int:
        """The number of the slide that it is from.

        >>> Pitfall("13f", "", "", "", "").slide
        13
        """
        return int(self.row.rstrip(ascii_lowercase))


@lru_cache(maxsize=32)
def read_pitfalls(package: str) -> tuple[Pitfall, ...]:
    """Return the rows that a topic's `pitfalls.md` tells; a room may have none."""
    file = files(package).joinpath("pitfalls.md")
    return rows_in(file.read_text("utf-8")) if file.is_file() else ()


def rows_in(text: str) -> tuple[Pitfall, ...]:
    """Return the rows of a text: a heading, the reason, the setting, and one program or two."""
    heads = list(_ROW.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return tuple(
        _row(head["row"], head["title"], text[head.end() : end])
        for head, end in zip(heads, ends, strict=True)
    )


def _row(row: str, title: str, body: str) -> Pitfall:
    *wrong, right = _CODE.findall(body)
    setting = _SETTING.search(body)
    why = " ".join(_SETTING.sub("", _CODE.sub("", body)).split())
    return Pitfall(row, title, why, "".join(wrong), right, setting[1] if setting else "")


def lines_that_differ(one: str, other: str) -> tuple[list[int], list[int]]:
    """Return the numbers of the lines of each program that the other one does not have.

    >>> lines_that_differ("1\\n2", "1\\n3\\n4")
    ([2], [2, 3])
    """
    left, right = one.splitlines(), other.splitlines()
    changed = [
        move
        for move in SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
        if move[0] != "equal"
    ]
    ours = [k + 1 for _, a, b, _, _ in changed for k in range(a, b) if left[k].strip()]
    theirs = [k + 1 for _, _, _, a, b in changed for k in range(a, b) if right[k].strip()]
    return ours, theirs


@cached
def output_of(program: str) -> str:
    """Return what a program of a pitfall prints, and the error that ends it.

    It is ours, so it is run as it stands; nothing of a visitor ever comes here.
    """
    lines: list[str] = []

    def print_line(*values: Any) -> None:
        lines.append(" ".join(map(str, values)))

    try:
        with np.errstate(all="ignore"):
            exec(
                compile(program, "<pitfall>", "exec"), {"__name__": "pitfall", "print": print_line}
            )
    except Exception as error:  # whichever it is, it is what the reader would see
        lines.append(f"{type(error).__name__}: {error}")
    return "\n".join(lines)
