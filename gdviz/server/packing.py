"""Text files packed for the way to the browser: each once in a process, on the first request."""

import gzip
from pathlib import Path

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

A_YEAR = "public, max-age=31536000, immutable"
QUALITY = 9  # of brotli: a tenth larger than the best, for a tenth of its time
ENCODINGS = ("br", "gzip")  # browsers take brotli by https, and from their own machine


def encoding_for(request: Request) -> str:
    """Return the first of `ENCODINGS` that the browser takes, "" if it takes none."""
    asked = request.headers.get("accept-encoding", "").split(",")
    taken = {name.strip() for name, _, weight in (part.partition(";") for part in asked)
             if weight.strip() not in ("q=0", "q=0.0")}  # fmt: skip
    return next((name for name in ENCODINGS if name in taken), "")


_packed: dict[tuple[Path, str], bytes] = {}  # of our files and Streamlit's, which do not change


def pack_file(file: Path, encoding: str) -> bytes:
    """Return a file as it is sent, packed once in a process; that of `""` is as it is."""
    if (file, encoding) not in _packed:
        plain = file.read_bytes()
        if encoding == "br":
            plain = brotli.compress(plain, mode=brotli.MODE_TEXT, quality=QUALITY)
        elif encoding:
            plain = gzip.compress(plain, mtime=0)
        _packed[file, encoding] = plain
    return _packed[file, encoding]


async def answer(request: Request, file: Path, media_type: str, keep: str) -> Response:
    """Answer with a text file; `keep` is what the browser is told about keeping it.

    A thread is taken for the first answer only; the others come from memory.
    """
    encoding = encoding_for(request)
    headers = {"Cache-Control": keep, "Vary": "Accept-Encoding"}
    if encoding:
        headers["Content-Encoding"] = encoding
    body = _packed.get((file, encoding)) or await run_in_threadpool(pack_file, file, encoding)
    return Response(body, media_type=media_type, headers=headers)
