"""An update rule typed as text is a method like ours, to the last bit, on every road."""

import contextlib
import inspect
import io
import pickle
import re
from typing import Any

import numpy as np
import pytest
from browser import ROOT
from cases import NO_WARNINGS, each

from gdviz.expressions import FormulaError, formula
from gdviz.expressions.parse import ARITY
from gdviz.expressions.update_rule import MAX_KNOBS, MAX_LINES, MAX_MEMORIES, MAX_TEXT, read_rule
from gdviz.kernels import block_kernels
from gdviz.kernels.compile_cache import CompileBudget
from gdviz.knobs import knobs, validate
from gdviz.optimize import FUNCTIONS, LABELS, METHODS, SURFACES, descend, maps, race
from gdviz.optimize.map_ends import compiles, ends
from gdviz.optimize.racing import conditions
from gdviz.optimize.typed_rules import (
    KNOWN,
    OTHERS,
    RULE_EXAMPLES,
    RULE_LABEL,
    RULE_TEXT,
    rule_name,
    typed_rule,
)
from gdviz.optimize.walkthrough import walkthrough

pytestmark = NO_WARNINGS

# Methods of ours, each once more as its paper would be typed.
OURS = {
    "gd": "x = x - lr*g",
    "heavy_ball": "v = momentum*v + g; x = x - lr*v",
    "nesterov": "v = momentum*v + g; x = x - lr*(g + momentum*v)",
    "signsgd": "lr = 0.01; x = x - lr*sign(g)",
    "adagrad": "eps = 1e-10; v = v + g^2; x = x - lr*g/(sqrt(v) + eps)",
    "adadelta": "lr = 1; eps = 1e-6\n"
    "v = rho*v + (1 - rho)*g*g\n"
    "delta = sqrt(u + eps)/sqrt(v + eps)*g\n"
    "u = rho*u + (1 - rho)*delta*delta\n"
    "x = x - lr*delta",
    "lion": "lr = 0.01; beta2 = 0.99\n"
    "x = x - lr*(sign(beta1*m + (1 - beta1)*g) + weight_decay*x)\n"
    "m = beta2*m + (1 - beta2)*g",
    "adam": RULE_EXAMPLES["Adam"],
    "adamw": "weight_decay = 0.01\n"
    "m = beta1*m + (1 - beta1)*g\n"
    "v = beta2*v + (1 - beta2)*g*g\n"
    "m_hat = m/(1 - beta1**t)\n"
    "x = x*(1 - lr*weight_decay) - lr*m_hat/(sqrt(v/(1 - beta2**t)) + eps)",
    "amsgrad": "m = beta1*m + (1 - beta1)*g; v = beta2*v + (1 - beta2)*g*g\n"
    "top = max(top, v)\n"
    "m_hat = m/(1 - beta1**t)\n"
    "x = x - lr*m_hat/(sqrt(top/(1 - beta2**t)) + eps)",
}


def same_bits(a: Any, b: Any, fields: Any) -> None:
    for name, other in fields:
        one, two = np.asarray(getattr(a.trace, name)), np.asarray(getattr(b.trace, other))
        assert one.dtype == two.dtype and one.tobytes() == two.tobytes(), name


def paired(method: str, text: str) -> list[tuple[str, str]]:
    """Return the fields of both states that hold the same, by their order."""
    ours: Any = METHODS[method]
    typed: Any = METHODS[text]
    return list(zip(ours.state._fields, typed.state._fields, strict=True))


