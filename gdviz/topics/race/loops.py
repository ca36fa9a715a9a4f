"""What stands around every rule of a race or a comparison: nothing, Lookahead, or SAM."""

from typing import Annotated, Any, Protocol

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


class _Looped(Protocol):
    """Settings with the four knobs."""

    @property
    def outer(self) -> str: ...
    @property
    def outer_period(self) -> int: ...
    @property
    def outer_pull(self) -> float: ...
    @property
    def outer_climb(self) -> float: ...


def loop_of(spec: _Looped) -> dict[str, Any]:
    """Return what is asked for, as `race` and `compare_on` take it: `lookahead`, `sam`, or none."""
    loops: dict[str, dict[str, Any]] = {
        "none": {},
        "lookahead": {"lookahead": (spec.outer_period, spec.outer_pull)},
        "sam": {"sam": spec.outer_climb},
    }
    return loops[spec.outer]
