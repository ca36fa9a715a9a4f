"""Exit with 0 if the app at a port is ready: `python scripts/probe.py [port]`."""

import sys
import urllib.request


def main() -> None:
    """Ask /readyz; print the reason and fail unless it answers 200."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8501
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3).close()
    except OSError as error:
        sys.exit(f"not ready: {error}")


if __name__ == "__main__":
    main()
