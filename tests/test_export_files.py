"""Pictures, films and tables of any page: what is in the files, and how the one browser is kept."""

import asyncio
import csv
import io
import re
import subprocess
import threading
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import imageio_ffmpeg
import numpy as np
import plotly.graph_objects as go
import pyarrow.parquet as pq
import pytest
from browser import ROOT
from PIL import Image

from gdviz import export
from gdviz.catalogue import lookup
from gdviz.catalogue.lookup import picture_of
from gdviz.cli.links import from_link
from gdviz.cli.pages import names, titles
from gdviz.export import STYLES, ExportError, NoBrowser, files, films, panels, renderer, styles
from gdviz.figures.scene import Picture, Scene
from gdviz.knobs import KnobError, idle, knobs
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race.settings import Race

SHORT = Descent(methods=("gd", "adam"), steps=5, stop="none")
EVIL = Race(surface="typed", formula="x**2 + y**2", methods=("gd",), steps=2)
chromium = pytest.mark.skipif(export.browser_path() is None, reason="no Chromium on this machine")


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("page", titles())
def test_every_page_has_a_figure_in_every_style(page: str, style: str) -> None:
    figure, look = export.figure(lookup.settings(page)(), style=style), STYLES[style]
    assert isinstance(figure, go.Figure) and len(figure.data) > 0
    stacked = style == "paper" and len(
        panels.columns(picture_of(lookup.settings(page)()).background)
    )
    assert figure.layout.width == look.width
    assert figure.layout.height == pytest.approx(look.height) or stacked > 1
    assert look.height - 0.1 < figure.layout.height < 2.1 * look.height
    assert figure.layout.font.size == look.type
    assert {figure.layout.paper_bgcolor, figure.layout.plot_bgcolor} == {"#ffffff"}


def test_type_and_lines_are_right_at_the_final_size() -> None:
    """8 pt and ¾ pt on a column of 85 mm, whatever the dots: a pixel is 1/96 inch."""
    paper = STYLES["paper"]
    figure = export.figure(SHORT, style="paper")
    assert paper.width / 96 * 25.4 == pytest.approx(85)
    assert figure.layout.font.size / 96 * 72 == pytest.approx(8)
    track = next(t for t in figure.data if t.name == "Adam")
    assert track.line.width / 96 * 72 == pytest.approx(0.75)
    assert STYLES["slide"].width / STYLES["slide"].height == pytest.approx(16 / 9)


def test_the_table_of_the_documents_says_widths_type_and_lines() -> None:
    """In millimetres and points; a frame of beamer is 160 mm wide, and a slide shrinks to it."""
    text = (ROOT / "docs" / "library.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)`[^|]*\| ([\d.]+) mm ((?:\| [\d.]+ pt ){3})\|$", text, re.M)
    assert [row[0] for row in rows] == ["paper", "page", "slide", "slide"]
    for name, width, lengths in rows:
        look, wide = STYLES[name], float(width)
        by = wide / (look.width / styles.MM)
        own = [look.type, styles.LEAST * look.type, look.line]
        told = [float(length) for length in re.findall(r"[\d.]+", lengths)]
        assert by == pytest.approx(1, rel=1e-3) or wide == 160
        assert told == pytest.approx([by * length / styles.POINT for length in own], rel=0.01)


def test_a_figure_at_a_step_ends_there_and_its_picture_is_left_alone() -> None:
    before = picture_of(SHORT)
    kept = before.background.to_json()
    for step, length in ((0, 1), (3, 4), (None, 6), (99, 6), (-5, 1)):
        figure = styles.apply_style(before, STYLES["slide"], step, "a <b>title</b>")
        assert len(next(t for t in figure.data if t.name == "Adam").x) == length
    assert figure.layout.title.text == "a &lt;b&gt;title&lt;/b&gt;"
    assert before.background.to_json() == kept


