"""Film a hand that drags the start of a race: `python scripts/drag.py` writes `docs/drag.gif`."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from gdviz.catalogue.pictures import picture_of  # noqa: E402

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


def frame(spec: Any, x: float, y: float) -> bytes:
    """Return the picture of a race from (x, y) as PNG, with a ring where the hand is."""
    figure = apply_style(picture_of(replace(spec, x0=x, y0=y)), SIZE)
    ring = {"size": 22, "color": "rgba(0,0,0,0)", "line": {"width": 2.5, "color": "#1b1f24"}}
    figure.add_scatter(x=[x], y=[y], mode="markers", marker=ring)
    return drawn_figure(figure, "png", SIZE.dots)


def main() -> None:
    """Draw the frames, and write the film."""
    spec = lookup.preset("race", "Four valleys")
    FILE.write_bytes(encode([frame(spec, x, y) for x, y in places()], "gif", RATE))
    print(f"{FILE.relative_to(ROOT)}: {FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
