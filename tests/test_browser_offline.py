"""Formulas and rules in JavaScript are those of Python; a file without a server moves by them."""

import json
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from browser import record
from desk import Desk, expect, expect_value, poll
from playwright.sync_api import BrowserContext
from plotly.offline import get_plotlyjs

from gdviz import export
from gdviz.browser.bundle import bundle
from gdviz.catalogue.lookup import explorer_of, picture_of
from gdviz.export.html import html_of
from gdviz.expressions.javascript import function_script
from gdviz.expressions.parse import ARITY
from gdviz.figures.explorer import Explorer, explorer
from gdviz.figures.ghosts import pinned_run, with_ghosts
from gdviz.figures.scene import ARRAYS
from gdviz.optimize import METHODS, SURFACES, Problem, Run, descend, race, surface
from gdviz.optimize.javascript import is_rule_of_gradients, problem_script, rule_script
from gdviz.optimize.outcomes import STOPS
from gdviz.optimize.racing import conditions
from gdviz.optimize.typed_rules import RULE_EXAMPLES, rule_name
from gdviz.topics.descent import Descent
from gdviz.topics.race import Race

WIDTH = "document.documentElement.scrollWidth"
START, STEPS = [1.3, 0.7], 200
TYPED = [rule_name(text) for text in RULE_EXAMPLES.values()]
TYPED += ["var = 0.9*var + g^2; x = x - lr*min(1, max(-1, g))/(sqrt(var) + cbrt(eps))^1.5"]
RULES = [name for name in METHODS if is_rule_of_gradients(name)] + TYPED
LANGUAGE = [
    *(f"{name}(0.7*x - 0.2*y)" for name, (least, _) in ARITY.items() if least == 1),
    *(f"{name}(1.3 + x, y)" for name, (least, _) in ARITY.items() if least == 2),
    *("abs(x)**1.5 + x**-2", "x**y", "2**x/y + x^7", "gamma(12*x) + gamma(-9*y)", "erf(4*x)"),
    *("(x - 1)**2 + 100*(y - x**2)**2", "pi*x + e*y", "3", "max(x, y, 0.3)*min(x, y, 2)"),
    *("softplus(80*x)", "mod(-5.3*x, y)", "acosh(2 + x*x)", "atanh(x/9) + asin(x/9) + acos(y/9)"),
]
SPECIAL = {
    "erf": [-7.0, -3.1, -0.4, 1e-9, 0.3, 1.0, 2.2, 4.4, 5.9, 6.1],
    "gamma": [-40.5, -33.2, -7.3, -0.1, 1e-9, 0.5, 1.0, 2.5, 9.1, 33.4, 99.9, 170.0],
    "digamma": [-40.3, -7.7, -0.4, 1e-3, 0.5, 1.0, 2.0, 7.0, 30.5, 1e5],
}
# Surfaces that no path is chaotic on, with a rate for it.
CALM = {"himmelblau": 5e-3, "x**2/4 + y**2 + exp(-x*x)*sin(2*y)": 0.02, "rosenbrock": 5e-4}
OVERLAYS = ("gradient", "momentum", "step", "spread")
TYPED_RACE = Race(
    surface="typed",
    formula="x**2/4 + y**2 + sin(3*x)*cos(2*y)",
    methods=("heavy_ball", "adam", "lookahead", "schedule_free_sgd", "lamb", "newton", "rule"),
    steps=40,
    schedule="cosine",
    clip=3.0,
    overlays=OVERLAYS,
    heads="all",
)
TYPED_DESCENT = Descent("typed", methods=("adam", "gd", "newton", "rule"), stop="value", tol=1e-3)