def test_the_legend_takes_as_many_rows_as_it_needs() -> None:
    methods = ("gd", "heavy_ball", "nesterov", "adam", "newton", "bfgs")
    for style, rows in (("slide", 1), ("paper", 2)):
        notes = export.figure(Race(methods=methods, steps=3), style=style).layout.annotations
        assert len(notes) == len(methods)
        heights = sorted({note.yshift for note in notes})
        assert len(heights) == rows
        for height in heights:  # no entry begins before the one at its left ends
            starts = sorted(note.xshift for note in notes if note.yshift == height)
            assert all(b - a > 40 for a, b in zip(starts, starts[1:], strict=False))
    assert not export.figure(Race(methods=("gd",)), style="paper").layout.annotations


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", titles())
def test_a_caption_says_every_setting_that_counts(page: str) -> None:
    spec = lookup.settings(page)()
    caption, unused = export.caption(spec, 3), idle(spec)
    for name in knobs(type(spec)):
        value = getattr(spec, name)
        text = ", ".join(value) if isinstance(value, tuple) else str(value)
        assert (f" {name} = {text}" in caption) == (name not in unused)
    assert caption.startswith(titles()[page]) and "step = 3" in caption


@pytest.mark.parametrize("place", names())
def test_the_link_of_an_entry_opens_the_figure(place: str) -> None:
    """A room is named in it, and it has a host."""
    spec = lookup.settings(place)()
    entry = export.bibtex(spec, 2).replace("\\", "")
    (address,) = re.findall(r"howpublished = \{(.*)\}", entry)
    assert from_link(address) == (place, spec, 2, export.HERE)


def test_a_title_names_the_room() -> None:
    for place, name in names().items():
        assert export.title(lookup.settings(place)()) == name


@chromium
def test_a_pdf_tells_its_title_in_every_style() -> None:
    spec = lookup.settings("backprop_chain")()
    for style in ("paper", "slide"):
        assert b"/Title (Backpropagation: Chain rule)" in export.to_bytes(spec, "pdf", style=style)


def test_a_bibtex_title_holds_what_a_visitor_typed() -> None:
    spec = Descent(function="typed", formula="x^2 + 3 % {x} & $ # _ ~ \\")
    entry = export.bibtex(spec, 2, "https://example.org")
    said = r"x\textasciicircum{}2 + 3 \% \{x\} \& \$ \# \_ \textasciitilde{} \textbackslash{}"
    assert said in entry and entry.startswith("@misc{gdviz-descent-step2,\n")
    bare = re.sub(r"\\[%&$#_{}]", "", entry)
    assert bare.count("{") == bare.count("}")
    assert r"https://example.org/descent?descent\_function=typed\&" in entry


# --- tables ---------------------------------------------------------------------------------------


class Inner(NamedTuple):
    x: Any
    flag: Any
    name: str = "words"


class Outer(NamedTuple):
    draws: Any
    inner: Inner
    rate: float
    count: int


def test_any_result_is_tables_by_length() -> None:
    x = np.arange(6.0).reshape(3, 2)
    result = Outer(x, Inner([1.5, 2.5], np.array([True, False])), 0.5, 7)
    found = export.tables(result)
    assert {n: list(c) for n, c in found.items()} == {
        "result": ["draws0", "draws1"],
        "result.inner": ["x", "flag"],
    }
    assert found["result"]["draws1"].tolist() == [1.0, 3.0, 5.0]
    lone = export.tables({"a": {"mean": 1.0, "sd": 2.0, "said": "no"}})
    assert {n: {k: v.tolist() for k, v in c.items()} for n, c in lone.items()} == {
        "a": {"mean": [1.0], "sd": [2.0]}
    }
    assert export.tables({}) == {}