@each("method, text", OURS.items())
def test_a_typed_rule_is_the_method_to_the_last_bit_on_all_three_roads(method: str, text: str):
    pairs, rules = paired(method, text), {"steps": 500 if method == "adam" else 40, "stop": None}
    for name in ("double_well", "wavy"):  # plain floats
        start = [FUNCTIONS[name].start[0]]
        both = [descend(FUNCTIONS[name], start, n, **rules, lr=0.02) for n in (method, text)]
        assert type(both[1].x[-1, 0]) is np.float64 and both[0].verdict == both[1].verdict
        same_bits(*both, pairs)
    starts = np.random.default_rng(1).normal(size=(4, 2))
    for name in ("himmelblau", "rosenbrock", "three_hump_camel"):
        place = SURFACES[name]
        both = [descend(place, starts, n, **rules, lr=1e-3) for n in (method, text)]  # NumPy
        same_bits(*both, pairs)
        around = {"noise": 0.3, "schedule": "cosine", "clip": 2.0, **rules}
        entries = {method: {"lr": 1e-3}, text: {"lr": 1e-3}}
        both = list(race(place, starts[0], entries, **around).values())  # compiled
        same_bits(*both, pairs)
        found = [ends(place, starts, n, steps=rules["steps"], lr=1e-3) for n in (method, text)]
        assert found[0].x.tobytes() == found[1].x.tobytes()


@each("label, text", RULE_EXAMPLES.items())
def test_the_roads_agree_on_the_examples(label: str, text: str):
    text, place = rule_name(text), SURFACES["himmelblau"]
    assert compiles(place, text) and LABELS[text] == RULE_LABEL
    compiled = race(place, [1.0, 2.0], {text: {}}, steps=60, stop=None)[text]
    plain = descend(place, [1.0, 2.0], text, steps=60, stop=None)
    np.testing.assert_allclose(compiled.x, plain.x, rtol=1e-9)
    single = descend(FUNCTIONS["parabola"], [1.5], text, steps=60, stop=None)
    batch = descend(FUNCTIONS["parabola"], [[1.5]], text, steps=60, stop=None)
    np.testing.assert_allclose(single.x, batch.x[:, 0], rtol=1e-9)


FUNCTIONS_OF_RULES = [name for name in ARITY if name not in ("erf", "gamma", "mod", "softplus")]


def arguments(name: str, variable: str) -> str:
    """Return arguments at which a function has a value, whatever the variable."""
    if ARITY[name][0] == 2:
        return f"abs({variable})/9, 0.3*{variable}"
    inside = f"tanh({variable})/2"
    return f"1 + abs({variable})" if name == "acosh" else f"abs({inside}) + 0.1"


def test_every_function_of_rules_has_its_value_on_all_roads():
    """The values are those of formulas, which have tests of their own."""
    place, start = SURFACES["bowl"], SURFACES["bowl"].start
    for some in batched(FUNCTIONS_OF_RULES, MAX_MEMORIES):
        kept = dict(zip("muvw", some, strict=False))
        lines = [f"{at} = {at} + {name}({arguments(name, 'g')})" for at, name in kept.items()]
        text = "; ".join([*lines, f"x = x - lr*({' + '.join(kept)})/90"])
        first = descend(place, start, text, steps=1, stop=None)
        for at, name in kept.items():
            value = formula(f"{name}({arguments(name, 'x')})").value(first.grad[0])
            np.testing.assert_allclose(getattr(first, at)[1], value, rtol=1e-12, err_msg=name)
        compiled = race(place, start, {text: {}}, steps=20, stop=None)[text]
        plain = descend(place, start, text, steps=20, stop=None)
        np.testing.assert_allclose(compiled.x, plain.x, rtol=1e-9, err_msg=text)


def batched(names: list[str], most: int) -> list[list[str]]:
    return [names[i : i + most] for i in range(0, len(names), most)]


def test_functions_that_rules_do_not_have_are_refused():
    for name in set(ARITY) - set(FUNCTIONS_OF_RULES):
        given = ", ".join("gg"[: ARITY[name][0]])
        with pytest.raises(
            FormulaError, match=f"column 9: `{name}` is no function of update rules"
        ):
            typed_rule(f"x = x - {name}({given})")


# --- what a text says ---------------------------------------------------------------------------


