"""Several pages as one figure, and words beside a file."""

import io
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from PIL import Image

from gdviz import export
from gdviz.catalogue import lookup
from gdviz.cli import main
from gdviz.export import STYLES, stamps
from gdviz.export.grid import Part, grid_bytes
from gdviz.knobs import KnobError
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race.settings import Race

ONE, TWO = Descent(steps=4, stop="none"), Race(methods=("gd",), steps=3)
chromium = pytest.mark.skipif(export.browser_path() is None, reason="no Chromium on this machine")


@chromium
@pytest.mark.browser
def test_pages_become_one_figure_with_letters(tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    words = ["export", "--grid", "2x2", "descent", "race?race_steps=3", "descent"]
    done = CliRunner().invoke(main, [*words, "-o", str(file), "--words"])
    assert done.exit_code == 0, done.output
    root = ElementTree.parse(file).getroot()
    wide = STYLES["page"].width
    assert float(root.get("width", 0)) == pytest.approx(wide)
    cells = [e for e in root if e.tag.endswith("svg")]
    places = [(float(e.get("x", 0)), float(e.get("y", 0))) for e in cells]
    assert places[:2] == [(0, 0), (pytest.approx(wide / 2), 0)]
    assert places[2][0] == 0 and places[2][1] >= float(cells[0].get("height", 0)) - 0.1
    assert [e.text for e in root if e.tag.endswith("text")] == ["(a)", "(b)", "(c)"]
    drawn = file.read_text("utf-8")
    ids = re.findall(r'\bid="([^"]+)"', drawn)
    used = re.findall(r"url\(['\"]?(?:&quot;)?#([^'\")&]+)", drawn)
    assert len(ids) == len(set(ids)) and set(used) <= set(ids) and used
    links = [stamp.link for stamp in stamps.find(file.read_bytes())]
    assert links == ["descent", "race?race_steps=3", "descent"]
    assert export.verify(file).same
    said = (tmp_path / "a.caption.txt").read_text("utf-8").splitlines()
    assert [line[:3] for line in said] == ["(a)", "(b)", "(c)"]
    assert said[1] == f"(b) {export.caption(replace(Race(), steps=3))}"


@chromium
@pytest.mark.browser
def test_a_grid_is_a_png_and_a_pdf_too() -> None:
    parts = [Part(ONE, 2), Part(TWO)]
    picture = Image.open(
        io.BytesIO(grid_bytes(parts, "png", grid="1x2", style="slide", letters=False))
    )
    assert picture.size == (2 * 1280, 2 * 720) and round(picture.info["dpi"][0]) == 192
    halves = [picture.convert("RGB").crop((1280 * n, 0, 1280 * n + 1280, 1440)) for n in (0, 1)]
    for half in halves:
        assert len(half.getcolors(1280 * 1440)) > 50, "something is drawn in each"
    made = grid_bytes(parts, "pdf", grid="1x2")
    box = re.search(rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", made)
    assert box and float(box[1]) == pytest.approx(178 / 25.4 * 72, abs=1.5)
    assert b"/Title (Descent in one dimension, The optimizer race)" in made
    assert b"/FontFile" in made
    assert [stamp.step for stamp in stamps.find(made)] == [2, None]


def test_a_grid_that_makes_no_sense_is_refused() -> None:
    for parts, shape in (([], "1x1"), ([Part(ONE)] * 3, "1x2"), ([Part(ONE)] * 2, "2x2")):
        with pytest.raises(KnobError, match="do not fill a grid"):
            grid_bytes(parts, "svg", grid=shape)
    with pytest.raises(KnobError, match="A grid is a picture: png, svg, pdf"):
        grid_bytes([Part(ONE)], "csv", grid="1x1")
    for words in (["--grid", "2by2", "race"], ["--grid", "1x1", "nowhere"]):
        done = CliRunner().invoke(main, ["export", *words, "-o", "a.svg"])
        assert done.exit_code == 2 and "is not a " in done.output


def test_words_are_files_beside_the_figure(tmp_path: Path) -> None:
    export.save(ONE, tmp_path / "a.tex", step=2, words=True)
    assert (tmp_path / "a.caption.txt").read_text("utf-8") == export.caption(ONE, 2) + "\n"
    alt = lookup.picture_of(ONE).scene.alt
    assert alt and (tmp_path / "a.alt.txt").read_text("utf-8") == alt + "\n"
