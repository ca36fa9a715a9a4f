"""A tour as slides: what is on each, what plays, and that programs which are not ours open it."""

import base64
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cases import each
from click.testing import CliRunner
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from gdviz import export
from gdviz.catalogue.lookup import picture_of
from gdviz.catalogue.tours import TOURS, Tour, TourStop
from gdviz.cli import main
from gdviz.cli.links import from_link
from gdviz.export import decks, films, stamps
from gdviz.export.decks import save_tour, stops_of, tour_bytes, without_run
from gdviz.figures.scene import Track
from gdviz.knobs import KnobError, knobs

BASE = "https://example.org/app"
SMALL = Tour(
    "Small & <quick>",
    (
        TourStop("race", "Four valleys", "Not all end <alike>.", "Do any two?", hidden=True),
        TourStop("integration", "Spike missed", "It sees what it asks.", "Which n?"),
        TourStop("descent", "2-cycle", "At 2/f″ it jumps for ever.", "What tells?"),
    ),
)
chromium = pytest.mark.skipif(export.browser_path() is None, reason="no Chromium on this machine")


needs_office = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="no LibreOffice on this machine"
)


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    """A tour of three stops whose films have three frames."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TOURS, "small", SMALL)
        patch.setattr(films, "MOST_FRAMES", 3)
        yield "small"


@pytest.fixture(scope="module")
def slides(small: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It as a .pptx."""
    shares: list[float] = []
    file = tmp_path_factory.mktemp("slides") / "a.pptx"
    save_tour(small, file, base=BASE, progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)
    return file


def parts_of(slide: Any) -> tuple[Any, str]:
    """Return the picture or film of a slide, and the address of its link."""
    kinds = (MSO_SHAPE_TYPE.PICTURE, MSO_SHAPE_TYPE.MEDIA)
    (shown,) = [shape for shape in slide.shapes if shape.shape_type in kinds]
    runs = [
        run
        for shape in slide.shapes
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
    ]
    (address,) = [run.hyperlink.address for run in runs if run.hyperlink.address]
    return shown, address


def shown_again(spec: Any) -> dict[str, bool]:
    """Return what a link that opens a hidden run says besides: that it is hidden."""
    return {"hidden": False} if getattr(spec, "hidden", None) is False else {}


@chromium
@pytest.mark.browser
def test_slides_have_title_film_notes_and_link(slides: Path) -> None:
    deck = Presentation(str(slides))
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9)
    first, *pages = deck.slides
    assert first.shapes.title.text == deck.core_properties.title == SMALL.title
    stops = stops_of(SMALL, BASE)
    shown = [stops[0], *stops]  # the hidden one has a slide before its run
    assert [slide.shapes.title.text for slide in pages] == [stop.title for stop in shown]
    moving, stills = [], []
    for slide, stop in zip(pages, shown, strict=True):
        notes = slide.notes_slide.notes_text_frame.text
        assert stop.sentence in notes and stop.question in notes
        assert all(f"{name} = " in notes for name in list(knobs(type(stop.spec)))[:1])
        part, address = parts_of(slide)
        asked = from_link(address)
        assert replace(asked.spec, **shown_again(stop.spec)) == stop.spec and asked.base == BASE
        assert part._element.xpath(".//p:cNvPr/@descr")[0] and part.left >= 0 and part.top > 0
        assert part.left + part.width <= deck.slide_width
        assert part.top + part.height < deck.slide_height
        film = part.shape_type == MSO_SHAPE_TYPE.MEDIA
        moving.append(film)
        poster = (part.poster_frame if film else part.image).blob
        assert Image.open(io.BytesIO(poster)).width == 2 * decks.LOOK.width
        (stamp,) = stamps.find(poster)
        assert from_link(f"/{stamp.link}").spec == stop.spec
        stills.append(poster)
    assert moving == [False, True, picture_of(stops[1].spec).scene.steps > 0, True]
    assert stills[0] != stills[1]
    media = [p for p in deck.part.package.iter_parts() if p.content_type == "video/mp4"]
    assert len(media) == sum(moving)
    assert all(p.blob[4:8] == b"ftyp" and stamps.find(p.blob) for p in media)