def descents() -> Iterator[dict[str, Any]]:
    """Give every rule, and each way in which a run ends or is disturbed."""
    for i, rule in enumerate(RULES):
        text = list(CALM)[i % len(CALM)]
        yield {"surface": text, "rule": rule, "lr": CALM[text]}
    for stop in STOPS:
        yield {"surface": "bowl", "rule": "heavy_ball", "lr": 0.05, "stop": stop, "tol": 1e-3}
    yield {"surface": "bowl", "rule": "gd", "lr": 0.5, "stop": "gradient"}  # leaves for infinity
    yield {"surface": "himmelblau", "rule": "gd", "lr": 5.0}  # overflows
    yield {"surface": "x + sqrt(y - 0.2)", "rule": "gd", "lr": 0.1}  # falls off its domain
    yield {"surface": "sqrt(abs(y - 0.7)) + x**2", "rule": "gd", "lr": 0.1}  # starts at a kink
    yield {"surface": "himmelblau", "rule": "adam", "lr": 0.1, "noise": 0.3, "clip": 1.5}
    yield {"surface": "bowl", "rule": "nesterov", "lr": 0.02, "schedule": "cosine"}


CASES = list(descents())
CHAOS: dict[str, Any] = {"surface": "ackley", "rule": "gd", "lr": 0.1}


def problem_of(case: Mapping[str, Any]) -> Problem:
    text = case["surface"]
    return SURFACES[text] if text in SURFACES else surface(text)


def by_numpy(case: Mapping[str, Any], start: Any = START) -> Run:
    around = {name: case[name] for name in ("schedule", "noise", "clip") if name in case}
    between = conditions(problem_of(case), STEPS, **around)
    return descend(problem_of(case), start, case["rule"], conditions=between, **settings(case))


@cache
def runs() -> dict[str, Run]:
    """Return the run of each case in NumPy."""
    return {str(case): by_numpy(case) for case in (*CASES, CHAOS)}


def settings(case: Mapping[str, Any]) -> dict[str, Any]:
    return {"lr": case["lr"], **ends(case)}


def ends(case: Mapping[str, Any]) -> dict[str, Any]:
    return {"steps": STEPS, "stop": case.get("stop"), "tol": case.get("tol", 1e-6)}


def walk_of(case: Mapping[str, Any]) -> str:
    """Return the script that walks a case in the browser."""
    around = {name: case[name] for name in ("schedule", "noise", "clip") if name in case}
    between = conditions(problem_of(case), STEPS, **around)
    made = explorer({case["rule"]: runs()[str(case)]}, [], ends(case), between)
    return f"walks({call(made)})[0]"


def call(made: Explorer | None) -> str:
    assert made is not None
    return f"{made.code}, {json.dumps(made.told)}"


def layers_of(spec: Any) -> str:
    """Return the script that draws the layers of a page in the browser; null where Python must."""
    layers = picture_of(spec).scene.layers
    about = [{k: getattr(layer, k, None) for k in ("kind", "name", "panel")} for layer in layers]
    return f"layers({json.dumps(about)}, {call(explorer_of(spec))})"


SCRIPT = """
const walks = (code, told) => told.methods.map((method, j) => method
  && walkDown(code.problem, { ...method, rule: code.rules[j] }, told.start, told.around));
const layers = (about, code, told) => {
  const paths = walks(code, told);
  const plain = (value) => (value?.data ? Array.from(value.data) : value);
  return about.map((layer, i) => {
    const [path, method] = [paths[told.owners[i]], told.methods[told.owners[i]]];
    const made = path && movedLayer(layer, path, told, method);
    return made && Object.fromEntries(Object.entries(made).map(([k, v]) => [k, plain(v)]));
  });
};
"""


def page_of_cases(points: str) -> str:
    """Return a page that leaves in `found` what JavaScript makes of all cases."""
    parts = {
        "values": [
            f"{points}.map((p) => (({{ value, gradient }}) => [value(...p), ...gradient(...p)])"
            f"({problem_script(surface(text))}))"
            for text in LANGUAGE
        ],
        "special": [f"{values}.map({name})" for name, values in SPECIAL.items()],
        "paths": [walk_of(case) for case in (*CASES, CHAOS)],
        "layers": [layers_of(spec) for spec in (TYPED_RACE, TYPED_DESCENT)],
    }
    found = ", ".join(f"{name}: [{', '.join(items)}]" for name, items in parts.items())
    script = f"{bundle('walk_down', 'moved_layers')}\n{SCRIPT}\nwindow.found = {{ {found} }};"
    return f'<script type="module">{script}</script>'


