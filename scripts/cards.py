"""Draw the cards of the pages, and list them in the README: `python scripts/cards.py [PAGES]`.

A card is the picture that a page opens with, small and without words, on clear paper. It carries
a fingerprint of the figure it was drawn from, so that a test can tell when it is stale.
"""

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from gdviz.catalogue import lookup  # noqa: E402
from gdviz.catalogue.pages import PAGES, Entry  # noqa: E402
from gdviz.export.files import drawn_figure  # noqa: E402
from gdviz.figures.static import static_figure  # noqa: E402

WIDTH, HEIGHT, DOTS = 480, 270, 4 / 3  # 640 × 360 pixels
COLORS = 128
CLEAR = "rgba(0,0,0,0)"
BEGIN, END = "<!-- gallery: written by scripts/cards.py -->", "<!-- end of gallery -->"
COLUMNS = 3
OPEN_WITH_PRESET = {"race"}  # with their first one; other pages open with their defaults


def pages() -> list[Entry]:
    """Return the pages that have a picture."""
    return [page for page in PAGES if lookup.has_topic(page.stem)]


def card_figure(page: str) -> Any:
    """Return the figure that a page opens with, without axes, words and paper."""
    values = lookup.presets(page)[0].values if page in OPEN_WITH_PRESET else {}
    figure = static_figure(*lookup.picture_of(lookup.settings(page)(**values)))
    figure.update_layout(
        width=WIDTH,
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        title=None,
    )
    figure.layout.annotations = ()
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_traces(showscale=False, selector=lambda trace: "showscale" in trace)
    figure.for_each_trace(_without_words, selector={"type": "scatter"})
    figure.update_shapes(label=None)
    return figure


def _without_words(trace: Any) -> None:
    parts = [part for part in (trace.mode or "lines").split("+") if part != "text"]
    trace.mode = "+".join(parts) or "none"


def fingerprint(figure: Any) -> list[list[float]]:
    """Return of each trace how many finite numbers it has, their mean and their spread."""
    return [_summary(trace) for trace in figure.data]


def _summary(trace: Any) -> list[float]:
    columns = [np.ravel(trace[n]) for n in ("x", "y", "z") if n in trace and trace[n] is not None]
    values = np.concatenate([_numbers(column) for column in columns] or [np.zeros(0)])
    values = values[np.isfinite(values)]
    if not len(values):
        return [0.0, 0.0, 0.0]
    return [float(len(values)), float(values.mean()), float(values.std())]


def _numbers(column: Any) -> np.ndarray:
    try:
        return column.astype(float)
    except ValueError:  # names of categories
        return np.arange(float(len(column)))


def draw(page: str) -> None:
    """Write the card of a page, with few colours and its fingerprint."""
    figure = card_figure(page)
    notes = PngInfo()
    notes.add_text("fingerprint", json.dumps(fingerprint(figure)))
    image = Image.open(io.BytesIO(drawn_figure(figure, "png", DOTS)))
    few = image.quantize(COLORS, method=Image.Quantize.FASTOCTREE)
    few.save(lookup.card_file(page), optimize=True, pnginfo=notes)


def gallery() -> str:
    """Return the cards as a table of Markdown, with the titles below them."""
    cells = [
        f"![{page.title}]({lookup.card_file(page.stem).relative_to(ROOT)})<br>{page.title}"
        for page in pages()
    ]
    rows = [cells[i : i + COLUMNS] for i in range(0, len(cells), COLUMNS)]
    lines = [f"| {' | '.join(row + [''] * (COLUMNS - len(row)))} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * COLUMNS, *lines[1:]])


def with_gallery(text: str) -> str:
    """Return the README with the present gallery between its marks."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{gallery()}\n\n{END}{rest.split(END)[1]}"


def main(names: Sequence[str]) -> None:
    """Draw the cards of some pages, or of all, and renew the gallery."""
    for page in pages():
        if not names or page.stem in names:
            draw(page.stem)
            print(f"{page.stem}: {lookup.card_file(page.stem).stat().st_size / 1000:.0f} kB")
    readme = ROOT / "README.md"
    readme.write_text(with_gallery(readme.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
