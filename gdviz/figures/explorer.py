"""What moves a scene in a file without a server: formula and rules as JavaScript, and knobs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gdviz.figures.scene import Layer
from gdviz.knobs import Knob, Range, knobs
from gdviz.optimize import LABELS, METHODS, Problem, Run
from gdviz.optimize.elementwise import NO_CONDITIONS, GradientConditions
from gdviz.optimize.javascript import is_rule_of_gradients, problem_script, rule_script
from gdviz.optimize.outcomes import rounding_of

REACH = 0.16  # the longest arrow of a picture, as a share of its window


class Explorer(NamedTuple):
    """The `code` of a formula and its rules as a JavaScript object, and what explore.js is `told`.

    `told` is plain data: `start (d,)` and the `settings` that it is, `box`, `reach` of arrows, what
    is `around` the rules, `owners` (of each layer the number of its method) and `names` of the
    layers, `methods` (None for one that does not move) and the `groups` of dials.
    """

    code: str
    told: dict[str, Any]


class DrawnMemories(NamedTuple):
    """The memory that is drawn as momentum, the sign that turns it downhill, the one of squares."""

    velocity: str
    downhill: int
    squares: str


def drawn_memories(method: str) -> DrawnMemories:
    """Return which memories of a method are drawn if it has them; a typed rule knows its own."""
    factory: Any = METHODS[method]
    has_velocity = "momentum" in knobs(factory) and "m" not in factory.state._fields
    v, squares = ("v", "") if has_velocity else ("m", "v")
    own = getattr(factory, "velocity", v), getattr(factory, "downhill", -1)
    return DrawnMemories(*own, getattr(factory, "squares", squares))


def explorer(
    runs: Mapping[str, Run],
    layers: Sequence[tuple[str, Layer]],
    ends: Mapping[str, Any],
    around: GradientConditions = NO_CONDITIONS,
    named: Mapping[tuple[str, str], str] | None = None,
) -> Explorer | None:
    """Return what moves the scene of some runs, or None if none of their methods can move.

    `layers` come with the method of each; `ends` are the `steps`, `stop` and `tol` of the runs;
    `named` are the settings of the page that set a knob, by method and knob: one that sets it for
    several methods is one dial.
    """
    moving = {name: run for name, run in runs.items() if is_rule_of_gradients(name)}
    if not moving:
        return None
    first = next(iter(runs.values()))
    scripts = [rule_script(name) if name in moving else "null" for name in runs]
    code = f"{{ problem: {problem_script(first.problem)}, rules: [{', '.join(scripts)}] }}"
    numbers = {name: j for j, name in enumerate(runs)}
    told = {
        "start": first.x[0].tolist(),
        "settings": ("x0", "y0")[: first.problem.d],
        "box": first.problem.box,
        "reach": REACH,
        "around": _around(first.problem, ends, around),
        "owners": [numbers[name] for name, _ in layers],
        "names": [layer.name for _, layer in layers],
        "methods": [_method(moving[name]) if name in moving else None for name in runs],
        "groups": _groups({numbers[name]: run for name, run in moving.items()}, named or {}),
    }
    return Explorer(code, told)


def _around(
    problem: Problem, ends: Mapping[str, Any], around: GradientConditions
) -> dict[str, Any]:
    """Return when a run ends, and what stands between the problem and a rule, as plain data."""
    tables = {"factors": around.factors, "noise": around.noise}
    plain = {name: None if table is None else table.tolist() for name, table in tables.items()}
    return {**ends, "rounding": rounding_of(problem), **plain, "clip": around.clip}


def _method(run: Run) -> dict[str, Any]:
    factory: Any = METHODS[run.maker.method]
    return {
        "couples": factory.couples,
        "memories": factory.state._fields[4:],
        "knobs": dict(run.maker.hyper),
        "shown": drawn_memories(run.maker.method)._asdict(),
    }


def _groups(runs: Mapping[int, Run], named: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    """Return the dials of the methods by their number: those of several, then each one's own."""
    common: dict[str, dict[str, Any]] = {}
    groups = []
    names = [run.maker.method for run in runs.values()]
    uses = Counter(named.get((name, key)) for name in names for key in knobs(METHODS[name]))
    for j, run in runs.items():
        own = []
        for key, knob in knobs(METHODS[run.maker.method]).items():
            setting = named.get((run.maker.method, key))
            if setting and uses[setting] > 1:
                common.setdefault(setting, _dial(knob, run, setting))["methods"].append(j)
            else:
                own.append(_dial(knob, run, setting, j))
        groups += [{"title": LABELS[run.maker.method], "dials": own}] if own else []
    several = [{"title": "Of several methods", "dials": [*common.values()]}] if common else []
    return several + groups


def _dial(knob: Knob, run: Run, setting: str | None, *methods: int) -> dict[str, Any]:
    """Return the dial that sets a knob of the methods of these numbers."""
    value, kind = run.maker.hyper[knob.name], knob.kind
    about = {"knob": knob.name, "setting": setting, "methods": [*methods], "value": value}
    about |= {"label": kind.label, "help": kind.help, "switch": knob.type is bool}
    if not isinstance(kind, Range):
        return about
    scale = {"lo": kind.lo, "hi": kind.hi, "log": kind.log, "integer": knob.type is int}
    return about | scale
