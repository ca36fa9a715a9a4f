"""Files of a descent of four methods, with a Chromium that is open: pictures, a film, slides."""

from collections.abc import Callable
from functools import partial
from statistics import median

from benchmarks.report import Goal, Row
from benchmarks.timing import seconds
from gdviz.catalogue.lookup import picture_of
from gdviz.export import to_bytes
from gdviz.export.decks import tour_bytes
from gdviz.export.films import frame_count
from gdviz.topics.descent.settings import Descent

SPEC = Descent(methods=("gd", "heavy_ball", "nesterov", "adam"), stop="none")
PICTURES = {"svg": 0.3, "pdf": 1.0}  # seconds
FILM = 15.0
ROUNDS = 5


def measure() -> list[Row]:
    """Time each file after one of its kind has been made."""
    frames = frame_count(picture_of(SPEC).scene.steps)
    rows = [
        _row(
            f"{kind.upper()} of 4 methods × {SPEC.steps} steps", partial(to_bytes, SPEC, kind), most
        )
        for kind, most in PICTURES.items()
    ]
    film = partial(to_bytes, SPEC, "mp4", style="slide")
    rows.append(_row(f"MP4 of the same, {frames} frames", film, FILM, 2))
    rows.append(_row("the tour “race” as HTML", partial(tour_bytes, "race", "html"), None, 2))
    stills = partial(tour_bytes, "race", "pptx", stills=True)
    return [*rows, _row("the tour “race” as PPTX of pictures", stills, None, 2)]


def _row(what: str, make: Callable[[], bytes], most: float | None, rounds: int = ROUNDS) -> Row:
    make()
    taken = median(seconds(make) for _ in range(rounds))
    return Row(what, "s", taken, goal=None if most is None else Goal("≤", most, of_ratio=False))
