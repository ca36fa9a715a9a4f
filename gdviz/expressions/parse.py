"""Text to syntax tree: everything that is not plain arithmetic is refused here, in words."""

import ast
import difflib
from itertools import pairwise
from typing import Any

from gdviz.expressions.spelling import NAME_HINTS, known_name
from gdviz.expressions.tokens import FormulaError, Token, tokenize

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
    "cbrt": (1, 1),
    "atan2": (2, 2),
    "mod": (2, 2),
    "min": (2, 8),
    "max": (2, 8),
}
CONSTANTS = ("pi", "e")
POWERS = {"**", "^"}
SHORTHANDS = {"cot": 1, "sec": 1, "csc": 1, "pow": 2}  # written out: 1/tan(x), x**y
FUNCTIONS = {name: least for name, (least, _) in ARITY.items()} | SHORTHANDS  # and of how many
POINT = "a decimal number is written with a point, 1.5"


def parse(text: str, variables: tuple[str, ...], most: int = MAX_LENGTH) -> ast.expr:
    """Return the checked syntax tree of `text`; raise FormulaError with a sentence otherwise.

    The tree holds numbers, known names, + - * / **, signs and calls of known functions only,
    and every `col_offset` in it is the 1-based column in `text`. Whoever walks the tree without
    recursion can take more characters: `most`.
    """
    if len(text) > most:
        raise FormulaError(f"the formula is too long: at most {most} characters fit")
    known = {*variables, *CONSTANTS, *FUNCTIONS}
    tokens = [
        token._replace(text=known_name(token.text, known)) if token.kind == "name" else token
        for token in tokenize(text)
    ]
    if not tokens:
        raise FormulaError("the formula is empty; type for example x**2 - 3*x")
    if len(tokens) > max(MAX_TOKENS, most // 2):
        raise FormulaError(f"the formula is too long: more than {MAX_TOKENS} numbers and signs")
    check_names(tokens, variables)
    check_neighbours(tokens, text)
    check_parentheses(tokens)
    tree = python_tree(tokens)
    check_tree(tree)
    return written_in_full(tree) if any(t.text in SHORTHANDS for t in tokens) else tree


def check_names(tokens: list[Token], variables: tuple[str, ...]) -> None:
    """Refuse names that are neither variables, constants nor functions."""
    known = {*variables, *CONSTANTS, *FUNCTIONS}
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
    if name.lower() in NAME_HINTS:
        return NAME_HINTS[name.lower()]
    known = [*variables, *CONSTANTS, *FUNCTIONS]
    close = difflib.get_close_matches(name[:MAX_NAME], known, n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else f"the variables are {', '.join(variables)}"


def check_neighbours(tokens: list[Token], text: str) -> None:
    """Refuse missing operators and missing operands, looking at two tokens at a time."""
    start, stop = Token("op", "", 0), Token("op", "", 0)
    for k, (left, right) in enumerate(pairwise([start, *tokens, stop])):
        called = left.text in FUNCTIONS and right.text == "("
        if left.text in FUNCTIONS and not called:
            raise FormulaError(
                f"`{left.text}` at column {left.column} is a function: "
                f"write {_as_call(left.text, right)}"
            )
        after = tokens[k + 1] if k + 1 < len(tokens) else stop
        is_bare = right.text in FUNCTIONS and after.text != "("
        if ends_value(left) and starts_value(right) and not (called or is_bare):
            raise FormulaError(
                f"missing operator at column {right.column}: write "
                f"{_as_product(tokens, k, text)} for a product"
            )
        if not ends_value(left) and not starts_value(right):
            check_operand(left, right)


def _as_call(name: str, after: Token) -> str:
    """Return how a function is written that stands without brackets."""
    if FUNCTIONS[name] == 2:
        return f"{name}(x, y)"
    return f"{name}(x)**2 for its square" if after.text in POWERS else f"{name}(x)"


def _as_product(tokens: list[Token], k: int, text: str) -> str:
    """Return the factors that meet before token k as they were typed, with a star between them."""
    first, last = k - 1, k
    while first > 1 and POWERS & {tokens[first - 1].text, tokens[first - 2].text}:
        first -= 2 if tokens[first - 1].text in POWERS else 3
    while last + 2 < len(tokens) and tokens[last + 1].text in POWERS:
        last += 2 if tokens[last + 2].kind != "op" else 3
    start, cut = tokens[first].column - 1, tokens[k].column - 1
    end = tokens[last + 1].column - 1 if last + 1 < len(tokens) else len(text)
    before, after = (" ".join(part.split()) for part in (text[start:cut], text[cut:end]))
    before = f"(…{before}" if before.startswith(")") else before
    after = f"{after}(…)" if tokens[k].text in FUNCTIONS else after
    return f"{before[-MAX_NAME:]}*{after[:MAX_NAME]}"


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
                f"unexpected comma or brackets at column {node.col_offset}: commas only separate "
                f"the arguments of a function; {POINT}"
            )


def check_call(node: ast.Call) -> None:
    """Refuse calls of anything but a known function with plain arguments of the right number."""
    column = node.col_offset
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        raise FormulaError(f"only functions can be called: write * for a product (column {column})")
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise FormulaError(f"`{node.func.id}` at column {column} takes plain arguments only")
    name = node.func.id
    least, most = ARITY[name] if name in ARITY else (SHORTHANDS[name],) * 2
    if not least <= len(node.args) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        point = f"; {POINT}" if len(node.args) > most and _looks_decimal(node) else ""
        raise FormulaError(
            f"`{name}` takes {wanted} argument{'s' * (most > 1)}, "
            f"{len(node.args)} given (column {column}){point}"
        )


def _looks_decimal(node: ast.Call) -> bool:
    """Tell whether a whole number stands before a comma: sin(1,5*x)."""
    return any(isinstance(a, ast.Constant) and isinstance(a.value, int) for a in node.args[:-1])


def written_in_full(tree: ast.expr) -> ast.expr:
    """Write the shorthands out, each at its own column: cot(x) as 1/tan(x), pow(x, y) as x**y.

    Without recursion, for a tree may be as deep as its text is long.
    """
    whole = ast.Expression(tree)
    parents = [node for node in ast.walk(whole) if isinstance(node, ast.expr | ast.Expression)]
    for node in reversed(parents):  # what is deep comes first
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                value[:] = [longhand(item) for item in value]
            else:
                setattr(node, field, longhand(value))
    return whole.body


def longhand(node: Any) -> Any:
    """Return what a call of a shorthand is short for, and anything else as it is."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return node
    name = node.func.id
    at: dict[str, Any] = {"col_offset": node.col_offset}
    if name == "pow":
        return ast.BinOp(node.args[0], ast.Pow(), node.args[1], **at)
    if name not in SHORTHANDS:
        return node
    inverse = {"cot": "tan", "sec": "cos", "csc": "sin"}[name]
    below = ast.Call(ast.Name(inverse, ast.Load(), **at), node.args, [], **at)
    return ast.BinOp(ast.Constant(1, **at), ast.Div(), below, **at)


def check_number(node: ast.Constant) -> None:
    """Refuse anything but finite real numbers."""
    if type(node.value) not in (int, float):
        raise FormulaError(f"only plain numbers can stand at column {node.col_offset}")
    if abs(float(node.value)) > LARGEST_NUMBER:  # type: ignore[arg-type]
        raise FormulaError(f"the number at column {node.col_offset} is too large")
