"""The optimizer race: every optimizer on the same surface, from the same point, explained."""

from contextlib import suppress

import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.expressions import FormulaError
from gdviz.knobs import clamp
from gdviz.optimize import Run
from gdviz.topics.race import settings as topic
from gdviz.topics.race import tabs as race_tabs
from gdviz.topics.race.controls import PAGE, controls, forget_own_knobs
from gdviz.topics.race.figure import picture
from gdviz.topics.race.pitfalls import ROWS
from gdviz.topics.race.presets import PRESETS
from gdviz.topics.race.settings import Race
from gdviz.ui import frame
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.pins import pin_buttons, pins
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.stage import Hand


def put_start(hand: Hand) -> None:
    """The hand on the map moves the start."""
    write(PAGE, {"x0": clamp(Race, "x0", hand.x), "y0": clamp(Race, "y0", hand.y)})


def ghosts_on(spec: Race) -> list[tuple[str, Run]]:
    """Return the pinned runs on the surface of the spec; a forged pin may have no window to run."""
    found: list[tuple[str, Run]] = []
    for pin in pins(PAGE, Race):
        if topic.same_surface(pin, spec):
            with suppress(FormulaError):
                runs = topic.run(pin)
                found += [(f"{frame.name_of(pin)}: {name}", run) for name, run in runs.items()]
    return found


def body() -> frame.PageState:
    """The live part: knobs at the left, the stage at the right."""
    race_tabs.take_tuned_rates()
    left, right = st.columns([1, 3.2])
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    runs = topic.run(spec)
    background, scene = picture(spec, lecture_mode(), runs, ghosts_on(spec))
    with right:
        height = 470 if lecture_mode() else 430
        step = frame.stage(PAGE, spec, background, scene, height, put_start)
        frame.reason_of_preset(PAGE, PRESETS, spec)
    return frame.PageState(spec, runs, background, scene, step)


def tell(drawn: frame.PageState) -> frame.PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, runs, step = drawn.spec, drawn.runs, drawn.step
    panels = {
        "Curves": lambda: race_tabs.curves(spec, runs),
        "Numbers": lambda: race_tabs.numbers(spec, runs, step),
        "Maths": lambda: race_tabs.one_step(spec, runs, step),
        "Code": lambda: race_tabs.code(spec, runs),
        "Pitfalls": lambda: pitfalls(ROWS),
    }
    return frame.PageTabs(panels, lambda: topic.as_python(spec), lambda: csv_of(runs))


frame.run(frame.header(PAGE, PRESETS, forget_own_knobs), PAGE, body, tell)
