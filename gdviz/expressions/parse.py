"""Text to syntax tree: everything that is not plain arithmetic is refused here, in words."""

import ast
import difflib
import re
from itertools import pairwise
from typing import NamedTuple

MAX_LENGTH = 300
MAX_NESTING = 12
MAX_TOKENS = 160
MAX_EXPONENT = 64
LARGEST_NUMBER = 1e300
MAX_NAME = 20

ARITY = {
    **dict.fromkeys(("sin", "cos", "tan", "asin", "acos", "atan"), (1, 1)),
    **dict.fromkeys(("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"), (1, 1)),
    **dict.fromkeys(("exp", "log", "ln", "log2", "log10", "sqrt"), (1, 1)),
    **dict.fromkeys(("abs", "sign", "floor", "ceil", "heaviside"), (1, 1)),
    **dict.fromkeys(("erf", "gamma", "sigmoid", "softplus", "relu"), (1, 1)),
    "atan2": (2, 2),
    "min": (2, 8),
    "max": (2, 8),
}
CONSTANTS = ("pi", "e")

TOKEN = re.compile(
    r" *(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<op>\*\*|//|[-+*/^(),]))"
)
HINTS = {
    "=": "type only the right-hand side",
    "×": "write *",
    "·": "write *",
    "÷": "write /",
    "−": "write -",
    "²": "write **2",
    "³": "write **3",
    "π": "write pi",
    "√": "write sqrt(x)",
    "[": "use round brackets ( )",
    "{": "use round brackets ( )",
    "|": "write abs(x)",
    "!": "write gamma(n + 1) for a factorial",
}


class FormulaError(ValueError):
    """A formula that cannot be used; the message is one sentence for the person who typed it."""


class Token(NamedTuple):
    """A word of the formula: `kind` is number, name or op; `column` counts from 1."""

    kind: str
    text: str
    column: int


def parse(text: str, variables: tuple[str, ...], most: int = MAX_LENGTH) -> ast.expr:
    """Return the checked syntax tree of `text`; raise FormulaError with a sentence otherwise.

    The tree holds numbers, known names, + - * / **, signs and calls of known functions only,
    and every `col_offset` in it is the 1-based column in `text`. Whoever walks the tree without
    recursion can take more characters: `most`.
    """
    if len(text) > most:
        raise FormulaError(f"the formula is too long: at most {most} characters fit")
    tokens = tokenize(text)
    if not tokens:
        raise FormulaError("the formula is empty; type for example x**2 - 3*x")
    if len(tokens) > max(MAX_TOKENS, most // 2):
        raise FormulaError(f"the formula is too long: more than {MAX_TOKENS} numbers and signs")
    check_names(tokens, variables)
    check_neighbours(tokens)
    check_parentheses(tokens)
    tree = python_tree(tokens)
    check_tree(tree)
    return tree


def tokenize(text: str) -> list[Token]:
    """Split `text` into tokens; raise FormulaError at the first character outside the grammar."""
    tokens, position, end = [], len(text) - len(text.lstrip()), len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position, end)
        if match is None or match.lastgroup is None:
            raise unexpected(text, position)
        kind = match.lastgroup
        tokens.append(Token(kind, match[kind], match.start(kind) + 1))
        position = match.end()
    return tokens


def unexpected(text: str, position: int) -> FormulaError:
    """Describe the first character after `position` that is not a space."""
    while text[position] == " ":
        position += 1
    character = text[position]
    shown = f"`{character}`" if character.isprintable() else "an invisible character"
    if not character.isascii() or not character.isprintable():
        shown += f" (U+{ord(character):04X})"
    hint = HINTS.get(character, "use plain letters, digits, + - * / ** ( ) and commas")
    return FormulaError(f"{shown} at column {position + 1} is not part of a formula: {hint}")


def check_names(tokens: list[Token], variables: tuple[str, ...]) -> None:
    """Refuse names that are neither variables, constants nor functions."""
    known = {*variables, *CONSTANTS, *ARITY}
    for _, name, column in (token for token in tokens if token.kind == "name"):
        if name not in known:
            shown = name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}..."
            raise FormulaError(
                f"unknown name `{shown}` at column {column}; {suggestion(name, variables)}"
            )


