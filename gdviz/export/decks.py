"""A tour as slides: for PowerPoint and LibreOffice, or as one HTML file that plays by itself."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from gdviz.catalogue.lookup import picture_of
from gdviz.catalogue.tours import TOURS, Tour
from gdviz.export.captions import HERE, caption, link, title
from gdviz.export.files import film_or_picture, forecast_of, stamp_line
from gdviz.export.films import Progress
from gdviz.export.html_deck import PlayingSlide, html_deck_of
from gdviz.export.pptx_deck import AREA, StillSlide, pptx_of
from gdviz.export.rates import Forecast, make_and_note, rates
from gdviz.export.stamps import with_stamp
from gdviz.export.styles import STYLES
from gdviz.figures.scene import Picture, Scene
from gdviz.knobs import KnobError

DECKS = ("pptx", "html")
# As on the slide of a lecture, in the room that the title leaves.
LOOK = STYLES["slide"]._replace(width=AREA[2], height=AREA[3], type=20, line=3.0, titled=False)
# Layers that tell of other steps than the first: as in guess.js.
TELLING = {"track", "ghost", "reading", "cursor"}


class StopShown(NamedTuple):
    """A stop of a tour as it is shown: its words, its settings, the link that opens it.

    A `hidden` one is seen without its run first, to be guessed, and so the link opens it.
    """

    title: str
    sentence: str
    question: str
    spec: Any
    link: str
    hidden: bool

    @property
    def notes(self) -> str:
        """What the lecturer says and asks, and every setting."""
        return f"{self.sentence}\n{self.question}\n\n{caption(self.spec)}"


def tour_of(name: str) -> Tour:
    """Return a tour by its name; raise `KnobError` if there is none."""
    if name not in TOURS:
        raise KnobError(f"“{name[:40]}” is not a tour; there are {', '.join(TOURS)}.")
    return TOURS[name]


def stops_of(tour: Tour, base: str = HERE) -> list[StopShown]:
    """Return the stops of a tour, with links to the app at `base`."""
    found = []
    for stop in tour.stops:
        spec = stop.with_run()
        name = f"{title(spec)}: {stop.preset}" if stop.preset else title(spec)
        address = link(f"{base.rstrip('/')}/{stop.page}", stop.page, stop.spec())
        found.append(StopShown(name, stop.sentence, stop.question, spec, address, stop.hidden))
    return found


def save_tour(
    tour: str,
    file: str | Path,
    *,
    stills: bool = False,
    base: str = HERE,
    progress: Progress = lambda share: None,
) -> Path:
    """Write a tour of `TOURS` as slides: to a .pptx, or an .html that plays; return the file.

    A slide has a title, a film (with `stills`, or where nothing moves, a picture) and the link that
    opens it in the app at `base`; in a .pptx the sentence is in the notes. The slides of an .html
    play in any browser without a network. Raises `KnobError` for a tour or a format that does not
    exist, `ExportError` if it could not be made. `progress` is told the share done, and may raise
    an `ExportError` to end it.
    """
    path = Path(file)
    path.write_bytes(tour_bytes(tour, path.suffix[1:], stills=stills, base=base, progress=progress))
    return path


def tour_bytes(
    tour: str,
    format: str,
    *,
    stills: bool = False,
    base: str = HERE,
    progress: Progress = lambda share: None,
) -> bytes:
    """Return a tour as the bytes of a file of slides; see `save_tour`."""
    told, format = tour_of(tour), format.lower()
    if format not in DECKS:
        raise KnobError(f"“{format[:20]}” is not a format of slides; there are {', '.join(DECKS)}.")
    if not base.startswith(("http://", "https://")):
        raise KnobError(f"“{base[:60]}” is not the address of an app: it begins with http.")
    if stills and format == "html":
        raise KnobError("stills does nothing in an html: its slides play without films.")
    stops = stops_of(told, base)
    lines = [line for stop in stops if (line := stamp_line(stop.spec))]
    if format == "pptx":
        return pptx_of(told.title, _drawn(stops, stills, progress), lines)
    slides = [_playing(stop, n, len(stops), progress) for n, stop in enumerate(stops)]
    made = make_and_note("deck", lambda: html_deck_of(told.title, slides))
    return with_stamp(made, "html", "\n".join(lines))


def forecast_of_tour(tour: str, format: str, stills: bool = False) -> Forecast:
    """Return what the slides of a tour take, by what was measured on this machine."""
    if format == "html":
        known = rates.of("deck")
        return Forecast(0, *known) if known else Forecast(0, None, None)
    wanted = []
    for stop, steps in zip(tour_of(tour).stops, _steps_of(tour_of(tour)), strict=True):
        wanted += [(steps, "png")] * (1 + stop.hidden)
        wanted += [(steps, "mp4")] * (steps > 0 and not stills)
    return forecast_of(wanted, "slide")


@lru_cache(maxsize=16)
def _steps_of(tour: Tour) -> tuple[int, ...]:
    """Return the last step of each stop, which takes the runs themselves."""
    return tuple(picture_of(stop.with_run()).scene.steps for stop in tour.stops)


def without_run(scene: Scene) -> Scene:
    """Return a scene at its first step without what would tell how the run ends."""
    early = [
        layer
        for layer in scene.layers
        if layer.kind not in TELLING and layer.name not in scene.ends
    ]
    return scene._replace(layers=early if scene.steps else [], chips=())


def _playing(stop: StopShown, n: int, of: int, progress: Progress) -> PlayingSlide:
    slide = PlayingSlide(*stop[:3], stop.link, picture_of(stop.spec, large=True), stop.hidden)
    progress((n + 1) / of)
    return slide


def _drawn(stops: Sequence[StopShown], stills: bool, progress: Progress) -> list[StillSlide]:
    """Return the slides of a .pptx; a hidden stop has two, before the run and with it."""
    slides = []
    for n, stop in enumerate(stops):

        def told(share: float, n: int = n) -> None:
            progress((n + share) / len(stops))

        picture = picture_of(stop.spec)
        if stop.hidden:
            slides.append(_slide(stop, before_run(picture), None, step=0))
        moves = picture.scene.steps > 0 and not stills
        film = _film(stop, picture, told) if moves else None
        slides.append(_slide(stop, picture, film))
        told(1.0)
    return slides


def _film(stop: StopShown, picture: Picture, told: Progress) -> bytes:
    return film_or_picture(picture, "mp4", LOOK, progress=told, line=stamp_line(stop.spec))


def before_run(picture: Picture) -> Picture:
    """Return a picture as it is before the guess; see `without_run`."""
    return picture._replace(scene=without_run(picture.scene))


def _slide(
    stop: StopShown, picture: Picture, film: bytes | None, step: int | None = None
) -> StillSlide:
    still = film_or_picture(picture, "png", LOOK, step=step, line=stamp_line(stop.spec, step))
    alt = picture.scene.alt if step is None else f"{stop.title}, before the run. {stop.question}"
    return StillSlide(stop.title, stop.notes, stop.link, still, alt, film)
