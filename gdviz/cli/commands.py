"""One subcommand for each page, its options made from its knobs: for export and sweep alike."""

import sys
from collections.abc import Callable
from typing import Any

import click

from gdviz.cli.links import Asked, from_link
from gdviz.cli.options import options
from gdviz.cli.pages import names
from gdviz.knobs import KnobError


class PageCommands(click.Group):
    """A group with a command a page, made when it is asked for; a link is a command, too."""

    def __init__(self, make: Callable[[Asked], click.Command], **about: Any) -> None:
        super().__init__(**about)
        self.make = make

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(names())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        try:
            if "?" in name or "/" in name:
                return self.make(from_link(name))
            return self.make(Asked(name)) if name in names() else None
        except KnobError as error:
            if ctx.resilient_parsing:  # a shell asks what could follow: nothing
                return None
            raise click.UsageError(str(error), ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Pages, or a link copied from the app"):
            formatter.write_dl(list(names().items()))


def refuse_in_words(work: Callable[..., None]) -> Callable[..., None]:
    """Turn what makes no sense into a usage error, and what cannot be made into a failure."""

    def call(**given: Any) -> None:
        from gdviz.export.renderer import ExportError

        try:
            work(**given)
        except BrokenPipeError:  # whoever read has seen enough
            raise
        except OSError as error:
            where = f": {error.filename}" if error.strerror and error.filename else ""
            raise click.ClickException(f"{error.strerror or error}{where}") from None
        except ExportError as error:
            raise click.ClickException(str(error)) from None
        except ValueError as error:
            raise click.UsageError(str(error)) from None

    return call


class OnceCommand(click.Command):
    """A command that refuses an option given twice: click would forget the first."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for param in given:
            if isinstance(param, click.Option) and not param.multiple and given.count(param) > 1:
                flag = max(param.opts, key=len)
                words = f"{flag} is given {given.count(param)} times."
                raise click.UsageError(words, ctx)
        return super().parse_args(ctx, args)


def command(asked: Asked, work: Callable[..., None], own: list[Any], about: str) -> click.Command:
    """Return the command of a page: `own` options, then those of the page's knobs."""
    params = [*own, *options(asked.page)]
    return OnceCommand(asked.page, params=params, callback=refuse_in_words(work), help=about)


def bar_of(length: int, label: str) -> Any:
    """Return a progress bar on standard error, hidden where nobody looks."""
    return click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    )
