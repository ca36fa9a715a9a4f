"""The knobs of the page *recommender*: its data, its training, and the stars that you give."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.knobs import validate
from gdviz.learn.recommender.movielens import (
    EDITIONS,
    TERMS,
    fetch_movielens,
    find_movielens,
    read_ratings,
)
from gdviz.learn.recommender.ratings import Ratings, RatingsError
from gdviz.learn.table_bytes import MEGABYTE
from gdviz.learn.tables import VISITORS
from gdviz.topics.recommender import rooms
from gdviz.topics.recommender.course import TrainingCourse
from gdviz.topics.recommender.ratings_source import data_of
from gdviz.topics.recommender.rooms import apply_hand
from gdviz.topics.recommender.settings import MOVIELENS, PLANTED, UPLOAD, Recommender
from gdviz.ui.controls import MORE_KNOBS, Controls, key_of, restore_from_query, show_error, write
from gdviz.ui.dial import Mark
from gdviz.ui.job_queue import Refused
from gdviz.ui.jobs import kept_upload, read_upload
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.table_reading import reading_knobs, show_reading

PAGE = "recommender"
UPLOADED = f"{PAGE}_uploaded"
FETCHING, ICON = "fetching", ":material/download:"
UNDRAWN = ("cell_user", "cell_item", "east", "north", "mine")
MORE = ("solver", "early", "target", "decay", "bias_lr", "bias_reg", "spread", "dtype", "seed")


def controls(room: str) -> Controls:
    """Draw the knobs of the open room; every training knob is drawn in each, so that it is kept."""
    draw = Controls(Recommender, PAGE, live=True)
    draw.values["room"] = room
    for name in UNDRAWN:
        _kept(draw, name)
    if draw.draw("data") in (MOVIELENS, UPLOAD):
        _bring(draw)
    elif draw.values["data"] == PLANTED and find_movielens() is None:
        _offer_films()
    if room in ("train", "matrix"):
        _training(draw)
    else:
        with draw.menu("training", "Training", ":material/model_training:"):
            _training(draw)
    with draw.menu("more", *MORE_KNOBS) as is_open:
        for name in MORE:
            draw.draw(name, with_dial=False)
        if draw.values["biases"]:
            st.caption(penalty_words(draw.spec()))
        if is_open and draw.values["data"] == MOVIELENS:
            st.caption(TERMS)
        if draw.values["data"] == PLANTED:
            for name in ("noise", "rank", "filled"):
                draw.draw(name, with_dial=False)
        if room != "one":
            draw.draw("after", label="one rating at a time: after epoch")
    if room == "one":
        draw.draw("after")
    return draw


def penalty_words(spec: Recommender) -> str:
    """Return the rates and penalties of both groups of parameters, as they run."""
    return (
        f"Biases: η = {spec.bias_lr * spec.lr:.3g}, λ = {spec.bias_reg * spec.reg:.3g}. "
        f"Factors: η = {spec.lr:.3g}, λ = {spec.reg:.3g}."
    )


def _training(draw: Controls) -> None:
    draw.beside("factors", "epochs")
    draw.draw("lr", marks=[Mark(0.005, "Surprise")])
    draw.draw("reg", marks=[Mark(0.02, "Surprise")])
    draw.draw("biases")


def _kept(draw: Controls, name: str) -> None:
    """Keep a knob that has no widget, for a hand moves it, in the session."""
    knob, key = draw.knobs[name], key_of(PAGE, name)
    restore_from_query(knob, key)
    try:
        draw.values[name] = validate(knob, st.session_state.get(key, knob.default))
    except ValueError:
        draw.values[name] = knob.default


# --- data -----------------------------------------------------------------------------------------


def _bring(draw: Controls) -> None:
    """Offer the download or the upload that the data need; until then the planted ratings stay."""
    chosen = draw.values["data"]
    if chosen == UPLOAD:
        _upload()
        there = uploaded_ratings() is not None
    else:
        there = find_movielens() is not None or _download()
    if not there:
        draw.values["data"] = PLANTED


def _offer_films() -> None:
    """Say that the ratings are made up, and offer real ones at a click."""
    edition = EDITIONS["small"]
    st.caption(
        f"These ratings are made up. {edition.label} has terms of its own, and does not travel "
        f"along: it comes from {urlsplit(edition.url).hostname}, {edition.megabytes} MB, once."
    )
    st.button(
        f"Real films ({edition.megabytes} MB)",
        icon=ICON,
        key=f"{PAGE}_films",
        on_click=write,
        args=(PAGE, {"data": MOVIELENS, FETCHING: True}),
    )


def _download() -> bool:
    edition = EDITIONS["small"]
    host = urlsplit(edition.url).hostname
    words, place = f"Download it ({edition.megabytes} MB)", st.empty()
    with place.container():
        st.caption(
            f"{edition.label} is not on this machine; it comes from {host}. Until it does, planted "
            f"ratings. {TERMS}"
        )
        asked = st.button(words, icon=ICON, key=f"{PAGE}_fetch")
    if not (st.session_state.pop(key_of(PAGE, FETCHING), False) or asked):
        return False
    bar = st.progress(0.0, "Downloading …")
    try:
        fetch_movielens("small", lambda share: _fill(bar, share))
    except RatingsError as error:
        bar.empty()
        show_error(error)
        return False
    bar.empty()
    place.empty()
    return True


def _fill(bar: Any, share: float) -> None:
    bar.progress(share, f"{share:.0%}")


def _upload() -> None:
    file = st.file_uploader(
        "A table with user, item and rating",
        ["csv", "tsv", "txt", "dat", "data", "parquet"],
        key=f"{PAGE}_file",
        max_upload_size=VISITORS.bytes // MEGABYTE,
        help="CSV, TSV or Parquet; MovieLens' own files are known.",
    )
    if file is not None:
        how = reading_knobs(PAGE, with_dates=True)
        try:
            read, way = partial(_ratings, how), tuple(how.items())
            read_upload(PAGE, file, read, way)
            st.session_state[UPLOADED] = file.file_id, way
        except (ValueError, Refused) as error:
            st.session_state.pop(UPLOADED, None)
            show_error(error)
    if (ratings := uploaded_ratings()) is not None:
        show_reading(ratings.notes)


def _ratings(how: dict[str, Any], file: Any, tell: Any) -> Ratings:
    ratings = read_ratings(file, limits=VISITORS, progress=tell, **how)
    data_of(Recommender(data=UPLOAD), ratings)
    return ratings


def uploaded_ratings() -> Ratings | None:
    """Return the visitor's ratings, if there are any; many large ones of others push them out."""
    return kept_upload(PAGE, *st.session_state.get(UPLOADED, ("",)))


