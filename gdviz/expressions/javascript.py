"""Python that was made from a checked formula, and update rules, as JavaScript.

A formula and a rule are written once; this is their third back end, beside NumPy and the kernels.
Names get a `_` behind, as no word of JavaScript and no function of `elementary.js` has one.
"""

import ast
import textwrap

SAME = "sin cos tan sinh cosh tanh exp log log2 log10 sqrt abs sign floor ceil cbrt".split()
FUNCTIONS = {
    **{name: f"Math.{name}" for name in SAME},
    **{f"arc{name}": f"Math.a{name}" for name in "sin cos tan tan2 sinh cosh tanh".split()},
    **{"minimum": "Math.min", "maximum": "Math.max"},
    **{name: name for name in ("mod", "power", "square", "logaddexp")},
}
SPECIAL = {"erf", "gamma", "digamma"}
CALLED = ("digamma", "erf", "gamma", "logaddexp", "mod", "power", "square", "total")
OPERATORS: dict[type, str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"},
    **{ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "===", ast.NotEq: "!=="},
}


def function_script(source: str, couples: bool = False) -> str:
    """Return the first function of a Python text as a JavaScript function with the same arguments.

    One that `couples` takes whole points: its first two arguments, the memory behind the third and
    every name that it computes are lists over the coordinates. Raises `ValueError` for a line that
    has no JavaScript.
    """
    function = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(function, ast.FunctionDef)
    given = [argument.arg for argument in function.args.args]
    free = len(given) - len(function.args.defaults)
    lists = {*given[:2], *given[3:free]} if couples else set[str]()
    lines, known = [], set(given)
    for line in function.body:
        match line:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                made = _over_coordinates(value, lists, couples)
                lists |= {name} if couples else set()
                lines.append(f"{'' if name in known else 'let '}{name}_ = {made};")
                known.add(name)
            case ast.Return(value=ast.Tuple(elts=parts)):
                made = ", ".join(_over_coordinates(part, lists, couples) for part in parts)
                lines.append(f"return [{made}];")
            case ast.Return(value=ast.expr() as value):
                lines.append(f"return {_over_coordinates(value, lists, couples)};")
            case _:
                raise ValueError(f"`{ast.unparse(line)}` has no JavaScript.")
    return f"({', '.join(f'{name}_' for name in given)}) => {{ {' '.join(lines)} }}"


def _over_coordinates(node: ast.expr, lists: set[str], couples: bool) -> str:
    text = _expression(node, lists)
    return f"x_.map((_, i) => {text})" if couples else text


def _expression(node: ast.expr, lists: set[str]) -> str:
    """Return an expression; of the names in `lists` it takes coordinate i."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return repr(value)
        case ast.Name(id=name):
            return f"{name}_[i]" if name in lists else f"{name}_"
        case ast.Attribute(attr="nan"):
            return "NaN"
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return f"(-{_expression(inner, lists)})"
        case ast.BinOp(left=left, op=operator, right=right):
            return _operation(operator, _expression(left, lists), _expression(right, lists))
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _operation(operator, _expression(left, lists), _expression(right, lists))
        case ast.Call(func=function, args=arguments):
            texts = [_expression(argument, lists) for argument in arguments]
            return _call(ast.unparse(function).removeprefix("np."), texts)
    raise ValueError(f"`{ast.unparse(node)}` has no JavaScript.")


def _operation(operator: ast.operator | ast.cmpop, left: str, right: str) -> str:
    """Return an operation; JavaScript's own power and remainder differ from Python's."""
    if isinstance(operator, ast.Pow | ast.Mod):
        return f"{'power' if isinstance(operator, ast.Pow) else 'mod'}({left}, {right})"
    return f"({left} {OPERATORS[type(operator)]} {right})"


def _call(name: str, arguments: list[str]) -> str:
    match name, arguments:
        case "divide", [above, below]:
            return f"({above} / {below})"
        case "where", [condition, yes, no]:
            return f"({condition} ? {yes} : {no})"
        case "total", [term]:
            return f"total(x_.length, (i) => {term})"
        case "average", [term]:
            return f"(total(x_.length, (i) => {term}) / x_.length)"
    if name not in SPECIAL and name not in FUNCTIONS:
        raise ValueError(f"`{name}` has no JavaScript.")
    return f"{FUNCTIONS.get(name, name)}({', '.join(arguments)})"