def test_javascript_computes_what_python_computes(visitor: BrowserContext) -> None:
    points = np.random.default_rng(3).uniform(0.1, 2.2, (30, 2))
    page = visitor.new_page()
    seen = record(page)
    page.set_content(page_of_cases(json.dumps(points.tolist())))
    found = page.evaluate("window.found")
    page.close()
    assert seen.complaints == []
    for text, values in zip(LANGUAGE, found["values"], strict=True):
        problem = surface(text)
        truth = np.column_stack([problem.f(points), problem.grad(points)])
        small = 1e-12 * np.nanmax(np.abs(truth))
        np.testing.assert_allclose(np.array(values, float), truth, 1e-12, small, err_msg=text)
    for (name, at), values in zip(SPECIAL.items(), found["special"], strict=True):
        with mpmath.workdps(40):
            truths = [float(getattr(mpmath, name)(x)) for x in at]
        np.testing.assert_allclose(values, truths, 1e-14, err_msg=name)
    compare(found["paths"])
    for spec, layers in zip((TYPED_RACE, TYPED_DESCENT), found["layers"], strict=True):
        compare_layers(layers, spec)


def gap(path: list[dict[str, Any]], run: Run, name: str = "x") -> np.ndarray:
    """Return how far the browser's path is from Python's at each step, as a share of its size."""
    truth = getattr(run, name).reshape(len(run.x), -1)
    mine = np.array([point[name] for point in path], float).reshape(truth.shape)
    return np.abs(mine - truth).max(axis=1) / max(1.0, np.abs(truth).max())


def spread_of(case: Mapping[str, Any], run: Run) -> np.ndarray:
    """Return how far Python's own paths are apart: from a start moved by a bit, and compiled."""
    moved = by_numpy(case, np.nextafter(START, 9))
    kernel = race(problem_of(case), START, {case["rule"]: {"lr": case["lr"]}}, **ends(case))
    gaps = [np.abs(other.x - run.x).max(axis=1) for other in (moved, kernel[case["rule"]])]
    return np.maximum.accumulate(np.max(gaps, axis=0))


def compare(paths: list[Any]) -> None:
    """The paths end at the same step, and are the same but where the last bit decides."""
    chaotic = []
    for case, path in zip((*CASES, CHAOS), paths, strict=True):
        run = runs()[str(case)]
        assert len(path) == len(run.x), case
        if all(gap(path, run, name).max() < 1e-9 for name in ("x", "f", "grad")):
            continue
        chaotic.append(case["rule"])
        assert np.all(gap(path, run) <= 1e3 * spread_of(case, run) + 1e-9), case
    assert len(chaotic) <= 3, chaotic


def compare_layers(found: list[Any], spec: Any) -> None:
    """Each layer that the browser draws has the numbers of Python's."""
    layers = picture_of(spec).scene.layers
    kinds = {layer.kind for layer, made in zip(layers, found, strict=True) if made}
    assert kinds >= {"track", "segments", "polygon", "reading"}
    for layer, made in zip(layers, found, strict=True):
        for name in ARRAYS & set(layer._fields) if made else ():
            if (truth := getattr(layer, name)) is not None:
                mine = np.array(made[name], float).reshape(np.shape(truth))
                np.testing.assert_allclose(mine, truth, 1e-6, 1e-9, err_msg=f"{layer.name} {name}")


