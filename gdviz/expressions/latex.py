"""LaTeX of a formula as it was typed: nothing is reordered, folded or simplified."""

import ast

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega"
).split()
OPERATORS = {
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "gamma": r"\Gamma",
    "digamma": r"\psi",
    "trigamma": r"\psi'",
    "heaviside": r"H",
    "sigmoid": r"\sigma",
    "log2": r"\log_{2}",
    "log10": r"\log_{10}",
    "log": r"\ln",
    **{name: rf"\{name}" for name in "sin cos tan sinh cosh tanh ln min max".split()},
}
BRACKETS = {
    "abs": r"\left|%s\right|",
    "floor": r"\left\lfloor %s\right\rfloor",
    "ceil": r"\left\lceil %s\right\rceil",
    "sqrt": r"\sqrt{%s}",
    "cbrt": r"\sqrt[3]{%s}",
    "exp": r"e^{%s}",
}
SUM, PRODUCT, POWER, ATOM = range(4)


def latex_of_typed(node: ast.expr) -> str:
    """Return the LaTeX of a checked syntax tree."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return number(float(value))
        case ast.Name(id=name):
            return symbol(name)
        case ast.UnaryOp(op=op, operand=operand):
            return ("- " if isinstance(op, ast.USub) else "+ ") + latex_inside(operand, PRODUCT)
        case ast.Call(func=ast.Name(id=name), args=args):
            return call(name, ", ".join(latex_of_typed(argument) for argument in args))
        case ast.BinOp(left=left, op=op, right=right):
            return binary(left, op, right)
    raise TypeError(type(node).__name__)


def number(value: float) -> str:
    """Write a float with at most six digits: 3, 0.25, 2.5 \\cdot 10^{-7}."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def symbol(name: str) -> str:
    """Write a name: Greek letters by name, trailing digits as an index."""
    stem = name.rstrip("0123456789")
    index = name[len(stem) :]
    stem = stem.removesuffix("_").replace("_", r"\_")
    letter = rf"\{stem}" if stem in GREEK else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    return f"{letter}_{{{index}}}" if index else letter


def call(name: str, arguments: str, power: str = "") -> str:
    """Write a function of already written arguments; `power` goes between name and bracket."""
    if name == "raised":
        base, _, exponent = arguments.partition(", ")
        written = rf"\left({base}\right)^{{{exponent}}}"
        return rf"\left({written}\right){power}" if power else written
    if name in BRACKETS:
        written = BRACKETS[name] % arguments
        return (
            rf"\left({written}\right){power}"
            if power and name in ("exp", "cbrt")
            else written + power
        )
    operator = OPERATORS.get(name, rf"\operatorname{{{name}}}")
    return rf"{operator}{power}\left({arguments}\right)"


def binary(left: ast.expr, op: ast.operator, right: ast.expr) -> str:
    """Write a sum, a product, a fraction or a power."""
    if isinstance(op, ast.Div):
        return fraction(left, latex_of_typed(right))
    if isinstance(op, ast.Pow):
        return power(left, latex_of_typed(right))
    if isinstance(op, ast.Mult):
        first, second = latex_inside(left, PRODUCT, leading=True), latex_inside(right, PRODUCT)
        dot = r" \cdot " if second[0].isdigit() or second.startswith(r"\frac{") else " "
        return f"{first}{dot}{second}"
    sign = "+" if isinstance(op, ast.Add) else "-"
    return f"{latex_inside(left, SUM, leading=True)} {sign} {latex_inside(right, PRODUCT)}"


def fraction(above: ast.expr, below: str) -> str:
    """Write a fraction, the sign of -x/2 before it."""
    if isinstance(above, ast.UnaryOp) and isinstance(above.op, ast.USub):
        return "- " + fraction(above.operand, below)
    return rf"\frac{{{latex_of_typed(above)}}}{{{below}}}"


def power(base: ast.expr, exponent: str) -> str:
    """Write a power; sin(x)**2 becomes \\sin^{2}(x)."""
    if isinstance(base, ast.Call) and isinstance(base.func, ast.Name):
        arguments = ", ".join(latex_of_typed(argument) for argument in base.args)
        return call(base.func.id, arguments, f"^{{{exponent}}}")
    return f"{latex_inside(base, ATOM)}^{{{exponent}}}"


def latex_inside(node: ast.expr, level: int, leading: bool = False) -> str:
    """Write an operand, in brackets if it binds too loosely or puts a sign after an operator."""
    text = latex_of_typed(node)
    signed = text[0] in "+-" and not leading
    return rf"\left({text}\right)" if signed or binding(node) < level else text


def binding(node: ast.expr) -> int:
    """Return how tightly the top of a tree binds."""
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return SUM
        case ast.BinOp(op=ast.Pow() | ast.Div()):
            return POWER
        case ast.UnaryOp() | ast.BinOp():
            return PRODUCT
    return ATOM
