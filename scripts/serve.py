"""Start the app by uvicorn: `python scripts/serve.py --host 127.0.0.1 --port 8501`."""

import argparse
import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# `streamlit run` would leave Nagle's algorithm on, which holds back each answer by ~40 ms.
UVICORN = "-m uvicorn app:app --ws-per-message-deflate false --log-level warning".split()
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
    os.chdir(ROOT)
    command = [sys.executable, *UVICORN, "--host", at.host, "--port", str(at.port)]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
