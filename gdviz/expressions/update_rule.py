"""An update rule typed as text: lines `name = expression`, read by a whitelist, never evaluated.

A line is an assignment, its right side what a formula may be. What a name is follows from the text:
`x`, `g` and `t` are given; a name set to a number is a knob; one that is read before it is computed
is a memory.
"""

import ast
import keyword
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gdviz.expressions.parse import ARITY, CONSTANTS, SHORTHANDS, parse
from gdviz.expressions.rule_arithmetic import Place, arithmetic, names_in, value_of_numbers, wrong
from gdviz.expressions.tokens import FormulaError

MAX_TEXT = 600
MAX_LINES, MAX_WIDTH = 16, 120
MAX_MEMORIES, MAX_KNOBS, MAX_OPERATIONS, MAX_DEPTH = 4, 8, 120, 40
MAX_NAME = 20
GIVEN = ("x", "g", "t")
KEPT_NAMES = {*ARITY, *SHORTHANDS, *CONSTANTS, *keyword.kwlist, *keyword.softkwlist, "np"}
LINE = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]{0,99})[ \t]*=(?!=)", re.ASCII)
CHANGED = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]{0,99})[ \t]*([-+*/])=", re.ASCII)
LETTERS = re.compile(r"[ \t]*(?!\d)\w+[ \t]*=(?!=)")  # those of other alphabets, too
LINE_BREAK = re.compile("\r\n|\r|\n")
OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Call)


class Assignment(NamedTuple):
    """A line of a rule: `name = value`, the value made of arithmetic and functions of NumPy."""

    name: str
    value: ast.expr
    place: Place


class UpdateRule(NamedTuple):
    """A rule that was read: its lines in order, its memories, its knobs to their defaults.

    A knob that no line gives a number has the default None: the caller knows its name. `places`
    are where each name first stands at the left.
    """

    lines: tuple[Assignment, ...]
    memories: tuple[str, ...]
    knobs: Mapping[str, float | None]
    places: Mapping[str, Place]


def read_rule(text: str, known: frozenset[str] = frozenset()) -> UpdateRule:
    """Read a rule; raise FormulaError, whose message is one sentence with line and column.

    Lines are parted by line breaks or `;`, and what follows `#` is skipped. `known` are knobs that
    need no line of their own.
    """
    if len(text) > MAX_TEXT:
        raise wrong(Place(1, MAX_TEXT + 1), f"the rule is too long: {MAX_TEXT} characters fit")
    pieces = list(_pieces(text))
    if not pieces:
        raise wrong(Place(1, 1), "the rule is empty; type for example x = x - lr*g")
    if len(pieces) > MAX_LINES:
        raise wrong(pieces[MAX_LINES][2], f"the rule has more than {MAX_LINES} lines")
    names = tuple(dict.fromkeys([*GIVEN, *(name for name, _, _ in pieces), *sorted(known)]))
    lines = tuple(
        Assignment(name, _value(side, names, place), place) for name, side, place in pieces
    )
    _check_size(lines)
    return _classified(lines, known)


def one_line(text: str) -> str:
    """Return a rule in one line, without what follows a `#`."""
    lines = (line.partition("#")[0].strip(" \t;") for line in LINE_BREAK.split(text))
    return "; ".join(filter(None, lines))


# --- lines ----------------------------------------------------------------------------------------


def _pieces(text: str) -> Iterator[tuple[str, str, Place]]:
    """Yield each assignment: its name, its right side behind as many blanks as stand left of it."""
    for number, whole in enumerate(LINE_BREAK.split(text), 1):
        start = 0
        for part in whole.partition("#")[0].split(";"):
            if part.strip():
                place = Place(number, start + 1 + len(part) - len(part.lstrip()))
                name, end = _target(part, place)
                yield name, " " * (start + end) + part[end:], place
            start += len(part) + 1


def _target(part: str, place: Place) -> tuple[str, int]:
    """Return the name that a line computes, and where its right side begins."""
    if changed := CHANGED.match(part):
        name, sign = changed.groups()
        raise wrong(place, f"write {_short(name)} = {_short(name)} {sign} …")
    found = LINE.match(part)
    if found is None:
        if LETTERS.match(part):
            raise wrong(place, "a name is of the letters a to z, A to Z, digits and _")
        raise wrong(place, "a line is a name, = and a formula, such as v = beta*v + g")
    name = found[1]
    if name == "t":
        raise wrong(place, "`t` counts the steps: choose another name")
    if name in KEPT_NAMES or name.startswith("_") or len(name) > MAX_NAME:
        raise wrong(place, f"`{_short(name)}` cannot be a name here: choose another one")
    return name, found.end()


def _short(name: str) -> str:
    return name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}..."