@chromium
@needs_office
@pytest.mark.browser
def test_slides_open_in_libreoffice(slides: Path, tmp_path: Path) -> None:
    """It makes a PDF of them, with a page for the title, each stop, and what is hidden at first."""
    words = [f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "pdf"]
    command = ["soffice", *words, "--outdir", str(tmp_path), str(slides)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0 and b"Error" not in done.stderr, done.stderr
    made = (tmp_path / "a.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", made)) == 1 + len(SMALL.stops) + 1


def test_slides_of_one_html_file_carry_scenes_words_and_origins(small: str) -> None:
    made = tour_bytes(small, "html", base=BASE).decode()
    assert "<title>Small &amp; &lt;quick&gt;</title>" in made
    assert "Not all end &lt;alike&gt;." in made and "<quick>" not in made
    stops = stops_of(SMALL, BASE)
    links = re.findall(r'<a href="(https://[^"]+)">Open in gdviz</a>', made)
    assert [link.replace("&amp;", "&") for link in links] == [stop.link for stop in stops]
    found = [from_link(f"/{stamp.link}").spec for stamp in stamps.find(made.encode())]
    assert found == [stop.spec for stop in stops]
    assert export.verify(made.encode()).same
    scenes = re.search(r"openDeck\(window\.Plotly, \{.*\}, (\[.*\])\);", made)
    assert scenes
    heads = [base64.b64decode(text)[:4000] for text in re.findall(r'"([^"]+)"', scenes[1])]
    assert [b'"guess": "slide' in head for head in heads] == [True, False, False]
    assert not re.search(r'(?:src|href)="(?!#|https://example)', made.partition("<script>")[0])


@each("name", TOURS)
def test_every_stop_of_every_tour_has_a_slide(name: str) -> None:
    for stop, shown in zip(TOURS[name].stops, stops_of(TOURS[name], BASE), strict=True):
        assert shown.title.endswith(stop.preset)
        opened = from_link(shown.link).spec
        assert opened == stop.spec() and replace(opened, **shown_again(shown.spec)) == shown.spec


def test_what_is_guessed_is_not_on_its_first_slide() -> None:
    for stop in (stop for tour in TOURS.values() for stop in tour.stops if stop.hidden):
        scene = picture_of(stop.with_run()).scene
        seen = without_run(scene)
        assert not seen.chips and not any(isinstance(layer, Track) for layer in seen.layers)
        assert not {layer.name for layer in seen.layers} & set(scene.ends)
        assert len(seen.layers) < len(scene.layers) or not scene.steps


@each(
    "words,said",
    [
        (["nowhere", "a.pptx"], "'nowhere' is not one of"),
        (["race", "a.odp"], "“odp” is not a format of slides; there are pptx, html."),
        (["race", "a.html", "--stills"], "stills does nothing in an html"),
        (["race", "a.html", "--base", "javascript:alert(1)"], "is not the address of an app"),
        (["race"], "One file is written"),
        (["race", "a.html", "-o", "b.html"], "One file is written"),
    ],
)
def test_a_tour_that_makes_no_sense_is_refused(words: list[str], said: str) -> None:
    done = CliRunner().invoke(main, ["export", "--tour", *words])
    assert done.exit_code == 2 and said in " ".join(done.output.split())


def test_a_tour_is_written_by_command(small: str, tmp_path: Path) -> None:
    for words in (["rate", str(tmp_path / "a.html")], ["rate", "-o", str(tmp_path / "b.html")]):
        done = CliRunner().invoke(main, ["export", "--tour", *words])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    with pytest.raises(KnobError, match="is not a tour; there are rate, race"):
        save_tour("no", tmp_path / "a.html")