@each(
    "text, says",
    [
        ("", "line 1, column 1: the rule is empty; type for example x = x - lr*g"),
        ("x - lr*g", "line 1, column 1: a line is a name, = and a formula"),
        ("x = x - lr*g\n\n  v == 3", "line 3, column 3: a line is a name, = and a formula"),
        ("x -= lr*g", "line 1, column 1: write x = x - …"),
        ("x = x - lr*g; v = ", "line 1, column 15: nothing stands right of the ="),
        ("x = x - lr g", "line 1, column 12: missing operator: write lr*g for a product"),
        ("# a plan\nx = x - lamda*g", "line 2, column 9: unknown name `lamda`"),
        ("v = v + g\nx = x - lr*(v", "line 2, column 12: `(` is never closed"),
        ("x = x - 1e301*g", "line 1, column 9: the number is too large"),
        ("x = x - 9**9**9*g", "line 1, column 9: this has no value, or one that is too large"),
        ("k = 1/0; x = x - k*g", "line 1, column 5: this has no value"),
        ("x = x - lr*__import__('os')", "is not part of a formula"),
        ("x = x.real", "line 1, column 6: `.` is not part of a formula"),
        ("x = x - lr*g if t else x", "line 1, column 14: unknown name `if`"),
        ("for = 3; x = x", "line 1, column 1: `for` cannot be a name here"),
        ("_x = 3; x = x", "line 1, column 1: `_x` cannot be a name here"),
        ("pi = 3; x = x", "line 1, column 1: `pi` cannot be a name here"),
        ("t = t + 1; x = x", "line 1, column 1: `t` counts the steps"),
        ("x = 3", "line 1, column 1: `x` cannot be set to a number"),
        ("v = g", "line 1, column 1: no line computes the new x"),
        ("v = 0\nv = v + g\nx = x - v", "line 1, column 1: `v` is set to a number and again"),
        ("k = 2; x = x - lr*g", "line 1, column 1: the knob `k` is never used"),
        ("beta = 1; x = x*beta", "line 1, column 1: β = 1 lies outside 0 to 0.999"),
        ("seed = 1; x = x*seed", "line 1, column 1: `seed` cannot be the name of a knob"),
        ("tried = tried + g; x = x - tried", "`tried` cannot be the name of a memory"),
        ("lr = lr*0.99; x = x - lr*g", "line 1, column 1: `lr` is read before it is computed"),
        ("u = t; v = u*v; x = x - v - g", "column 8: `v` is read before it is computed"),
        ("β = 0.9; x = x - lr*g", "a name is of the letters a to z"),
        ("f = f + g; x = x - f", "line 1, column 1: `f` cannot be the name of a memory"),
        ("x = x" + " " * MAX_TEXT, f"column {MAX_TEXT + 1}: the rule is too long"),
        ("x = x" + " - g" * 40, "line 1, column 5: the formula is longer than"),
        ("x = " + "-" * 60 + "x", "line 1, column 5: the line nests too deeply"),
        ("x = x - g; " * (MAX_LINES + 1), f"the rule has more than {MAX_LINES} lines"),
        (
            "; ".join([f"m{i} = m{i} + g" for i in range(MAX_MEMORIES + 1)] + ["x = x - lr*g"]),
            f"the rule has more than {MAX_MEMORIES} memories",
        ),
        (
            "; ".join(f"k{i} = {i}" for i in range(MAX_KNOBS + 1))
            + "; x = x"
            + "".join(f" - k{i}" for i in range(MAX_KNOBS + 1)),
            f"the rule has more than {MAX_KNOBS} knobs",
        ),
        (
            "\n".join(["x = x - g*g*g*g*g*g*g*g*g*g*g*g"] * 12),
            "line 11, column 1: the rule has more",
        ),
    ],
)
def test_an_error_is_a_sentence_with_line_and_column(text: str, says: str):
    with pytest.raises(FormulaError) as error:
        typed_rule(text)
    said = str(error.value)
    assert says in said and said.startswith("line ") and said.isprintable(), said


