"""A page's picture in a notebook: the player of the HTML export, which needs no kernel."""

from typing import Any, NamedTuple

from gdviz.export.captions import caption
from gdviz.export.files import to_bytes

HEIGHT = 720  # pixels: the heading, the caption, the stage and its bar
_FRAME = (
    '<iframe srcdoc="{page}" title="{title}" sandbox="allow-scripts" '
    'style="width: 100%; height: {height}px; border: 0"></iframe>'
)


class NotebookPlayer(NamedTuple):
    """A page that plays, as a notebook shows it: its HTML, its words, its height in pixels."""

    html: str
    caption: str
    height: int

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return a frame with the whole page in it, and its caption where there are only words."""
        page, title = (text.replace("&", "&amp;").replace('"', "&quot;") for text in self[:2])
        frame = _FRAME.format(page=page, title=title, height=self.height)
        return {"text/html": frame, "text/plain": self.caption}

    def __repr__(self) -> str:
        return self.caption


def show(spec: Any, height: int = HEIGHT) -> NotebookPlayer:
    """Return a page at its settings as a player for Jupyter, VS Code, Colab, marimo and Quarto.

    A saved notebook plays without a kernel and without a network. It carries Plotly, 4.6 MB a
    player.
    """
    return NotebookPlayer(to_bytes(spec, "html").decode(), caption(spec), height)
