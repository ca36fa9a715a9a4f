"""The type of exported figures: carried in the file, every letter of it, and no more."""

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

from gdviz.export import fonts
from gdviz.export.files import to_bytes
from gdviz.export.renderer import browser_path
from gdviz.topics.race.settings import Race

MATHS = "∇f − f* = 0.05·η²"


def carried(css: str) -> dict[str, set[str]]:
    """Return the letters of each font that a text of CSS holds."""
    found = re.findall(r"font-family:'([^']+)';src:url\(data:font/woff2;base64,([^)]+)\)", css)
    made = {name: TTFont(io.BytesIO(base64.b64decode(data))) for name, data in found}
    return {name: set(map(chr, font.getBestCmap())) for name, font in made.items()}


def test_a_drawing_carries_its_letters_and_no_others():
    svg = f'<svg class="main"><text>{MATHS}</text></svg>'.encode()
    made = fonts.with_fonts(svg).decode()
    letters = carried(made)
    assert set().union(*letters.values()) == set(MATHS) and "∇" in letters["KaTeX_Main"]
    assert letters["Source Sans"].isdisjoint(letters["KaTeX_Main"])
    assert made.replace(re.search(r"<style>.*</style>", made)[0], "").encode() == svg


def test_a_letter_that_is_written_as_an_entity_is_carried_as_itself():
    made = fonts.with_fonts(b"<svg><text>a &lt; b &amp; c</text></svg>").decode()
    letters = set().union(*carried(made).values())
    assert set("a < b & c") <= letters and letters.isdisjoint("ltmp;"), "no letter of “&lt;”"


def test_a_font_without_letters_is_left_out():
    assert set(carried(fonts.faces("η = 1"))) == {"Source Sans"}
    assert fonts.faces("") == ""


def test_a_picture_may_be_written_with_all_usual_letters():
    usual = carried(fonts.faces())
    assert set(usual) == set(fonts.FONTS)
    everywhere = set().union(*usual.values())
    assert set(MATHS + "━●╍◆→≤Åßαω€“…") <= everywhere <= set(fonts.USUAL)
    assert sum(map(len, usual.values())) == len(everywhere), "a letter is of one font"


def test_a_carried_font_is_regular_and_small():
    css = fonts.faces(MATHS)
    assert len(css) < 12_000
    data = re.search(r"Source Sans';src:url\(data:font/woff2;base64,([^)]+)\)", css)[1]
    font = TTFont(io.BytesIO(base64.b64decode(data)))
    assert "fvar" not in font and font["OS/2"].usWeightClass == fonts.REGULAR


@pytest.mark.skipif(browser_path() is None, reason="needs Chromium")
def test_a_figure_is_lettered_by_the_fonts_it_carries():
    svg = to_bytes(Race(), "svg", style="paper").decode()
    text = re.sub(r"<[^>]*>", "", svg.replace(re.search(r"<style>.*?</style>", svg)[0], ""))
    assert set(text) - set().union(*carried(svg).values()) <= {" ", "\n"}
    assert re.search(r"font-family: .?&?q?u?o?t?;?Source Sans", svg)
    assert b"SourceSans" in to_bytes(Race(), "pdf", style="paper")
