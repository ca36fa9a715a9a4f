"""`gdviz export --tour NAME …`: a tour as slides."""

import click

from gdviz.catalogue.export_options import OPTIONS
from gdviz.catalogue.tours import TOURS
from gdviz.cli.commands import OnceCommand, refuse_in_words
from gdviz.cli.export import under_a_bar
from gdviz.knobs import KnobError

TOUR = "--tour"


def tour_command() -> click.Command:
    """Return the command that writes a tour as slides."""
    words = "; ".join(f"{name}: {tour.title}" for name, tour in TOURS.items())
    file = click.Path(dir_okay=False, writable=True)
    params = [
        click.Option([TOUR], required=True, type=click.Choice(list(TOURS)), help=words),
        click.Option(["-o", "--output"], type=file, help="The file: .pptx, or .html, which plays."),
        click.Option(["--stills"], is_flag=True, help=f"{OPTIONS['stills']} For .pptx."),
        click.Option(["--base"], help=f"{OPTIONS['base']} [http://localhost:8501]"),
        click.Argument(["file"], type=file, required=False),
    ]
    about = "Write a tour as slides: a .pptx, or one .html that plays without a network."
    return OnceCommand("tour", params=params, callback=refuse_in_words(_write), help=about)


def _write(tour: str, output: str | None, stills: bool, base: str | None, file: str | None) -> None:
    from gdviz.export import HERE
    from gdviz.export.decks import forecast_of_tour, save_tour

    name = output or file
    if not name or (output and file):
        raise KnobError("One file is written: name it, by -o or at the end.")
    under_a_bar(
        lambda tell: save_tour(tour, name, stills=stills, base=base or HERE, progress=tell),
        lambda: forecast_of_tour(tour, name.rpartition(".")[2], stills),
    )
    click.echo(name)
