"""The maps of the race hold what a descent from each of their points comes to."""

from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS

from gdviz.knobs import Range, knobs, replace
from gdviz.optimize import METHODS, SURFACES, descend
from gdviz.optimize.maps import NO_MINIMUM
from gdviz.optimize.racing import conditions
from gdviz.optimize.typed_rules import RULE_TEXT, rule_name
from gdviz.topics.race import studies as race_maps
from gdviz.topics.race.loops import loop_of
from gdviz.topics.race.racers import METHODS_HERE, short_name
from gdviz.topics.race.settings import Race, hyper_of, problem_of
from gdviz.topics.race.studies import STEPS, KnobMap, basin_rows, free_knobs, knob_rows, usual_axes
from gdviz.topics.race.tabs_maps import said_of

pytestmark = NO_WARNINGS
HIMMELBLAU = SURFACES["himmelblau"]


def finished(work: Any) -> Any:
    """The result of work, whose shares grow to one."""
    shares, results = zip(*work, strict=True)
    assert list(shares) == sorted(shares) and shares[-1] == 1.0
    assert all(result is None for result in results[:-1])
    return results[-1]


@pytest.mark.parametrize(
    "name, loop",
    [("gd", {}), ("newton", {}), ("gd", {"lookahead": (4, 0.5)}), ("adam", {"sam": 0.02})],
)
def test_a_map_of_starts_is_its_descents(name: str, loop: dict[str, Any]):
    own = {"gd": {"lr": 0.01}, "adam": {"lr": 0.3}}.get(name, {})
    hyper = hyper_of(Race(), name) | own
    around: Any = {"conditions": conditions(HIMMELBLAU, STEPS, **loop)}
    minima = HIMMELBLAU.minima
    minimum, steps = finished(basin_rows(HIMMELBLAU, minima, name, hyper, 40, loop))
    (x0, x1), (y0, y1) = HIMMELBLAU.box
    for i, j in [(0, 0), (3, 30), (17, 8), (39, 39), (20, 21)]:
        start = [x0 + (x1 - x0) * j / 39, y0 + (y1 - y0) * i / 39]
        run = descend(HIMMELBLAU, start, name, steps=STEPS, **around, **hyper)
        near = np.hypot(*(np.array(minima) - run.x[-1]).T)
        assert loop or (run.fired and near.min() < 1e-3)
        ended = (near.argmin(), int(run.last)) if run.fired else (NO_MINIMUM, -1)
        assert (minimum[i, j], steps[i, j]) == ended
    assert minimum.shape == steps.shape == (40, 40)


def spec_of(name: str, surface: str = "bowl") -> Race:
    return Race(surface=surface, methods=(short_name(name),), x0=-2.0, y0=1.0)


@pytest.mark.parametrize("name", [*METHODS_HERE, pytest.param(rule_name(RULE_TEXT), id="typed")])
def test_every_method_has_two_knobs_to_choose(name: str):
    own = {k for k, knob in knobs(METHODS[name]).items() if isinstance(knob.kind, Range)}
    assert set(free_knobs(name)) == own | {"x0", "y0"}
    across, up = usual_axes(name)
    assert across != up and {across, up} <= set(free_knobs(name))
    for knob in free_knobs(name):
        values = race_maps.values_of(spec_of(name), name, knob, 30)
        kind: Any = free_knobs(name)[knob].kind
        assert len(values) > 2 and (np.diff(values) > 0).all()
        assert kind.lo <= values[0] and values[-1] <= kind.hi * (1 + 1e-12)


@pytest.mark.parametrize(
    ("name", "across", "up"),
    [
        ("adam", "lr", "beta1"),
        ("adam", "beta2", "beta1"),
        ("heavy_ball", "momentum", "x0"),
        ("gd", "lr", "x0"),
        ("rprop", "growth", "lr"),
        ("lbfgs", "memory", "c2"),
        ("newton", "lr", "y0"),
    ],
)
def test_a_map_over_two_knobs_is_its_descents(
    name: str, across: str, up: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(race_maps, "FINE", (12, 7))
    monkeypatch.setattr(race_maps, "COARSE", (5, 4))
    spec = spec_of(name, "three_hump_camel" if name != "rprop" else "bowl")
    if name == "heavy_ball":
        spec = replace(spec, outer="lookahead", outer_period=3)
    around = conditions(problem_of(spec), STEPS, **loop_of(spec))
    found: KnobMap = finished(knob_rows(spec, name, across, up))
    assert found.steps.shape == found.code.shape == (len(found.up), len(found.across))
    for i, j in [(0, 0), (1, 2), (2, 1), (-1, -1), (0, -1)]:
        given = {"x0": spec.x0, "y0": spec.y0, **hyper_of(spec, name)}
        whole = {k for k in (across, up) if free_knobs(name)[k].type is int}
        given |= {across: float(found.across[j]), up: float(found.up[i])}
        given |= {k: int(given[k]) for k in whole}
        start = [given.pop("x0"), given.pop("y0")]
        run = descend(
            problem_of(spec), start, name, steps=STEPS, tol=spec.tol, conditions=around, **given
        )
        code = -1 if run.lost >= 0 else int(run.fired)
        assert (found.steps[i, j], found.code[i, j]) == (int(run.last) if run.fired else -1, code)


def test_rates_on_a_map_reach_down_to_what_a_steep_surface_needs():
    bowl = race_maps.values_of(spec_of("gd"), "gd", "lr", 9)
    steep = race_maps.values_of(replace(spec_of("gd"), surface="goldstein_price"), "gd", "lr", 9)
    assert bowl[0] == pytest.approx(1e-4) and steep[0] == pytest.approx(1e-7)
    assert bowl[-1] == steep[-1] == pytest.approx(10)


def test_a_map_says_what_is_around_its_runs_and_what_is_left_out():
    spec = Race(outer="sam", noise=1.0)
    jumping = ", inside SAM, which goes on jumping beside a minimum"
    assert said_of(spec, "adam") == f"{jumping}, without the noise"
    assert said_of(spec, "newton") == ", without the noise", "nothing stands around it"
    assert said_of(spec) == ", without the noise and SAM"
    assert said_of(Race(outer="lookahead"), "gd") == ", inside Lookahead" and not said_of(Race())
