"""Sympy expression to Python source that reads the same for floats, arrays and numba.

`/` and `**` are avoided: on Python floats they raise, and numpy's `**` rounds arrays and scalars
differently. Integer powers become products, quotients become `np.divide`. A float and an array then
agree to the last bit, except for views with negative steps, where numpy takes another code path.
"""

import math
from collections import Counter
from collections.abc import Sequence

import sympy as sp

Operation = tuple[str, tuple]
CALLS = {
    **{name: f"np.{name}" for name in "sin cos tan sinh cosh tanh exp log log2 log10".split()},
    **{name: f"np.{name}" for name in "sign floor ceil sqrt cbrt".split()},
    "raised": "np.power",
    "mod": "np.mod",
    **{f"a{name}": f"np.arc{name}" for name in "sin cos tan tan2 sinh cosh tanh".split()},
    "abs": "np.abs",
    "min": "np.minimum",
    "max": "np.maximum",
    **{name: name for name in ("erf", "gamma", "digamma", "trigamma")},
}
LONGEST_POWER = 4096


def function_source(name: str, symbols: Sequence[sp.Symbol], results: tuple) -> str:
    """Return `def name(x, y): ...` returning a (nested) tuple of expressions, or one of them."""
    program = Program()
    shape = program.lower_all(results)
    return program.text(name, [symbol.name for symbol in symbols], shape)


class Program:
    """Operations of several expressions, each distinct one held once.

    An operation is (operator, operands); a plain string is a variable or a number.
    """

    def __init__(self) -> None:
        self.known: dict[sp.Expr, Operation | str] = {}
        self.constants: dict[sp.Expr, bool] = {}
        self.interned: dict[tuple, Operation] = {}
        self.uses: Counter[int] = Counter()
        self.names: dict[int, str] = {}
        self.lines: list[str] = []

    def lower_all(self, results):
        """Lower a nested tuple of expressions, keeping its shape."""
        if isinstance(results, tuple):
            return [self.lower_all(result) for result in results]
        lowered = self.lower(results)
        self.use(lowered)
        return lowered

    def operation(self, operator: str, *operands: "Operation | str") -> Operation:
        """Return the one operation with this operator and these operands."""
        key = (operator, *(part if isinstance(part, str) else id(part) for part in operands))
        if key not in self.interned:
            self.interned[key] = (operator, operands)
            for part in operands:
                self.use(part)
        return self.interned[key]

    def use(self, part: "Operation | str") -> None:
        """Count a use of an operation."""
        if not isinstance(part, str):
            self.uses[id(part)] += 1

    def lower(self, expression: sp.Expr) -> "Operation | str":
        """Return the operation that computes an expression."""
        if expression not in self.known:
            self.known[expression] = self.lower_new(expression)
        return self.known[expression]

    def lower_new(self, expression: sp.Expr) -> "Operation | str":
        """Lower an expression seen for the first time."""
        if expression.is_Symbol:
            return expression.name
        if self.constant(expression):
            return literal(expression)
        if expression.is_Add:
            return self.operation("+", *(self.lower(term) for term in expression.args))
        if expression.is_Mul:
            return self.quotient(expression.args)
        if expression.is_Pow:
            return self.quotient([expression])
        return self.call(expression.func.__name__, [self.lower(part) for part in expression.args])

    def quotient(self, factors: Sequence[sp.Expr]) -> "Operation | str":
        """Lower a product, its negative constant powers gathered in one denominator."""
        above, below = [], []
        for factor in factors:
            exponent = factor.exp if factor.is_Pow else sp.Integer(1)
            if factor.is_Pow and self.constant(exponent) and exponent.is_negative:
                below.append(self.power(factor.base, -exponent))
            elif factor.is_Pow and not self.constant(factor):
                above.append(self.power(factor.base, exponent))
            else:
                above.append(self.lower(factor))
        numerator = self.product(above) if above else "1.0"
        return self.operation("np.divide", numerator, self.product(below)) if below else numerator

    def constant(self, expression: sp.Expr) -> bool:
        """Tell whether an expression holds no variable, asking each subexpression once."""
        if expression not in self.constants:
            args = expression.args
            self.constants[expression] = not expression.is_Symbol and all(map(self.constant, args))
        return self.constants[expression]

    def product(self, parts: list) -> "Operation | str":
        """Multiply lowered factors, from left to right."""
        return parts[0] if len(parts) == 1 else self.operation("*", *parts)

    def power(self, base: sp.Expr, exponent: sp.Expr) -> "Operation | str":
        """Lower a power: products for integers, square roots for halves, else np.power."""
        root = self.lower(base)
        if exponent.is_Rational and exponent.q <= 2 and 0 < exponent.p <= LONGEST_POWER:
            whole, half = divmod(exponent.p, 2) if exponent.q == 2 else (exponent.p, 0)
            parts = [self.integer_power(root, whole)] if whole else []
            return self.product(parts + [self.operation("np.sqrt", root)] * half)
        return self.operation("np.power", root, self.lower(exponent))

    def integer_power(self, root: "Operation | str", exponent: int) -> "Operation | str":
        """Multiply by repeated squaring."""
        if exponent == 1:
            return root
        half = self.integer_power(root, exponent // 2)
        square = self.operation("*", half, half)
        return self.operation("*", square, root) if exponent % 2 else square

    def call(self, name: str, arguments: list) -> "Operation | str":
        """Lower a function, the ones numpy lacks through those it has."""
        match name:
            case "heaviside":
                step = self.operation("+", "1.0", self.operation("np.sign", *arguments))
                return self.operation("*", "0.5", step)
            case "within":
                value, other = arguments
                return self.operation("+", value, self.operation("*", "0.0", other))
            case "relu":
                return self.operation("np.maximum", "0.0", *arguments)
            case "softplus":
                return self.operation("np.logaddexp", "0.0", *arguments)
            case "sigmoid":
                falling = self.operation("np.exp", self.operation("*", "-1.0", *arguments))
                return self.operation("np.divide", "1.0", self.operation("+", "1.0", falling))
        return self.operation(CALLS[name], *arguments)

    def write(self, part: "Operation | str") -> str:
        """Return the text of an operation, naming it on a line of its own if used twice."""
        if isinstance(part, str):
            return part
        if id(part) in self.names:
            return self.names[id(part)]
        operator, operands = part
        texts = [self.write(operand) for operand in operands]
        if operator in ("+", "*"):
            text = f"({f' {operator} '.join(texts)})"
        else:
            text = f"{operator}({', '.join(texts)})"
        return self.name(part, text) if self.uses[id(part)] > 1 else text

    def name(self, part: Operation, text: str) -> str:
        """Put an operation on a line of its own."""
        name = self.names[id(part)] = f"t{len(self.lines)}_"
        self.lines.append(f"    {name} = {text[1:-1] if text[0] == '(' else text}")
        return name

    def text(self, name: str, variables: list[str], shape: list | Operation | str) -> str:
        """Return the whole function."""
        result = self.tuple_text(shape)
        head = f"def {name}({', '.join(variables)}):"
        return "\n".join([head, *self.lines, f"    return {result}\n"])

    def tuple_text(self, shape: list | Operation | str) -> str:
        """Write nested lists of operations as nested tuples."""
        if isinstance(shape, list):
            return f"({', '.join(self.tuple_text(part) for part in shape)},)"
        return self.write(shape)


def literal(value: sp.Expr) -> str:
    """Write a constant as a float; what is not a finite real number is written as np.nan."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        number = math.nan
    return repr(number) if math.isfinite(number) else "np.nan"
