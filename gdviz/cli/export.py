"""`gdviz export`: the figure of a page as a file."""

from typing import Any

import click

from gdviz.cli.commands import bar_of, command
from gdviz.cli.options import PageOptions, names, settings_of


def export_command(asked: PageOptions) -> click.Command:
    """Return the command that writes the figure of a page."""

    def work(
        preset: str | None, output: str, style: str, step: int | None, about: bool, **knobs_: Any
    ) -> None:
        from gdviz import export

        spec = settings_of(asked.page, asked.spec, preset, knobs_)
        shown = asked.step if step is None else step
        with bar_of(100, "drawing") as bar:
            done = [0]

            def progress(share: float) -> None:
                bar.update(int(100 * share) - done[0])
                done[0] = int(100 * share)

            export.save(spec, output, style=style, step=shown, progress=progress)
        click.echo(output)
        if about:
            click.echo(f"\n{export.caption(spec, shown)}\n\n{export.bibtex(spec, shown)}", nl=False)

    own = [
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
            default="screen",
            help="Size, type and lines.",
        ),
        click.Option(
            ["--step"], type=click.IntRange(0), help="The step shown; the last one if not."
        ),
        click.Option(["--about"], is_flag=True, help="Print caption and BibTeX entry, too."),
    ]
    return command(asked, work, own, f"Write the figure of “{names()[asked.page]}” to a file.")