@pytest.mark.parametrize("page", titles())
def test_parquet_holds_what_the_csv_holds(page: str) -> None:
    result = lookup.numbers(lookup.settings(page)())
    table = pq.read_table(io.BytesIO(export.parquet_of(result)))
    rows = list(csv.DictReader(io.StringIO(export.csv_of(result).decode())))
    assert table.num_rows == len(rows) > 0 and table.column_names == list(rows[0])
    for there, row in zip(table.to_pylist(), rows, strict=True):
        for name, text in row.items():
            value = there[name]
            if isinstance(value, float):
                assert float(text) == value or (np.isnan(value) and text == "NaN")
            else:
                assert text == ("" if value is None else str(value))


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["", "doc", "png ", "x" * 100])
def test_an_unknown_format_is_refused(format: str) -> None:
    with pytest.raises(KnobError, match="is not a format; there are png, svg"):
        export.to_bytes(SHORT, format)


@pytest.mark.parametrize("step", [-1, 6, 99999])
def test_a_step_that_is_not_there_is_refused(step: int) -> None:
    with pytest.raises(KnobError, match=f"no step {step}: the last one is 5"):
        export.to_bytes(SHORT, "svg", step=step)


def test_an_unknown_style_and_foreign_settings_are_refused() -> None:
    with pytest.raises(KnobError, match="screen, slide, paper, page"):
        export.to_bytes(SHORT, "csv", style="poster")
    for thing in ("race", 3, object(), Outer(0, Inner(0, 0), 0, 0)):
        with pytest.raises(KnobError, match="not the settings of a page"):
            export.figure(thing)


def test_a_picture_that_does_not_move_has_no_film() -> None:
    still = Picture(go.Figure(), Scene(()))
    with pytest.raises(ExportError, match="Nothing moves"):
        films.film_of(still, "gif", STYLES["screen"])


@pytest.mark.parametrize("steps", [1, 3, 24, 150, 2000, 100_000])
def test_a_film_shows_first_and_last_step_as_the_player_goes(steps: int) -> None:
    scene = Scene((picture_of(SHORT).scene.layers[-1]._replace(values=np.zeros(steps + 1)),))
    frames = films.frame_steps(scene)
    assert (frames[0], frames[-1]) == (0, steps) and 2 <= len(frames) <= 300
    assert len(frames) - 1 == round(25 * min(6, steps / 4))
    assert np.allclose(np.diff(frames), frames[1])


# --- the one browser ------------------------------------------------------------------------------


