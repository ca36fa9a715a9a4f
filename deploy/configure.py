"""Write the nginx configuration for some replicas, and the scripts that it serves, to a folder.

python deploy/configure.py --folder /run/gdviz --listen 127.0.0.1:8501 127.0.0.1:9001 127.0.0.1:9002
"""

import argparse
import gzip
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEMPLATE = Path(__file__).with_name("nginx.conf.in")
ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}")
# nginx tells by number, not by name, which replica has answered, and the cookie follows that.
NUMBERED = re.compile(r"(\[[0-9a-fA-F:]+\]|\d{1,3}(\.\d{1,3}){3}):\d{1,5}")
MIME_TYPES = ("/etc/nginx/mime.types", "/opt/homebrew/etc/nginx/mime.types")
COMPRESSED = {".js", ".css", ".svg", ".json", ".html", ".wasm", ".txt", ".map"}
SHORT = 1000  # bytes below which nothing is gained


def configuration(
    replicas: Sequence[str],
    listen: str,
    folder: Path,
    headers: dict[str, str],
    access: str = "off",
) -> str:
    """Return the nginx configuration for replicas at `address:port`; `ValueError` if none is.

    `headers` are those of every answer of the app, for the files that nginx sends by itself.
    """
    if not replicas or not all(map(NUMBERED.fullmatch, replicas)) or not ADDRESS.fullmatch(listen):
        raise ValueError("an address is IP:port, and there must be one replica at least")
    names = [f"r{i}" for i in range(1, len(replicas) + 1)]
    types = next((f"include {path};" for path in MIME_TYPES if Path(path).is_file()), "")
    parts = {
        "FOLDER": str(folder),
        "STATIC": str(folder / "static"),
        "LISTEN": listen,
        "ACCESS": access,
        "MIME": types or "types { text/javascript js; text/css css; image/svg+xml svg; }",
        "ROUTES": _lines(8, (f"{name} gd_{name};" for name in names)),
        "NAMES": _lines(
            8,
            (
                f'"~(^|[ ,:]){re.escape(at)}$" {name};'
                for name, at in zip(names, replicas, strict=True)
            ),
        ),
        "UPSTREAMS": _lines(4, _upstreams(names, replicas)),
        "HEADERS": _lines(12, (f'add_header {k} "{v}";' for k, v in sorted(headers.items()))),
    }
    text = TEMPLATE.read_text("utf-8")
    for name, value in parts.items():
        text = text.replace(f"@{name}@", value)
    return text


def _lines(indent: int, lines: object) -> str:
    return "\n".join(" " * indent + line for line in lines)  # type: ignore[attr-defined]


def _upstreams(names: Sequence[str], replicas: Sequence[str]) -> list[str]:
    """Return an upstream for newcomers, and one per replica with all others as its reserve."""
    rule = "max_fails=3 fail_timeout=3s"
    groups = {"gd_any": ["zone gd_any 64k;", "least_conn;"]}
    groups["gd_any"] += [f"server {at} {rule};" for at in replicas]
    for name, own in zip(names, replicas, strict=True):
        reserve = [f"server {at} {rule} backup;" for at in replicas if at != own]
        groups[f"gd_{name}"] = [f"zone gd_{name} 64k;", f"server {own} {rule};", *reserve]
    return [
        line
        for name, inside in groups.items()
        for line in (f"upstream {name} {{", *(f"    {text}" for text in inside), "}")
    ]


def compress_static(folder: Path) -> None:
    """Copy Streamlit's scripts to `folder/static`, each with its compressed twin."""
    import streamlit

    to = folder / "static"
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(Path(streamlit.__file__).parent / "static" / "static", to)
    for file in [file for file in to.rglob("*") if file.suffix in COMPRESSED]:
        data = file.read_bytes()
        if len(data) >= SHORT:
            Path(f"{file}.gz").write_bytes(gzip.compress(data, 6, mtime=0))


def write(replicas: Sequence[str], listen: str, folder: Path, access: str = "off") -> Path:
    """Write the configuration and the scripts, and return the configuration's file."""
    sys.path.insert(0, str(ROOT))
    from gdviz.server.security import headers

    folder.mkdir(parents=True, exist_ok=True)
    compress_static(folder)
    file = folder / "nginx.conf"
    file.write_text(configuration(replicas, listen, folder, headers(), access), "utf-8")
    return file


def main() -> None:
    """Write what the arguments say, and say where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replicas", nargs="+", metavar="IP:PORT")
    parser.add_argument("--listen", default="127.0.0.1:8501", metavar="HOST:PORT")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--access", default="off", help="where requests are logged, off by default")
    at = parser.parse_args()
    try:
        print(write(at.replicas, at.listen, at.folder.resolve(), at.access))
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