def suggestion(name: str, variables: tuple[str, ...]) -> str:
    """Say what a person who typed `name` may have meant."""
    if 1 < len(name) <= MAX_NAME and all(letter in variables for letter in name):
        return f"did you mean {'*'.join(name)}?"
    known = [*variables, *CONSTANTS, *ARITY]
    close = difflib.get_close_matches(name[:MAX_NAME], known, n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else f"the variables are {', '.join(variables)}"


def check_neighbours(tokens: list[Token]) -> None:
    """Refuse missing operators and missing operands, looking at two tokens at a time."""
    start, stop = Token("op", "", 0), Token("op", "", 0)
    for left, right in pairwise([start, *tokens, stop]):
        called = left.text in ARITY and right.text == "("
        if left.text in ARITY and not called:
            raise FormulaError(
                f"`{left.text}` at column {left.column} is a function: write {left.text}(x)"
            )
        if ends_value(left) and starts_value(right) and not called:
            raise FormulaError(
                f"missing operator at column {right.column}: write {left.text[-MAX_NAME:]}*"
                f"{right.text[:MAX_NAME]} for a product"
            )
        if not ends_value(left) and not starts_value(right):
            check_operand(left, right)


def ends_value(token: Token) -> bool:
    """Tell whether a number, a name or a closing bracket stands here."""
    return token.kind != "op" or token.text == ")"


def starts_value(token: Token) -> bool:
    """Tell whether a number, a name or an opening bracket stands here."""
    return token.kind != "op" or token.text == "("


def check_operand(left: Token, right: Token) -> None:
    """Refuse two neighbouring operators unless the second is a sign or closes an empty call."""
    if right.text == "//" or left.text == "//":
        return
    if right.text in ("+", "-") or (left.text, right.text) == ("(", ")"):
        return
    if not right.text:
        raise FormulaError(f"the formula stops after `{left.text}` at column {left.column}")
    raise FormulaError(f"something is missing before `{right.text}` at column {right.column}")


def check_parentheses(tokens: list[Token]) -> None:
    """Refuse unbalanced and too deeply nested parentheses."""
    opened: list[int] = []
    for token in tokens:
        if token.text == "(":
            opened.append(token.column)
        elif token.text == ")":
            if not opened:
                raise FormulaError(f"`)` at column {token.column} closes nothing")
            opened.pop()
        if len(opened) > MAX_NESTING:
            raise FormulaError(f"parentheses nest too deeply at column {token.column}")
    if opened:
        raise FormulaError(f"`(` at column {opened[-1]} is never closed")


def python_tree(tokens: list[Token]) -> ast.expr:
    """Parse tokens with Python's own grammar, `^` read as `**`, columns as in the typed text."""
    pieces = []
    columns = {}
    offset = 0
    for kind, text, column in tokens:
        piece = "**" if text == "^" else number_text(text) if kind == "number" else text
        columns[offset] = column
        pieces.append(piece)
        offset += len(piece) + 1
    try:
        tree = ast.parse(" ".join(pieces), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError("the formula cannot be read: check its operators and commas") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset = columns.get(node.col_offset, 1)
    return tree


def number_text(text: str) -> str:
    """Write a number the way Python reads it: no leading zeros, no endless integers."""
    short = text.lstrip("0") if text.isdigit() else text
    return f"{short}.0" if len(short) > 15 and short.isdigit() else short or "0"


def check_tree(tree: ast.expr) -> None:
    """Refuse every node outside the whitelist, wrong argument counts and endless numbers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            check_call(node)
        elif isinstance(node, ast.BinOp):
            if not isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
                raise FormulaError("`//` is not part of a formula: write floor(x/y)")
        elif isinstance(node, ast.UnaryOp):
            if not isinstance(node.op, ast.UAdd | ast.USub):
                raise FormulaError(f"unexpected sign at column {node.col_offset}")
        elif isinstance(node, ast.Constant):
            check_number(node)
        elif isinstance(node, ast.expr) and not isinstance(node, ast.Name):
            raise FormulaError(
                f"unexpected comma or brackets at column {node.col_offset}: "
                f"commas only separate the arguments of a function"
            )


def check_call(node: ast.Call) -> None:
    """Refuse calls of anything but a known function with plain arguments of the right number."""
    column = node.col_offset
    if not isinstance(node.func, ast.Name) or node.func.id not in ARITY:
        raise FormulaError(f"only functions can be called: write * for a product (column {column})")
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise FormulaError(f"`{node.func.id}` at column {column} takes plain arguments only")
    least, most = ARITY[node.func.id]
    if not least <= len(node.args) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        raise FormulaError(
            f"`{node.func.id}` takes {wanted} argument{'s' * (most > 1)}, "
            f"{len(node.args)} given (column {column})"
        )


def check_number(node: ast.Constant) -> None:
    """Refuse anything but finite real numbers."""
    if type(node.value) not in (int, float):
        raise FormulaError(f"only plain numbers can stand at column {node.col_offset}")
    if abs(float(node.value)) > LARGEST_NUMBER:  # type: ignore[arg-type]
        raise FormulaError(f"the number at column {node.col_offset} is too large")
