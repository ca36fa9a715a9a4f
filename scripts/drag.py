"""Film a hand that drags the start of a race: `python scripts/drag.py` writes `docs/drag.gif`."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from cards import fingerprint  # noqa: E402

from gdviz.catalogue import lookup  # noqa: E402
from gdviz.export.files import drawn_figure  # noqa: E402
from gdviz.export.films import encode  # noqa: E402
from gdviz.export.styles import Style, apply_style  # noqa: E402

FILE = ROOT / "docs" / "drag.gif"
SIZE = Style("GIF", 640, 360, 12, 2.0, 1, False)
FRAMES, RATE = 72, 12
# The way of the hand over Himmelblau's surface and back: it crosses the borders of four valleys.
WAY = [(-0.3, 0.6), (-1.9, 2.2), (0.4, 3.4), (1.9, 0.7), (0.9, -1.6), (-1.2, -1.9), (-0.3, 0.6)]


def places() -> Iterator[tuple[float, float]]:
    """Yield the hand's place in each frame, on a smooth closed curve."""
    curve = CubicSpline(np.linspace(0, 1, len(WAY)), WAY, bc_type="periodic")
    for x, y in curve(np.arange(FRAMES) / FRAMES):
        yield float(x), float(y)


def race_from(x: float, y: float) -> Any:
    """Return the figure of a race from (x, y), with a ring where the hand is."""
    spec = lookup.preset("race", "Four valleys")
    figure = apply_style(lookup.picture_of(replace(spec, x0=x, y0=y)), SIZE)
    ring = {"size": 22, "color": "rgba(0,0,0,0)", "line": {"width": 2.5, "color": "#1b1f24"}}
    figure.add_scatter(x=[x], y=[y], mode="markers", marker=ring)
    return figure


def with_comment(gif: bytes, text: str) -> bytes:
    """Return a GIF that loops with a comment before its pictures, in blocks of 255 bytes."""
    data = text.encode()
    blocks = [data[i : i + 255] for i in range(0, len(data), 255)]
    body = b"".join(bytes([len(block)]) + block for block in blocks)
    loop = b"!\xff\x0bNETSCAPE2.0"
    return gif.replace(loop, b"!\xfe" + body + b"\0" + loop, 1)


def main() -> None:
    """Draw the frames, and write the film with the fingerprint of its first picture."""
    figures = [race_from(x, y) for x, y in places()]
    film = encode([drawn_figure(figure, "png", SIZE.dots) for figure in figures], "gif", RATE)
    FILE.write_bytes(with_comment(film, json.dumps(fingerprint(figures[0]))))
    print(f"{FILE.relative_to(ROOT)}: {FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
