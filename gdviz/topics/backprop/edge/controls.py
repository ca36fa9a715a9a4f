"""The knobs of the edge of stability."""

from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.edge.settings import HOMOGENEOUS, EdgeOfStability, run
from gdviz.ui.controls import MORE_KNOBS, Controls
from gdviz.ui.dial import Mark

SOUND = ("units",)
MORE = ("count", "goal", "gain", "start", "turn", "factor", "length", "middle")


def controls() -> EdgeOfStability:
    """Draw the knobs; return settings that can be run."""
    knobs = Controls(EdgeOfStability, PAGE, live=True)
    for name in ("rule", "task", "units", "unit_kind"):
        knobs.draw(name)
    if knobs.values["unit_kind"] in HOMOGENEOUS:
        knobs.draw("rescale", with_dial=False)
    with knobs.menu("more_edge", *MORE_KNOBS):
        for name in MORE:
            knobs.draw(name, with_dial=False)
    knobs.keep_valid(SOUND, run)
    done = run(knobs.spec())
    first = float(done.sharp[0])
    marks = [Mark(done.edge.value / first, "the edge at the start")] if first > 0 else []
    knobs.draw("eta", marks=marks, window=(1e-3, 10.0))
    return knobs.spec()
