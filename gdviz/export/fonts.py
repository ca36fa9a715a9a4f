"""The type of exported figures: the app's own, which every file carries with it.

Source Sans, which Streamlit brings, and for signs that it has not KaTeX (∇) and Source Code (━).
All are under the SIL Open Font License, which lets a document carry them.
"""

import base64
import io
import re
from functools import lru_cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unicodedata import combining

FONTS = {  # names that CSS takes without quotes, for Plotly writes none
    "Source Sans": "SourceSansVF-Upright.*.woff2",
    "KaTeX_Main": "KaTeX_Main-Regular.*.woff2",
    "Source Code": "SourceCodeVF-Upright.*.woff2",
}
# What follows them is for a viewer that does not read the fonts in a file.
FAMILY = ", ".join([*FONTS, "Arial", "Helvetica", "DejaVu Sans", "sans-serif"])
REGULAR = 400
# What a figure may be written with: Latin, Greek, punctuation, arrows, mathematics and shapes. The
# rest of Source Sans takes seconds to prepare; a figure that has more falls back on the system's.
USUAL = "".join(chr(c) for a, b in ((0x20, 0x250), (0x370, 0x400), (0x2000, 0x2800))
                for c in range(a, b))  # fmt: skip


def font_file(name: str) -> Path:
    """Return the file of a font of `FONTS`."""
    spec = find_spec("streamlit")
    assert spec and spec.origin
    return next((Path(spec.origin).parent / "static" / "static" / "media").glob(FONTS[name]))


def faces(text: str = USUAL) -> str:
    """Return the CSS of all fonts, each with the letters of a text.

    A letter is of the first font that has it; a font that gives none is left out.
    """
    made = ""
    for name in FONTS:
        letters = "".join(c for c in text if ord(c) in _known(name))
        text = "".join(c for c in text if ord(c) not in _known(name))
        made += _face(name, letters) if letters else ""
    return made


def with_fonts(svg: bytes) -> bytes:
    """Return an SVG that carries the letters it is written with."""
    drawn = svg.decode()
    letters = set(unescape(re.sub(r"<[^<>]*>", "", drawn))) - set("\n\t")
    style = f"<style>{faces(''.join(sorted(letters)))}</style>"
    return re.sub(r"<svg\b[^>]*>", lambda tag: tag[0] + style, drawn, count=1).encode()


@lru_cache(maxsize=8)
def _known(name: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(font_file(name)).getBestCmap())


@lru_cache(maxsize=512)
def _advance(letter: str) -> float:
    """Return the width of a letter in its size of type, in the first font that has it."""
    for name in FONTS:
        if ord(letter) in _known(name):
            font, glyphs = _glyphs(name)
            return glyphs[font.getBestCmap()[ord(letter)]].width / font["head"].unitsPerEm
    return 0.0 if combining(letter) else 1.0


@lru_cache(maxsize=8)
def _glyphs(name: str) -> tuple[Any, Any]:
    from fontTools.ttLib import TTFont

    font = TTFont(font_file(name))
    return font, font.getGlyphSet(location={"wght": REGULAR} if "fvar" in font else None)


def width_of(text: str) -> float:
    """Return the width of a text in its own size of type.

    >>> width_of("m") > width_of("1") > width_of("i")
    True
    """
    return sum(map(_advance, text))


@lru_cache(maxsize=64)
def _face(name: str, letters: str) -> str:
    """Return the CSS of a font with some letters only."""
    data = base64.b64encode(_made(name, letters)).decode()
    return (
        f"@font-face{{font-family:'{name}';src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    )


def _made(name: str, letters: str) -> bytes:
    """Return a font as WOFF2 with some letters only, of regular weight.

    Of one weight only, for a font that varies becomes mere outlines in a PDF. Kerning is left out:
    for all pairs of letters it takes ten seconds to bring to that weight.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(font_file(name), recalcTimestamp=False)  # the same letters, the same bytes
    subsetter = Subsetter(Options(layout_features=["mark", "mkmk"]))
    subsetter.populate(text=letters)
    subsetter.subset(font)
    if "fvar" in font:
        font = instantiateVariableFont(font, {"wght": REGULAR})
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
