"""`gdviz open` and `gdviz verify`: a file opens its page again, and its numbers are asked anew."""

import subprocess
import sys
import time
import webbrowser
from urllib.parse import urlsplit

import click

from gdviz.cli.run import why_not
from gdviz.knobs import KnobError

SECONDS = 60.0  # to wait for a server that was started
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False))


@click.command("open")
@FILE
@click.option("--base", help="Where the app is. [http://localhost:8501, started if need be]")
@click.option("--link", "only_link", is_flag=True, help="Print the link, and open nothing.")
def open_command(file: str, base: str | None, only_link: bool) -> None:
    """Open the page of a picture, film or table as it was when gdviz made the file."""
    from gdviz.export import HERE
    from gdviz.export.origins import address_in, stamps_in

    try:
        stamp = stamps_in(file)[0]
        address = address_in(stamp, base or HERE)
    except (KnobError, OSError) as error:
        raise click.UsageError(str(error)) from None
    click.echo(address)
    if stamp.data:
        click.echo(f"It asks for the file “{stamp.data}”, which is not inside.", err=True)
    if only_link:
        return
    server = _server(HERE) if base is None else None
    webbrowser.open(address)
    if server:
        sys.exit(server.wait())


def _server(base: str) -> subprocess.Popen | None:
    """Start the app where it should be; return it once it answers, None if it is there already."""
    place = urlsplit(base)
    host, port = place.hostname or "localhost", place.port or 8501
    if why_not(host, port):
        return None
    words = [sys.executable, "-m", "gdviz", "run", "--host", host, "--port", str(port)]
    server = subprocess.Popen(words)
    end = time.monotonic() + SECONDS
    while not why_not(host, port) and server.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    return server


@click.command("verify")
@FILE
def verify_command(file: str) -> None:
    """Compute the numbers of a file anew: are they the same, or which differ, and by how much?"""
    from gdviz.export import verify

    try:
        found = verify(file)
    except (ValueError, OSError) as error:
        raise click.UsageError(str(error)) from None
    click.echo(str(found))
    sys.exit(0 if found.same else 1)