# --- stars ----------------------------------------------------------------------------------------


def stars(spec: Recommender, course: TrainingCourse) -> None:
    """Draw stars for films that you may know, those you looked for, and those you rated."""
    if spec.user.strip():  # the list is another's
        return
    mine = rooms.my_ratings(spec.mine)
    ids = {str(item): n for n, item in enumerate(course.model.item_ids)}
    shown = [ids[item] for item in mine if item in ids]
    for place in rooms.search(course, spec.film, 3) + rooms.known_films(course, 6):
        if place not in shown and len(shown) < max(7, len(mine) + 2):
            shown.append(place)
    for place in shown:
        _row_of_stars(course, place, mine)
    if mine or spec.east or spec.north:
        st.button("Forget me", icon=":material/undo:", key=f"{PAGE}_forget", on_click=_forget)


def _row_of_stars(course: TrainingCourse, place: int, mine: dict[str, float]) -> None:
    item = str(course.model.item_ids[place])
    if "," in item:  # it could not stand in a link
        return
    key = f"{PAGE}_star_{place}"
    given = mine.get(item)
    st.session_state[key] = None if given is None else int(max(0, min(4, round(given) - 1)))
    large, words = lecture_mode(), rooms.title(course, place)
    widths, room = ([1.0, 1.5], 11) if large else ([1.15, 1.0], 18)
    name, row = st.columns(widths, vertical_alignment="center", gap="small")
    name.text(words if len(words) <= room else words[: room - 1] + "…")
    with row:
        st.feedback("stars", key=key, on_change=_rate, args=(key, item, rooms.as_text(mine)))


def _rate(key: str, item: str, before: str) -> None:
    mine = rooms.my_ratings(before)
    given: Any = st.session_state.get(key)
    if given is None:
        mine.pop(item, None)
    else:
        mine[item] = float(given + 1)
    write(PAGE, {"mine": rooms.as_text(mine), "east": 0.0, "north": 0.0})


def _forget() -> None:
    write(PAGE, {"mine": "", "east": 0.0, "north": 0.0})


def cell_mover(spec: Recommender, course: TrainingCourse) -> Callable[[Hand], None]:
    """Return what chooses the cell of the table under the hand, or moves you on the map."""
    st.session_state[f"{PAGE}_shown"] = spec, course

    def move(hand: Hand) -> None:
        spec, course = st.session_state[f"{PAGE}_shown"]  # as last drawn: the ratings may be new
        moved = apply_hand(spec, hand, course)
        names = ("cell_user", "cell_item", "east", "north")
        write(PAGE, {name: getattr(moved, name) for name in names})

    return move
