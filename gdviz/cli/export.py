"""`gdviz export`: the figure of a page as a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gdviz.catalogue.export_options import OPTIONS, STYLE_NAMES
from gdviz.cli.commands import bar_of, command
from gdviz.cli.links import Asked
from gdviz.cli.options import settings_of
from gdviz.cli.pages import names
from gdviz.knobs import KnobError

if TYPE_CHECKING:
    from gdviz.export.rates import Forecast

OWN = [
    click.Option(
        ["-o", "--output"],
        required=True,
        type=click.Path(dir_okay=False, writable=True),
        help="The file; its ending says what is made: png, svg, pdf, tex, gif, mp4, webm, html, "
        "csv, parquet.",
    ),
    click.Option(["--style"], type=click.Choice(STYLE_NAMES), help=f"{OPTIONS['style']} [screen]"),
    click.Option(["--step"], type=click.IntRange(0), help=f"{OPTIONS['step']} [the last]"),
    click.Option(["--about"], is_flag=True, help="Print caption and BibTeX entry, too."),
    click.Option(["--words"], is_flag=True, help=OPTIONS["words"]),
]


def export_command(asked: Asked) -> click.Command:
    """Return the command that writes the figure of a page."""

    def work(
        preset: str | None,
        output: str,
        style: str | None,
        step: int | None,
        about: bool,
        words: bool,
        **knobs_: Any,
    ) -> None:
        from gdviz import export
        from gdviz.export.files import STILLS

        spec = settings_of(asked.page, asked.spec, preset, knobs_)
        format = Path(output).suffix[1:].lower()
        _check_counts(format, style, step)
        shown = (asked.step if step is None else step) if format in STILLS else None
        look = style or "screen"
        under_a_bar(
            lambda tell: export.save(
                spec, output, style=look, step=shown, progress=tell, words=words
            ),
            lambda: export.forecast(spec, format, style=look),
        )
        click.echo(output)
        if about:
            base = asked.base or export.HERE
            entry = export.bibtex(spec, shown, base)
            click.echo(f"\n{export.caption(spec, shown)}\n\n{entry}", nl=False)

    return command(asked, work, OWN, f"Write the figure of “{names()[asked.page]}” to a file.")


def _check_counts(format: str, style: str | None, step: int | None) -> None:
    """Raise `KnobError` for an option that the format of the file leaves idle."""
    from gdviz.export.files import FILMS, STILLS

    if step is not None and format not in STILLS:
        raise KnobError(f"--step counts only for {', '.join(STILLS)}.")
    if style is not None and format not in STILLS + FILMS:
        raise KnobError(f"--style counts only for {', '.join(STILLS + FILMS)}.")


def under_a_bar(
    work: Callable[[Callable[[float], None]], Any], expected: Callable[[], "Forecast"]
) -> None:
    """Do work under a progress bar, where somebody looks; tell first what it is expected to take.

    Ctrl-C ends it.
    """
    with bar_of(100, "drawing") as bar:
        if not bar.hidden:
            click.echo(str(expected()), err=True)
        done = [0]

        def progress(share: float) -> None:
            bar.update(int(100 * share) - done[0])
            done[0] = int(100 * share)

        work(progress)
