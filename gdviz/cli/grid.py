"""`gdviz export --grid 2x2 …`: several pages as one figure."""

from typing import Any

import click

from gdviz.catalogue import lookup
from gdviz.catalogue.export_options import OF_GRID, OPTIONS
from gdviz.cli.commands import OnceCommand, refuse_in_words
from gdviz.cli.export import OWN, under_a_bar
from gdviz.cli.links import Asked, from_link
from gdviz.cli.pages import names
from gdviz.knobs import KnobError

GRID = "--grid"


def grid_command() -> click.Command:
    """Return the command that writes pages, or links, as one figure with letters."""
    shape = click.Option([GRID], required=True, help=OPTIONS["grid"])
    letters = click.Option(["--letters/--no-letters"], default=True, help=OPTIONS["letters"])
    places = click.Argument(["places"], nargs=-1, required=True)
    own = [option for option in OWN if option.name in ("output", *OF_GRID)]
    params = [shape, letters, *own, places]
    about = "Write several pages, or links copied from the app, as one figure."
    return OnceCommand("grid", params=params, callback=refuse_in_words(_write), help=about)


def _write(
    grid: str, letters: bool, output: str, style: str | None, words: bool, places: tuple[str, ...]
) -> None:
    from gdviz.export.files import forecast_of
    from gdviz.export.grid import Part, save_grid

    asked = [_asked(place) for place in places]
    parts = [Part(lookup.settings(a.page)() if a.spec is None else a.spec, a.step) for a in asked]
    look = style or "page"
    under_a_bar(
        lambda tell: save_grid(
            parts, output, grid=grid, style=look, letters=letters, words=words, progress=tell
        ),
        lambda: forecast_of([(1, "svg")] * len(parts), look),
    )
    click.echo(output)


def _asked(place: str) -> Any:
    if "?" in place or "/" in place:
        return from_link(place)
    if place not in names():
        raise KnobError(f"“{place[:40]}” is not a page with settings.")
    return Asked(place)
