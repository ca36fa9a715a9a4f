"""The committed pictures: the cards of the pages, the gallery and the film of the README."""

import json

import cards
import drag
import numpy as np
import plotly.graph_objects as go
import pytest
from browser import ROOT
from PIL import Image

from gdviz.catalogue import lookup


def is_fresh(figure: go.Figure, note: str) -> bool:
    """Tell whether a picture with this note was drawn from the figure, but for its last digits."""
    now, then = np.array(cards.fingerprint(figure)), np.array(json.loads(note))
    return now.shape == then.shape and np.allclose(now, then, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("page", [page.stem for page in cards.pages()])
def test_a_card_shows_the_page_as_it_is_now(page: str):
    image = Image.open(lookup.card_file(page))
    assert image.size == (640, 360) and lookup.card_file(page).stat().st_size < 60_000
    figure = cards.card_figure(page)
    assert is_fresh(figure, image.info["fingerprint"]), f"python scripts/cards.py {page}"
    words = [t for t in figure.data if t.type == "scatter" and "text" in (t.mode or "")]
    assert not words and not figure.layout.annotations


def test_a_card_shows_what_its_page_opens_with():
    scripts = {page.stem: page.path.read_text("utf-8") for page in cards.pages()}
    opening = {
        name for name, text in scripts.items() if "    open_with(PAGE, presets(PAGE)[0])" in text
    }
    assert opening == cards.OPEN_WITH_PRESET


def test_a_stale_card_is_noticed():
    note = Image.open(lookup.card_file("descent")).info["fingerprint"]
    figure = cards.card_figure("descent")
    figure.data[0].y = np.asarray(figure.data[0].y) * 1.01
    assert not is_fresh(figure, note) and not is_fresh(go.Figure(), note)


def test_the_gallery_of_the_readme_has_every_card():
    text = (ROOT / "README.md").read_text("utf-8")
    assert cards.with_gallery(text) == text, "python scripts/cards.py"


def test_the_film_of_the_readme_shows_the_race_as_it_is_now():
    film = Image.open(drag.FILE)
    assert (film.size, film.n_frames) == ((640, 360), drag.FRAMES)
    note = film.info["comment"].decode()
    assert is_fresh(drag.race_from(*next(drag.places())), note), "python scripts/drag.py"


@pytest.mark.parametrize("page", ["home", "nope", "../race", "race_pitfalls", "", "references"])
def test_what_is_no_page_with_a_picture_has_no_card(page: str):
    assert not lookup.has_card(page)
