"""A hundred thousand update rules: each read or refused in a sentence, none run, none long."""

import ast
import sys
import time
import types
from typing import Any

import pytest
from gauge import Gauge, amounts
from rule_texts import KINDS, rule_texts

from gdviz.expressions import FormulaError
from gdviz.expressions.update_rule import MAX_MEMORIES, MAX_OPERATIONS
from gdviz.optimize import FUNCTIONS, SURFACES, descend
from gdviz.optimize.map_ends import ends
from gdviz.optimize.typed_rules import typed_rule

NODES = (ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return, ast.Tuple)
NODES += (ast.Name, ast.Load, ast.Store, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator)
NODES += (ast.unaryop, ast.Call, ast.Attribute)
ATTRIBUTES = set(
    "sin cos tan sinh cosh tanh exp log log2 log10 sqrt abs sign floor ceil cbrt square arcsin"
    " arccos arctan arctan2 arcsinh arccosh arctanh minimum maximum".split()
)
OUTSIDE = (
    "os.",
    "subprocess.",
    "socket.",
    "shutil.",
    "ctypes.",
    "pty.",
    "urllib.",
    "builtins.input",
)
watch: dict[str, Any] = {"on": False, "caught": []}


def names_of(code: types.CodeType) -> set[str]:
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*map(names_of, inner))


def audit(event: str, arguments: Any) -> None:
    """Note what runs that is no arithmetic, and what reaches outside."""
    if not watch["on"]:
        return
    if event.startswith(OUTSIDE) or event in ("open", "import"):
        watch["caught"].append((event, str(arguments)[:200]))
    # A NamedTuple is made by evaluating a line of the standard library.
    if event == "exec" and not names_of(arguments[0]) <= ATTRIBUTES | {"np", "rule", "_tuple_new"}:
        watch["caught"].append((event, names_of(arguments[0])))


sys.addaudithook(audit)


def check(text: str) -> Any:
    """Return the method or None if it was refused; fail on anything else."""
    watch["caught"].clear()
    watch["on"] = True
    try:
        made: Any = typed_rule.__wrapped__(text)
    except FormulaError as error:
        said = str(error)
        assert said.startswith("line ") and ", column " in said, (text, said)
        assert len(said) < 400 and said.isprintable(), (text, said)
        return None
    finally:
        watch["on"] = False
        assert not watch["caught"], (text, watch["caught"])
    nodes = list(ast.walk(ast.parse(made.rule_source)))
    assert all(isinstance(node, NODES) for node in nodes), text
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    assert all(isinstance(f, ast.Attribute) and f.attr in ATTRIBUTES for f in calls), text
    assert len(nodes) < 12 * MAX_OPERATIONS + 300 and len(made.state._fields) <= 4 + MAX_MEMORIES
    return made


def test_the_guard_catches_what_it_should() -> None:
    watch["on"] = True
    exec("__import__")
    watch["on"] = False
    assert watch["caught"] == [("exec", {"__import__"})]
    watch["caught"].clear()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@amounts(some=600, whole=100_000)
def test_a_rule_is_read_or_refused_and_runs(amount: int) -> None:
    # A new checkout compiles its kernels here, and not inside the gauge.
    ends(SURFACES["bowl"], [[1.0, 2.0]], "adam", steps=4)
    gauge = Gauge(amount > 10_000, megabytes=1024)
    read = 0
    for text in rule_texts(7, amount):
        with gauge.one(text):
            if check(text) is None:
                continue
            read += 1
            if read % 5 == 0:
                run = descend(FUNCTIONS["double_well"], [1.5], text, steps=4)
                many = descend(SURFACES["bowl"], [[1.0, 2.0]] * 3, text, steps=4, stop=None)
                assert run.verdict and many.x.shape[1:] == (3, 2)
            if read % 2000 == 7:  # what is compiled stays in memory for good
                assert ends(SURFACES["bowl"], [[1.0, 2.0]], text, steps=4).x.shape == (1, 2)
    assert amount * 0.08 < read < amount * 0.6, "both ways are walked"
    gauge.report("update rules")


def test_every_kind_of_text_is_made() -> None:
    made = list(rule_texts(5, 200))
    assert len(set(made)) > 150 and sum(weight for weight, _ in KINDS) == 100


def test_a_text_of_a_megabyte_is_refused_at_once() -> None:
    start = time.process_time()
    for text in ("x" * 10**6, "x = x;" * 10**5, "(" * 10**6, "\n" * 10**6, "=" * 10**6):
        assert check(text) is None
    assert time.process_time() - start < 1