class Fake(renderer.HeadlessRenderer):
    """A studio whose browser is a list of what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = 0

    async def _done(self, job: Any) -> Any:
        if self.browser is None:
            self.opened += 1
            self.browser = object()
        return await job(self.browser), 0.0


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.setattr(renderer, "browser_path", lambda: "/somewhere")
    return Fake()


async def at_once(browser: Any) -> Any:
    return browser


async def slowly(browser: Any) -> None:
    await asyncio.sleep(30)


async def wrongly(browser: Any) -> None:
    raise RuntimeError("the page crashed")


def test_the_browser_is_kept_until_it_fails(fake: Fake) -> None:
    first = fake.ask(at_once)
    assert fake.ask(at_once) is first and fake.opened == 1
    for job, said in ((slowly, "longer than 0 s"), (wrongly, "The browser failed")):
        with pytest.raises(ExportError, match=said):
            fake.ask(job, 0.05)
        fake.ask(at_once)
    assert fake.opened == 3 and fake.waiting == 0


def test_jobs_are_done_one_at_a_time_and_the_line_is_bounded(fake: Fake) -> None:
    busy: list[int] = []
    gate = threading.Event()

    async def job(browser: Any) -> int:
        busy.append(1)
        while not gate.is_set():
            await asyncio.sleep(0.01)
        assert len(busy) == 1
        return busy.pop()

    threads = [threading.Thread(target=fake.ask, args=(job,)) for _ in range(renderer.MOST_WAITING)]
    for thread in threads:
        thread.start()
    while fake.waiting < renderer.MOST_WAITING:
        threading.Event().wait(0.01)
    with pytest.raises(ExportError, match="Too many pictures"):
        fake.ask(at_once)
    gate.set()
    for thread in threads:
        thread.join()
    assert busy == [] and fake.waiting == 0


def test_without_a_browser_it_says_so_and_the_rest_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "browser_path", lambda: None)
    for format in files.PICTURES + files.FILMS:
        with pytest.raises(NoBrowser, match="HTML, CSV and Parquet work without"):
            export.to_bytes(SHORT, format)
    for format in files.DATA:
        assert len(export.to_bytes(SHORT, format)) > 500


def test_the_operator_can_turn_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDVIZ_EXPORT", "off")
    assert renderer.browser_path.__wrapped__() is None


# --- files made by a real browser -----------------------------------------------------------------


@chromium
@pytest.mark.browser
def test_a_png_knows_its_dots(tmp_path: Path) -> None:
    file = export.save(SHORT, tmp_path / "a.png", style="paper", step=3)
    picture = Image.open(file)
    assert [round(s / d, 2) for s, d in zip(picture.size, picture.info["dpi"], strict=True)] == [
        round(85 / 25.4, 2),
        round(64 / 25.4, 2),
    ]
    colors = picture.convert("RGB")
    assert colors.getpixel((3, 3)) == (255, 255, 255)
    assert len(colors.getcolors(picture.width * picture.height)) > 50


@chromium
@pytest.mark.browser
def test_an_svg_is_words_and_lines_and_loads_nothing() -> None:
    root = ElementTree.fromstring(export.to_bytes(SHORT, "svg", style="slide"))
    assert (root.get("width"), root.get("height")) == ("1280", "720")
    words = "".join(root.itertext())
    assert "Descent in one dimension" in words and "Gradient descent" in words and "f(x)" in words
    links = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href")]
    assert all(link.startswith(("data:", "#")) for link in links)
    assert not [e for e in root.iter() if e.tag.endswith("script")]


@chromium
@pytest.mark.browser
def test_a_pdf_has_its_size_and_carries_its_fonts() -> None:
    made = export.to_bytes(EVIL, "pdf", style="paper")
    box = re.search(rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", made)
    assert made.startswith(b"%PDF-") and box
    assert float(box[1]) == pytest.approx(85 / 25.4 * 72, abs=1.0)
    assert float(box[2]) == pytest.approx(64 / 25.4 * 72, abs=1.0)
    assert b"/FontFile" in made and b"/Type3" not in made


@chromium
@pytest.mark.browser
@pytest.mark.parametrize("format", ["gif", "mp4", "webm"])
def test_a_film_plays_the_run(format: str, tmp_path: Path) -> None:
    told: list[float] = []
    spec = Descent(lr=0.02, steps=4, stop="none")
    file = export.save(spec, tmp_path / f"a.{format}", style="slide", progress=told.append)
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 20
    assert export.reopen(file) == spec and export.verify(file).same
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(file))
    moving, held = round(25 * 4 / 4) + 1, round(1.2 * 25)
    assert frames == moving + held and seconds == pytest.approx(frames / 25, abs=0.1)
    reader = imageio_ffmpeg.read_frames(str(file))
    size = next(reader)["size"]
    shown = [np.frombuffer(next(reader), np.uint8).astype(int) for _ in range(moving)]
    assert size[0] / size[1] == pytest.approx(16 / 9, abs=0.02) and size[0] % 2 == 0
    assert shown[0].mean() > 200  # white paper
    assert np.abs(shown[0] - shown[-1]).max() > 100  # and something has moved on it
    reader.close()
    if format != "gif":
        assert_limited_range(file)


def assert_limited_range(file: Path) -> None:
    """White paper is 235, not 255; players believe the tags."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    about = subprocess.run([program, "-i", file], capture_output=True, check=False).stderr
    assert b"yuv420p(tv, bt709" in about
    raw = [program, "-loglevel", "error", "-i", file, "-frames:v", "1", "-f", "rawvideo"]
    first = subprocess.run([*raw, "-pix_fmt", "yuv420p", "-"], capture_output=True, check=True)
    luma = first.stdout[: 1280 * 720]
    assert sorted(luma)[len(luma) // 2] in (234, 235, 236)
