"""What stands around every rule of a race or a comparison: nothing, Lookahead, or SAM."""

from typing import Annotated, Any

from gdviz.knobs import Choice, Range, needs

OUTER = {"none": "nothing", "lookahead": "Lookahead", "sam": "SAM"}
OuterLoop = Annotated[str, Choice(OUTER, "around each rule")]
OuterPeriod = Annotated[
    int, Range(1, 50, "k of Lookahead", "Steps between two returns."), needs("outer", "lookahead")
]
OuterPull = Annotated[
    float,
    Range(0.05, 1.0, "α of Lookahead", "How far the slow point follows."),
    needs("outer", "lookahead"),
]
OuterClimb = Annotated[
    float, Range(1e-4, 5.0, "ρ of SAM", "How far uphill it looks.", log=True), needs("outer", "sam")
]
LOOP_KNOBS = ("outer", "outer_period", "outer_pull", "outer_climb")


def loop_of(spec: Any) -> dict[str, Any]:
    """Return the loop that settings ask for, as `race` and `compare_on` take it; empty for none."""
    loops: dict[str, dict[str, Any]] = {
        "none": {},
        "lookahead": {"lookahead": (spec.outer_period, spec.outer_pull)},
        "sam": {"sam": spec.outer_climb},
    }
    return loops[spec.outer]