def _value(side: str, names: tuple[str, ...], place: Place) -> ast.expr:
    """Return the right side of a line as arithmetic and functions of NumPy."""
    start = Place(place.line, len(side) - len(side.lstrip()) + 1)
    if len(side.strip()) > MAX_WIDTH:
        raise wrong(start, f"the formula is longer than {MAX_WIDTH} characters: part it in two")
    if not side.strip():
        raise wrong(place, "nothing stands right of the =")
    try:
        tree = parse(side, names, MAX_TEXT)
        _check_depth(tree, 0)
        return arithmetic(tree, place.line)
    except FormulaError as error:
        said = str(error)
        if said.startswith("line"):
            raise
        if said.startswith("unknown name"):
            said += " A knob" if said.endswith("?") else "; a knob"
            said += " of your own gets its default in a line such as k = 0.5"
        told = re.search(r" \(column (\d+)\)| at column (\d+)", said)
        if told is None:
            raise wrong(start, said) from None
        column = int(told[1] or told[2])
        raise wrong(Place(place.line, column), said.replace(told[0], "", 1)) from None


def _check_depth(node: ast.AST, depth: int) -> None:
    """Refuse what nests so deeply that whoever walks it would run out of stack."""
    if depth > MAX_DEPTH:
        raise FormulaError("the line nests too deeply: compute a part of it in a line of its own")
    for child in ast.iter_child_nodes(node):
        _check_depth(child, depth + 1)


def _check_size(lines: tuple[Assignment, ...]) -> None:
    work = 0
    for line in lines:
        work += sum(isinstance(node, OPERATIONS) for node in ast.walk(line.value))
        if work > MAX_OPERATIONS:
            raise wrong(line.place, f"the rule has more than {MAX_OPERATIONS} operations")


# --- what each name is ----------------------------------------------------------------------------


def _classified(lines: tuple[Assignment, ...], known: frozenset[str]) -> UpdateRule:
    """Tell knobs, memories and the rest apart, and return the rule without its lines of knobs."""
    declared: dict[str, float] = {}
    for line in lines:
        if not names_in(line.value):
            _check_declared(line, lines)
            declared[line.name] = float(value_of_numbers(line.value))
    computed = tuple(line for line in lines if line.name not in declared)
    later = {line.name for line in computed} - set(GIVEN)
    memories: dict[str, None] = {}
    knobs: dict[str, float | None] = {}
    done = set(GIVEN)
    for line in computed:
        for name in sorted(names_in(line.value) - done):
            if name in later:
                memories[name] = None
            else:
                knobs[name] = declared.get(name)
        done.add(line.name)
    ordered = dict.fromkeys(line.name for line in computed if line.name in memories)
    told = {name: knobs[name] for name in (*declared, *sorted(known)) if name in knobs}
    places = {line.name: line.place for line in reversed(lines)}
    rule = UpdateRule(computed, tuple(ordered), told, places)
    _check_whole(rule, lines, set(declared) - set(knobs))
    return rule


def _check_declared(line: Assignment, lines: tuple[Assignment, ...]) -> None:
    if line.name in GIVEN:
        raise wrong(line.place, f"`{line.name}` cannot be set to a number")
    if sum(other.name == line.name for other in lines) > 1:
        raise wrong(
            line.place,
            f"`{line.name}` is set to a number and again: a memory starts at zero by itself, "
            "and a knob has one default",
        )


def _check_whole(rule: UpdateRule, lines: tuple[Assignment, ...], idle: set[str]) -> None:
    """Refuse a rule that moves nothing, has a knob that does nothing, or is too much."""
    last = lines[-1].place
    if "x" not in {line.name for line in rule.lines}:
        raise wrong(last, "no line computes the new x: end with one such as x = x - lr*g")
    still = _at_zero(rule)
    if still:
        raise wrong(
            rule.places[still[0]],
            f"`{still[0]}` is read before it is computed: a memory, and it never leaves "
            "zero, where it starts; choose another name for what is computed",
        )
    for line in lines:
        if line.name in idle:
            raise wrong(line.place, f"the knob `{line.name}` is never used")
    if len(rule.memories) > MAX_MEMORIES:
        name = rule.memories[MAX_MEMORIES]
        raise wrong(rule.places[name], f"the rule has more than {MAX_MEMORIES} memories")
    if len(rule.knobs) > MAX_KNOBS:
        raise wrong(last, f"the rule has more than {MAX_KNOBS} knobs")


def _at_zero(rule: UpdateRule) -> list[str]:
    """Return the memories that never leave zero, whatever x, g, t and the knobs are."""
    zeros = set(rule.memories)
    while True:
        now = set(zeros)
        for line in rule.lines:
            if _is_zero(line.value, now):
                now.add(line.name)
            else:
                now.discard(line.name)
        if zeros <= now:
            return [name for name in rule.memories if name in zeros]
        zeros &= now


def _is_zero(node: ast.expr, zeros: set[str]) -> bool:
    """Tell whether arithmetic is zero because of the names that are; what is unsure is not."""
    if isinstance(node, ast.Name):
        return node.id in zeros
    if isinstance(node, ast.UnaryOp):
        return _is_zero(node.operand, zeros)
    if not isinstance(node, ast.BinOp):
        return False
    left, right = _is_zero(node.left, zeros), _is_zero(node.right, zeros)
    if isinstance(node.op, ast.Mult):
        return left or right
    return left and (right or isinstance(node.op, ast.Div)) and not isinstance(node.op, ast.Pow)
