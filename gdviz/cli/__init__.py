"""The command line: `gdviz run|export|open|verify|list|sweep|completion`, from the pages' knobs.

The options of a page are its knobs, with the same names, bounds and words; a link copied from the
app takes their place. It ends with 0 if all went well, 1 if a file could not be made, 2 if what was
asked makes no sense.
"""

import io
import sys
from typing import Any

import click
from click.shell_completion import get_completion_class

from gdviz import __version__
from gdviz.catalogue import lookup
from gdviz.cli.commands import PageCommands
from gdviz.cli.export import export_command
from gdviz.cli.export_group import ExportCommands
from gdviz.cli.pages import names
from gdviz.cli.reopen import open_command, verify_command
from gdviz.cli.run import run_command
from gdviz.cli.sweep import sweep_command
from gdviz.knob_texts import format_value, meaning
from gdviz.knobs import knobs


class CommandGroup(click.Group):
    """A group that writes to any terminal: a letter that it does not have becomes a question mark.

    A table of a sweep is written as UTF-8 whatever the terminal has, as in a file.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        return super().main(*args, **kwargs)


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="gdviz")
def main() -> None:
    """The app, and the figures, films and tables of its pages without a browser window."""


main.add_command(run_command)
main.add_command(
    ExportCommands(export_command, name="export", help="Write the figure of a page to a file.")
)
main.add_command(
    PageCommands(sweep_command, name="sweep", help="Run a page over many settings; CSV comes out.")
)
main.add_command(open_command)
main.add_command(verify_command)


@main.command("list")
@click.argument("page", required=False)
def list_(page: str | None) -> None:
    """List the pages, or the knobs and presets of one."""
    if page is None:
        wide = 2 + max(map(len, names()))
        for name, title in names().items():
            click.echo(f"{name:{wide}}{title}")
        return
    if page not in names():
        raise click.UsageError(f"“{page[:40]}” is not a page with settings.")
    for name, knob in knobs(lookup.settings(page)).items():
        click.echo(f"{name:18}{format_value(knob.default):24} {meaning(knob.kind)}")
    click.echo("\npresets")
    for preset in lookup.presets(page):
        click.echo(f"{'✓' if preset.good else '✕'} {preset.label:24}{preset.reason}")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what a shell has to read to complete `gdviz`: eval "$(gdviz completion bash)"."""
    found = get_completion_class(shell)
    assert found
    click.echo(found(main, {}, "gdviz", "_GDVIZ_COMPLETE").source())
