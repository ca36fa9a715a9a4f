"""`gdviz export`: the figure of a page as a file."""

from pathlib import Path
from typing import Any

import click

from gdviz.cli.commands import bar_of, command
from gdviz.cli.links import Asked
from gdviz.cli.options import settings_of
from gdviz.cli.pages import names
from gdviz.knobs import KnobError

OWN = [
    click.Option(
        ["-o", "--output"],
        required=True,
        type=click.Path(dir_okay=False, writable=True),
        help="The file; its ending says what is made: png, svg, pdf, gif, mp4, webm, html, "
        "csv, parquet.",
    ),
    click.Option(
        ["--style"],
        type=click.Choice(["screen", "slide", "paper"]),
        help="Size, type and lines of a picture or film. [screen]",
    ),
    click.Option(["--step"], type=click.IntRange(0), help="The step a picture shows. [the last]"),
    click.Option(["--about"], is_flag=True, help="Print caption and BibTeX entry, too."),
]


def export_command(asked: Asked) -> click.Command:
    """Return the command that writes the figure of a page."""

    def work(
        preset: str | None,
        output: str,
        style: str | None,
        step: int | None,
        about: bool,
        **knobs_: Any,
    ) -> None:
        from gdviz import export

        spec = settings_of(asked.page, asked.spec, preset, knobs_)
        format = Path(output).suffix[1:].lower()
        _check_counts(format, style, step)
        shown = (asked.step if step is None else step) if format in export.PICTURES else None
        _save(spec, output, style or "screen", shown)
        click.echo(output)
        if about:
            base = asked.base or export.HERE
            entry = export.bibtex(spec, shown, base)
            click.echo(f"\n{export.caption(spec, shown)}\n\n{entry}", nl=False)

    return command(asked, work, OWN, f"Write the figure of “{names()[asked.page]}” to a file.")


def _check_counts(format: str, style: str | None, step: int | None) -> None:
    """Raise `KnobError` for an option that the format of the file leaves idle."""
    from gdviz.export import FILMS, PICTURES

    if step is not None and format not in PICTURES:
        raise KnobError(f"--step counts only for {', '.join(PICTURES)}.")
    if style is not None and format not in PICTURES + FILMS:
        raise KnobError(f"--style counts only for {', '.join(PICTURES + FILMS)}.")


def _save(spec: Any, output: str, style: str, step: int | None) -> None:
    """Write a figure under a progress bar."""
    from gdviz import export

    with bar_of(100, "drawing") as bar:
        done = [0]

        def progress(share: float) -> None:
            bar.update(int(100 * share) - done[0])
            done[0] = int(100 * share)

        export.save(spec, output, style=style, step=step, progress=progress)