def test_a_memory_that_may_leave_zero_is_one() -> None:
    for line in ("m = m + 1", "m = m**0*m + g", "m = max(m, g)", "m = (m + t)/t", "m = cos(m)"):
        assert read_rule(f"{line}; x = x - lr*m", frozenset(KNOWN)).memories == ("m",)


def test_no_knob_has_the_name_of_what_its_runs_are_asked():
    """Else a setting of the run would be the value of the knob."""
    for asked in (descend, ends, maps.basins, maps.rate_map, maps.bifurcation, METHODS["cma_es"]):
        for name in set(inspect.signature(asked).parameters) - {"hyper", "sigma"}:
            with pytest.raises(FormulaError, match="cannot be"):
                typed_rule(f"{name} = 2; x = x - {name}*g")


def test_what_a_name_is_follows_from_the_text():
    read = read_rule(
        "k = 1/4  # a share\nd = g - old; old = g\nm = k*m + d\nx = x - lr*m", frozenset(KNOWN)
    )
    assert read.memories == ("old", "m")
    assert dict(read.knobs) == {"k": 0.25, "lr": None}
    declared = knobs(typed_rule("k = 1/4; lr = 0.5; x = x - k*lr*g"))
    assert {name: knob.default for name, knob in declared.items()} == {"lr": 0.5, "k": 0.25}
    assert all(validate(knob, knob.default) == knob.default for knob in declared.values())


def test_the_bounds_of_a_knob_are_finite_and_hold_its_default():
    for text, value in (("1e300*1e8", 1e308), ("-1e300*1e8", -1e308), ("0", 0.0), ("1e-9", 1e-9)):
        knob = knobs(typed_rule(f"k = {text}; x = x - lr*k*g"))["k"]
        assert knob.default == pytest.approx(value) and np.isfinite(knob.kind[:2]).all()
        assert validate(knob, knob.default) == knob.default


def test_rules_that_differ_in_defaults_share_what_is_compiled():
    one, two = (typed_rule(f"k = {k}; x = x - k*lr*g").__wrapped__ for k in (2, 3))  # type: ignore[attr-defined]
    assert block_kernels.rule_kernel(one, 0) is block_kernels.rule_kernel(two, 0)


def test_a_typed_rule_counts_against_the_budget_and_runs_without(monkeypatch: Any):
    text, place = "x = x - lr*g/(1 + abs(g))", SURFACES["himmelblau"]
    before = race(place, [1.0, 2.0], {text: {}}, steps=40)[text]
    monkeypatch.setattr(block_kernels, "TYPED", CompileBudget(0))
    assert not compiles(place, text) and compiles(place, "adam")
    after = race(place, [1.0, 2.0], {text: {}}, steps=40)[text]
    np.testing.assert_allclose(before.x, after.x, rtol=1e-12)
    assert before.verdict == after.verdict


@each(
    "text",
    [
        "x = x - lr*g/v; v = v + g*g",
        "x = x - g**(-0.5)",
        "x = x*exp(exp(abs(g) + 9))",
        "x = lr",
        "c = t; x = x - lr*g",
        "c = c + t; x = x - g/c",
    ],
)
def test_what_a_rule_computes_is_never_an_error(text: str):
    """A division by zero has no value, and what does not depend on x is as wide as x."""
    for place, start in ((FUNCTIONS["parabola"], [1.5]), (SURFACES["bowl"], [1.5, 0.5])):
        run = descend(place, start, text, steps=5)
        assert run.verdict and run.x.shape[1:] == (len(start),)
        many = descend(place, [start, start], text, steps=5, stop=None)
        assert many.x.shape[1:] == (2, len(start))
        assert ends(place, [start], text, steps=5).x.shape == (1, len(start))


