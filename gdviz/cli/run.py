"""`gdviz run`: the app, served by uvicorn."""

import os
import socket
import sys
from contextlib import suppress

import click

from gdviz.app_folder import APP_FOLDER

# `streamlit run` would leave Nagle's algorithm on, which delays each answer by about 40 ms.
UVICORN = "-m uvicorn app:app --ws-per-message-deflate false --log-level warning".split()
if os.name == "posix":  # uvloop with doors; Windows has no loop that could have them
    UVICORN += "--loop gdviz.server.door:DoorLoop".split()
# Not httptools, which accepts a request that names two hosts; h11 refuses it. Ours is h11 without
# patience for slow requests.
UVICORN += "--http gdviz.server.connections:Connection".split()
UVICORN += "--ws gdviz.server.websocket_frames:BoundedFrames".split()
UVICORN += "--ws-max-size 1048576 --no-server-header".split()  # no message of a page is that long
UVICORN += "--timeout-graceful-shutdown 3".split()  # the streams of a hall do not end by themselves


def why_not(host: str, port: int) -> str:
    """Return why nothing can listen on host and port, or "" if it can."""
    if not 0 < port < 65536:
        return "a port is a number from 1 to 65535"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":
                # As uvicorn does: a port whose last server has just gone is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def allow_many_files() -> None:
    """Raise the limit of open files as far as we may: a visitor's session takes four of them."""
    with suppress(ImportError, OSError, ValueError):  # Windows has no such limit
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 65_536 if most == resource.RLIM_INFINITY else min(most, 65_536)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


@click.command("run")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for all networks.")
@click.option("--port", type=int, default=8501, show_default=True)
def run_command(host: str, port: int) -> None:
    """Start the app, until Ctrl-C."""
    if reason := why_not(host, port):
        raise click.ClickException(
            f"gdviz cannot listen on {host}:{port} ({reason}). "
            "Try another port: gdviz run --port 8600, or make run PORT=8600"
        )
    click.echo(f"gdviz is at http://{host}:{port} (Ctrl-C stops it)")
    sys.stdout.flush()
    allow_many_files()
    os.chdir(APP_FOLDER)  # Streamlit reads its settings from here
    os.execv(sys.executable, [sys.executable, *UVICORN, "--host", host, "--port", str(port)])
