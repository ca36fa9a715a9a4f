"""Every regular expression of the package takes time in proportion to the text it looks at."""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import gdviz
from gdviz.learn.numerals import LONGEST, NumeralStyle, _pattern, taken_apart

ROOT = Path(gdviz.__file__).parent
METHODS = ("fullmatch", "match", "search", "sub", "findall", "finditer", "split")
# Patterns that see only what the project itself has written.
OWN = {"export/fonts.py", "kernels/batched_descent.py", "figures/thumbnail.py"}
SMALL, FACTOR = 500, 8
MOST = 3.0  # times more than in proportion: a square would be FACTOR times more
SHORT = 4e-3  # seconds of the processor: below it the clock decides
ATOMS = ["1", "1.", "1,111", " ", "\n", "a1", "a_", "-", "/a", "<", "`", "(", "[{", ".a"]
ENDS = ["", "x", "\x00"]


class Use(NamedTuple):
    """A pattern, and how a module applies it."""

    where: str
    method: str
    pattern: re.Pattern[str]


def uses() -> Iterator[Use]:
    """Yield every pattern of the package with each method that is called on it."""
    for file in sorted(ROOT.rglob("*.py")):
        name, text = str(file.relative_to(ROOT)), file.read_text("utf-8")
        if "import re\n" not in text and "from re " not in text:
            continue
        tree = ast.parse(text)
        named = _named_patterns(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or node.attr not in METHODS:
                continue
            if isinstance(node.value, ast.Name) and node.value.id in named:
                module = importlib.import_module(_module(file))
                yield Use(name, node.attr, getattr(module, node.value.id))
        yield from (Use(name, *found) for found in _literals(tree))


def _module(file: Path) -> str:
    return ".".join(["gdviz", *file.relative_to(ROOT).with_suffix("").parts])


def _named_patterns(tree: ast.Module) -> set[str]:
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and "re.compile" in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _literals(tree: ast.Module) -> Iterator[tuple[str, re.Pattern[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            home, method, first = node.func.value, node.func.attr, node.args[0]
            of_re = isinstance(home, ast.Name) and home.id == "re" and method in METHODS
            if of_re and isinstance(first, ast.Constant):
                yield method, re.compile(first.value)


def seconds(work: Callable[[], Any]) -> float:
    """Return the least time of the processor of three, or the first that is short."""
    least = np.inf
    for _ in range(3):
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
        if least < SHORT:
            break
    return least


def applied(use: Use, words: str) -> Callable[[], Any]:
    text = words if isinstance(use.pattern.pattern, str) else words.encode()
    if use.method == "sub":
        return lambda: use.pattern.sub(text[:0], text)
    if use.method == "finditer":
        return lambda: list(use.pattern.finditer(text))
    return lambda: getattr(use.pattern, use.method)(text)


def growth(make: Callable[[int], Callable[[], Any]]) -> float:
    """Return how many times more than in proportion a longer text costs."""
    long = seconds(make(SMALL * FACTOR))
    if long < SHORT:
        return 1.0
    return long / max(seconds(make(SMALL)), SHORT / FACTOR) / FACTOR


@cache
def uses_of_visitors() -> list[Use]:
    """Return the uses of patterns that see what a visitor wrote."""
    return [use for use in uses() if use.where not in OWN]


def assert_linear(use: Use) -> None:
    for atom in ATOMS:
        for end in ENDS:
            grown = growth(lambda n, a=atom, e=end: applied(use, a * (n // len(a)) + e))
            assert grown < MOST, f"{use}: {atom!r} … {end!r} grows {grown:.1f} times too fast"


def test_the_patterns_are_found() -> None:
    where = {use.where for use in uses_of_visitors()}
    assert {"learn/numerals.py", "learn/headers.py", "ui/controls.py"} <= where
    assert len(uses_of_visitors()) > 15


def test_every_pattern_is_linear() -> None:
    for use in uses_of_visitors():
        assert_linear(use)
    for style in [NumeralStyle(d, t) for d in ".," for t in (None, "", " ")]:
        assert_linear(Use("learn/numerals.py", "fullmatch", _pattern(style)))


def test_a_long_cell_reaches_no_pattern() -> None:
    assert taken_apart("1" * LONGEST) is not None and taken_apart("1" * (LONGEST + 1)) is None


def test_a_square_would_be_seen() -> None:
    """The pattern that once stalled a server: two ways to share a run of digits."""
    old = Use("", "fullmatch", re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"))
    assert growth(lambda n: applied(old, "1" * n + "x")) > MOST