def test_a_rule_without_a_rate_runs_under_a_schedule_and_has_no_map_of_it():
    text = "x = x - 0.1*g"
    run = race(SURFACES["bowl"], [1.0, 1.0], {text: {}}, steps=9, schedule="cosine")[text]
    plain = descend(
        SURFACES["bowl"], [1.0, 1.0], text, steps=9,
        conditions=conditions(SURFACES["bowl"], 9, "cosine"),
    )  # fmt: skip
    np.testing.assert_allclose(run.x, plain.x, rtol=1e-14)
    with pytest.raises(ValueError, match="needs a method with a learning rate"):
        maps.rate_map(FUNCTIONS["parabola"], [1.0], [0.1], text)


def test_the_trace_of_a_typed_rule_can_be_sent_elsewhere():
    run = descend(FUNCTIONS["parabola"], [1.5], rule_name(RULE_TEXT), steps=5, stop=None)
    again = pickle.loads(pickle.dumps(run.trace))
    assert again._fields == run.trace._fields and again.v.tobytes() == run.v.tobytes()


@each(
    "text, velocity, squares, downhill",
    [
        (RULE_EXAMPLES["Adam"], "m", "v", -1),
        (RULE_TEXT, "v", "", -1),
        ("v = beta*v - lr*g; x = x + v", "v", "", 1),
        ("s = max(beta*s, abs(g)); x = x - lr*g/s", "", "s", -1),
        ("old = g; x = x - lr*(g + old)", "", "", -1),
        ("before = old; old = g; x = x - lr*(g + before)", "", "", -1),
        ("c = c + 1; x = x - lr*g/c", "", "", -1),
        ("m = beta*m + exp(g); x = x - lr*m", "", "", -1),
        ("g = g + weight_decay*x; m = beta*m + g**3; x = x - lr*m", "m", "", -1),
    ],
)
def test_a_picture_knows_which_memory_is_a_momentum(
    text: str, velocity: str, squares: str, downhill: int
):
    rule: Any = typed_rule(text)
    assert (rule.velocity, rule.squares, rule.downhill) == (velocity, squares, downhill)


def test_a_memory_has_no_name_that_a_picture_reads():
    texts = [(ROOT / "gdviz" / "topics" / p / "figure.py").read_text() for p in ("race", "descent")]
    read = set(re.findall(r'"(\w+)" in (?:run\.trace\._)?fields', "\n".join(texts)))
    assert {"trials", "simplex", "direction", "lo"} <= read <= OTHERS


# --- one update, slowly -------------------------------------------------------------------------


def test_typed_adam_is_walked_through_as_adam_is():
    text, place = rule_name(RULE_EXAMPLES["Adam"]), SURFACES["rosenbrock"]
    moments = []
    for name in ("adam", text):
        run = race(place, [1.0, 2.0], {name: {"lr": 0.01}}, steps=9)[name]
        moments.append(walkthrough(name, run, 4, run.maker.hyper, axis=1))
    ours = [m for m in moments[0] if "Weight decay" not in m.sentence]
    assert moments[1] == ours


def test_a_walk_says_only_what_the_text_means():
    run = {}
    for text in (
        "g = x*g; m = beta*m + (1 - beta)*g; x = x - lr*m; x = x - lr*m",
        "m = m + g; m_hat = m/(1 - beta**t); x = x - lr*m_hat",
    ):
        run[text] = descend(SURFACES["bowl"], [1.0, 2.0], text, steps=3, stop=None)
        said = walkthrough(text, run[text], 1, run[text].maker.hyper)
        words = " ".join(moment.sentence for moment in said)
        assert "mean" not in words, words
        end = float(run[text].x[2, 0])
        assert f"{end:.4g}" in said[-1].numbers, "the last line has the new x"


def test_copied_numbers_are_those_of_the_library():
    text = rule_name(RULE_TEXT)
    program = (
        "from gdviz.optimize import FUNCTIONS, descend\n"
        f"print(descend(FUNCTIONS['parabola'], [1.5], {text!r}, beta=0.5).x[-1, 0])"
    )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(program, {})
    expected = descend(FUNCTIONS["parabola"], [1.5], text, beta=0.5).x[-1, 0]
    assert float(printed.getvalue()) == expected