def test_a_file_without_a_server_moves(visitor: BrowserContext, tmp_path: Path) -> None:
    """The start is dragged by the mouse, a knob is turned, and the paths are those of Python."""
    file = tmp_path / "race.html"
    drawn, made = picture_of(TYPED_RACE), explorer_of(TYPED_RACE)
    pinned = with_ghosts(drawn.scene, [("pinned", pinned_run(drawn.scene))])
    file.write_bytes(html_of(drawn.background, pinned, "Race", "Typed", explorer=made))
    page, spec = visitor.new_page(), TYPED_RACE
    seen = record(page)
    visitor.set_offline(True)
    try:
        page.goto(file.as_uri())
        desk: Any = Desk(page, None)  # type: ignore[arg-type]
        words = page.get_by_text("Moved by hand")
        expect(page.get_by_text("Drag the start")).to_be_visible()
        expect(words).to_be_hidden()
        recorded = desk.state("S.scene.chips.map((c) => c.verdict)")
        page.mouse.move(*desk.place(spec.x0, spec.y0))
        page.mouse.down()
        page.mouse.move(*desk.place(0.6, 1.4), steps=5)
        expect(words).to_contain_text("As recorded, from −1.9, −0.4: Newton, safeguarded.")
        now = ["not judged offline"] * 7
        now[5] = "as recorded"
        desk.expect_state("S.scene.chips.map((c) => c.verdict)", now)
        page.mouse.up()
        at = "[S.scene.handles[0].x, S.scene.handles[0].y]"
        near = pytest.approx([0.6, 1.4], abs=0.015)
        start = poll(lambda: desk.state(at), lambda now: now == near, page)
        moved(desk, spec, start)
        page.mouse.move(*desk.place(*start))
        page.mouse.down()
        page.mouse.move(*desk.place(-2, -2), steps=2)
        page.keyboard.press("Escape")
        page.mouse.up()
        moved(desk, spec, start)
        dial = page.get_by_role("slider", name="momentum β")
        dial.focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        turned = {"momentum": float(dial.get_attribute("aria-valuetext") or "nan")}
        assert 0 < turned["momentum"] < 0.1
        moved(desk, spec, start, turned)
        page.set_viewport_size({"width": 390, "height": 844})
        poll(lambda: page.evaluate(WIDTH), lambda width: width <= 390, page)
        page.get_by_role("button", name="Back to the recorded run").click()
        desk.expect_state("S.scene.chips.map((c) => c.verdict)", recorded)
        desk.expect_state("S.scene.handles[0].x", spec.x0)
        expect(words).to_be_hidden()
        assert [
            url for url in seen.requests if not url.startswith(("file:", "data:", "blob:"))
        ] == []
        assert seen.complaints == []
    finally:
        visitor.set_offline(False)
        page.close()


def moved(desk: Any, spec: Race, start: list[float], turned: Any = None) -> None:
    """The heavy ball and the typed rule end on the stage where Python's runs end from a start."""
    label = {"heavy_ball": "Heavy ball", rule_name(spec.rule): "Your rule"}
    entries = {"heavy_ball": turned or {}, rule_name(spec.rule): {}}
    found = race(
        surface(spec.formula), start, entries, steps=spec.steps, schedule="cosine", clip=spec.clip
    )
    for name, run in found.items():
        for axis, wanted in zip("xy", run.x.T, strict=True):
            path = pytest.approx(wanted.tolist(), rel=1e-9, abs=1e-9)
            expect_value(partial(desk.layer, label[name], axis), path, desk.page)


def test_what_cannot_move_is_refused_in_words() -> None:
    assert explorer_of(Race(methods=("newton", "bfgs"))) is None
    assert explorer_of(Race(hidden=True)) is None
    with pytest.raises(ValueError, match="`bfgs` is no rule of gradients alone"):
        rule_script("bfgs")
    for line in ("x = np.linalg.norm(x)", "x = y if t else g", "x = open(g)", "x += g"):
        with pytest.raises(ValueError, match="has no JavaScript"):
            function_script(f"def rule(x, g, t):\n    {line}\n    return x,")


def test_names_of_a_visitor_are_no_words_of_javascript() -> None:
    """Words of JavaScript, and what the written code calls, can be names in a typed rule."""
    text = "var = 0.5*var + g; new = var*let; let = 3; this = new; x = x - lr*this*erfc; erfc = 1"
    script = rule_script(rule_name(text))
    assert script.startswith("(x_, g_, t_, var_, lr_, let_, erfc_) => {")
    assert "let new_ = (var_ * let_);" in script and "let this_ = new_;" in script


def test_a_file_that_moves_is_small() -> None:
    """Beside Plotly twelve methods of the most steps take 1.2 MB at most."""
    names = tuple(name for name in METHODS if is_rule_of_gradients(name))[:12]
    spec = Race(methods=names, steps=2000, stop="none", noise=0.1, overlays=OVERLAYS)
    assert len(export.to_bytes(spec, "html")) - len(get_plotlyjs().encode()) < 1.2e6
