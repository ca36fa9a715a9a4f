"""`gdviz export`: one page; with --grid several pages as one figure, with --tour slides."""

from collections.abc import Callable, Mapping

import click

from gdviz.cli.commands import PageCommands
from gdviz.cli.grid import GRID, grid_command
from gdviz.cli.tour import TOUR, tour_command

INSTEAD: Mapping[str, Callable[[], click.Command]] = {"grid": grid_command, "tour": tour_command}
SHOWN = {
    "Several pages as one figure": f"{GRID} 2x2 PAGE PAGE PAGE PAGE -o figure.pdf --style page",
    "A tour as slides": f"{TOUR} race -o slides.pptx",
}


class ExportCommands(PageCommands):
    """The commands of the pages, and with `--grid` or `--tour` that of several, or of a tour."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        flags = [arg.partition("=")[0] for arg in args]
        asked = [name for name in INSTEAD if f"--{name}" in flags]
        return super().parse_args(ctx, [*asked[:1], *args])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return INSTEAD[name]() if name in INSTEAD else super().get_command(ctx, name)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, example in SHOWN.items():
            with formatter.section(title):
                formatter.write_text(example)
