"""Start the app by uvicorn: `python scripts/serve.py --host 127.0.0.1 --port 8501`."""

import argparse
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
# `streamlit run` would leave Nagle's algorithm on, which holds back each answer by ~40 ms.
UVICORN = "-m uvicorn app:app --ws-per-message-deflate false --log-level warning".split()
# It takes uvloop where that is installed, not on Windows. Not httptools, which would let a request
# through that names two hosts; h11 refuses it.
UVICORN += "--ws-max-size 1048576 --no-server-header".split()  # no message of a page is that long


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


def main() -> None:
    """Check that the address is free, say where the app is, and become the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    at = parser.parse_args()
    if reason := why_not(at.host, at.port):
        sys.exit(
            f"gdviz cannot listen on {at.host}:{at.port} ({reason}). "
            "Try another port: make run PORT=8600"
        )
    print(f"gdviz is at http://{at.host}:{at.port} (Ctrl-C stops it)", flush=True)
    allow_many_files()
    os.chdir(ROOT)
    command = [sys.executable, *UVICORN, "--host", at.host, "--port", str(at.port)]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
