"""The front door without a browser: references, tutorial, tours, search, frames."""

import importlib
import inspect
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from browser import ROOT
from cases import each
from test_pages import assert_clean, open_page

from gdviz.catalogue import lookup
from gdviz.catalogue.lookup import picture_of
from gdviz.catalogue.pages import PAGES
from gdviz.catalogue.tours import TOURS
from gdviz.cli.links import from_link
from gdviz.cli.pages import titles
from gdviz.optimize import METHODS
from gdviz.server import security
from gdviz.topics.home import gallery
from gdviz.topics.home.screen import FIRST
from gdviz.topics.pitfalls import slides
from gdviz.topics.references.bibliography import WRONG_LINKS, bibtex, cited_in, references
from gdviz.ui import lecture, qr

STEMS = {entry.stem for entry in PAGES}
SOURCES = references()


# --- references -----------------------------------------------------------------------------------


@each("source", SOURCES)
def test_a_source_is_complete(source):
    assert source.authors and source.title and source.where and source.pages
    assert 1800 < source.year < 2030 and source.key.endswith(str(source.year))
    assert re.fullmatch(r"(\d{4}\.\d{4,5})?", source.arxiv)
    assert re.fullmatch(r"(10\.\d{4,9}/\S+)?", source.doi)
    assert all(", " in author or author == "others" for author in source.authors.split(" and "))


def test_no_source_stands_twice():
    for field in ("key", "title", "arxiv", "doi"):
        values = Counter(getattr(s, field) for s in SOURCES if getattr(s, field))
        assert values.most_common(1)[0][1] == 1, field


@pytest.mark.parametrize("name", METHODS)
def test_every_method_cites_its_source(name: str):
    cited = cited_in(inspect.unwrap(METHODS[name]).__doc__ or "")
    assert cited and any({"race", "descent"} & set(source.pages) for source in cited)


NAME = r"\b[A-ZÅÄÖŁ][a-zà-ÿ]+(?:-?[A-Z][a-z]+)?"
NAMES = rf"{NAME}(?:(?:,? and|,| &) {NAME})*(?: et al\.| and others)?"
CITED = re.compile(rf"({NAMES}),? ?\(?((?:18|19|20)\d\d)\b")
TITLED = re.compile(r"\b((?:18|19|20)\d\d)\)?,? \*([^*]+)\*")
BIBLIOGRAPHY = {(source.surnames[0], source.year) for source in SOURCES}


def one_line(file: Path) -> str:
    return " ".join(re.sub(r"\n\s*#?", " ", file.read_text("utf-8")).split())


PLACES = re.compile("California, 1990|Baltimore, 1978")  # a census and sales, not works


def test_what_is_cited_is_in_the_bibliography():
    missing = []
    for file in [*(ROOT / "gdviz").rglob("*.py"), *(ROOT / "gdviz").rglob("*.md")]:
        text = one_line(file)
        for found in CITED.finditer(PLACES.sub("", text)):
            before = found.string[max(0, found.start() - 20) : found.end()]
            if not any(n in before and y == int(found[2]) for n, y in BIBLIOGRAPHY):
                missing.append(f"{file.relative_to(ROOT)}: {found[0]}")
    assert missing == [], "add it to references.bib"


def test_a_title_in_the_words_is_that_of_the_source():
    titles = {(source.year, simple(source.title)) for source in SOURCES}
    cited = [m for f in (ROOT / "gdviz").rglob("*.md") for m in TITLED.finditer(one_line(f))]
    assert len(cited) > 30
    for year, title in (m.groups() for m in cited):
        assert any(y == int(year) and t.startswith(simple(title)) for y, t in titles), title


def simple(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.casefold())


def test_a_citation_needs_the_name_and_the_year():
    keys = [source.key for source in cited_in("as Kingma & Ba (2015) and Polyak 1964, eq. 9, say")]
    assert sorted(keys) == ["kingma2015", "polyak1964"]
    assert cited_in("Kingma 1999, Polyakov 1964, in 2015") == ()


def test_the_wrong_links_are_put_right():
    """The ids, what is really there, and the papers that were meant (audit of the last slide)."""
    assert [wrong.arxiv for wrong in WRONG_LINKS] == ["2103.00498", "2002.04839", "2006.14372"]
    found = {source.key: source.arxiv for source in SOURCES}
    assert found[WRONG_LINKS[1].right] == "1902.09843"
    assert found[WRONG_LINKS[2].right] == "1904.09237"
    assert not {wrong.arxiv for wrong in WRONG_LINKS} & set(found.values())
    assert (found["loshchilov2019"], found["kingma2015"]) == ("1711.05101", "1412.6980")


def test_the_bibliography_is_bibtex():
    text = bibtex(SOURCES)
    entries = re.findall(
        r"^@(book|article|inproceedings|misc)\{(\w+),\n((?:  \w+ = \{.*\},\n)+)\}$", text, re.M
    )
    assert [key for _, key, _ in entries] == [source.key for source in SOURCES]
    assert text.count("{") == text.count("}")
    assert not re.search(r"(?<!\\)&", text)


def test_the_page_of_references_lists_what_a_page_uses():
    at = open_page("references", {"references_view": "race"})
    assert_clean(at, "race")
    said = "".join(m.value for m in at.markdown)
    assert "Adam: A Method" in said and "MovieLens" not in said and "1902.09843" in said


SLIDE_PAGES = {page for slide in slides.SLIDES for page in slide.pages}

# --- the tutorial ---------------------------------------------------------------------------------


def test_the_tutorial_has_fifteen_slides_each_with_a_page():
    assert [slide.number for slide in slides.SLIDES] == list(range(1, 16))
    for slide in slides.SLIDES:
        assert slide.topic and slide.says.endswith(".") and slide.pasted.endswith(".")
        assert slide.pages


@pytest.mark.parametrize("page", [name for name in lookup.packages() if name in SLIDE_PAGES])
def test_every_pitfall_belongs_to_a_slide_of_its_page(page: str):
    known = {row.pitfall.row for n in range(1, 16) for row in slides.rows(n) if row.page == page}
    own = lookup.pitfalls(page)
    assert {pitfall.row for pitfall in own} == known
    for pitfall in own:
        assert pitfall.slide in range(1, 15)


def test_the_page_of_pitfalls_runs_a_row_when_asked_and_all_of_a_slide():
    at = open_page("pitfalls", {"pitfalls_15": "true"})
    assert_clean(at, "slides 1 and 15")
    assert len(at.expander) == 15 and not at.error and not at.success
    assert sum("computed now" in c.value for c in at.caption) == 1
    at.button("run_1b").click().run()
    assert ["minimum x = 2.0 after 1 step" in e.value for e in at.error] == [True]
    assert ["jumps between -2.0 and 2.0" in e.value for e in at.success] == [True]
    at.button("run_1a_on").click().run()
    assert_clean(at, "slide 1, all rows run")
    assert len(at.error) == len(at.success) == 6
    assert any("0.0049565, 298 points" in e.value for e in at.error)


def test_a_row_that_is_right_says_so():
    at = open_page("pitfalls", {"pitfalls_6": "true"})
    at.button("run_6a").click().run()
    assert not at.error and "-1.267307111331" in at.success[0].value
    assert any("right as it stands" in c.value for c in at.markdown)


# --- tours and what to try first ------------------------------------------------------------------


@pytest.mark.parametrize("name", TOURS)
def test_a_tour_stops_at_presets_that_exist(name: str):
    tour = TOURS[name]
    assert tour.title and 4 <= len(tour.stops) <= 12
    for stop in tour.stops:
        assert stop.page in STEMS and stop.sentence.endswith(".") and len(stop.sentence) < 70
        assert stop.hidden == ("Guess" in stop.sentence)
        assert stop.question.endswith("?") and len(stop.question) < 50
        assert from_link(f"/{stop.page}?{stop.query()}").spec == stop.spec()


def test_a_tour_goes_on_and_back_and_ends():
    at = open_page("descent", {"tour": "rate", "stop": "1"})
    rates = [stop.spec().lr for stop in TOURS["rate"].stops]
    assert at.number_input(key="descent_lr").value == rates[0]
    for number in (2, 3, 4):
        at.button(key="tour_next").click().run()
        assert at.number_input(key="descent_lr").value == rates[number - 1]
        assert at.query_params["stop"] in (str(number), [str(number)])
    at.button(key="tour_back").click().run()
    assert at.number_input(key="descent_lr").value == rates[2]
    at.button(key="tour_leave").click().run()
    assert_clean(at, "left")
    assert "tour" not in at.query_params and "tour_next" not in {b.key for b in at.button}


@pytest.mark.parametrize("stop", ["0", "99", "-1", "nan", "", "¹", "1" * 500])
def test_a_forged_stop_is_one_of_the_tours(stop: str):
    at = open_page("descent", {"tour": "rate", "stop": stop})
    assert_clean(at, stop)
    assert re.search(r"\*\*[1-6]/6\*\*", "".join(m.value for m in at.markdown))


@pytest.mark.parametrize("first", FIRST, ids=lambda f: f.page)
def test_what_to_try_first_is_there(first):
    assert first.page in STEMS
    if first.query:
        spec = from_link(f"/{first.page}?{first.query}").spec
        assert spec != lookup.settings(first.page)()
        assert spec.hidden or "Guess" not in first.words  # what is to be guessed is not shown


# --- search ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "page", "name"),
    [
        ("optimizer race", "race", "The optimizer race"),
        ("NESTEROV", "descent", "Nesterov"),
        ("rosenbrock", "race", "Rosenbrock"),
        ("the banana", "race", "The banana"),
        ("flat fools", "descent", "Flat fools |Δf|"),
        ("many features", "regression", "Many features"),
        ("too many factors", "recommender", "Too many factors"),
    ],
)
def test_a_search_finds_pages_presets_and_choices(text: str, page: str, name: str):
    hit = gallery.search(text)[0]
    assert hit.page == page and hit.name.startswith(name)
    if hit.query:
        assert lookup.packages()[from_link(f"/{page}?{hit.query}").page].split(".")[2] == page


def test_a_search_for_nothing_finds_nothing():
    assert gallery.search("") == gallery.search("  ") == gallery.search("zzz qqq") == []
    assert len(gallery.search("e")) <= 12
    assert gallery.search("ROC") == gallery.search("cnn") == []  # not what lies inside of words


FIELD = {
    "house prices": ("regression", "houses"),
    "linear regression": ("regression", ""),
    "lasso": ("regression", "many"),
    "ridge": ("regression", "many"),
    "diabetes": ("regression", "many"),
    "leakage": ("regression", "houses"),
    "matrix factorization": ("recommender", ""),
    "parallel transport": ("geometry", "transport"),
    "Christoffel": ("geometry", ""),
    "cramer rao": ("geometry", "bound"),
    "expected value": ("integration", ""),
    "one layer": ("backprop", "layer"),
    "chain rule": ("backprop", "chain"),
    "PCA": ("backprop", ""),
    "Hessian": ("race", ""),
    "metropolis hastings": ("mcmc", ""),
    "Newton’s method": ("race", ""),
    "line search": ("race", ""),
    "regularization": ("regression", "many"),
    "ridge regression": ("regression", "many"),
    "bias-variance": ("regression", "double_descent"),
    "He initialization": ("backprop", ""),
    "singular value decomposition": ("backprop", "matrices"),
    "gibbs sampling": ("mcmc", ""),
    "normal distribution": ("integration", ""),
    "optimal transport": ("geometry", ""),
}


@each("text", FIELD)
def test_a_search_knows_the_words_of_the_field(text: str):
    hit = gallery.search(text)[0]
    page, room = FIELD[text]
    asked = dict(parse_qsl(hit.query))
    assert (hit.page, asked.get(f"{page}_room", "")) == (page, room)


def test_every_hit_of_the_search_opens_what_it_says():
    """A link holds settings that the page takes, or a room, view or tab that the page has."""
    for hit in gallery.index():
        asked = dict(parse_qsl(hit.query))
        if hit.page not in lookup.packages():
            assert not asked
            continue
        room = asked.pop(f"{hit.page}_room", "")
        topic = f"{hit.page}_{room}" if f"{hit.page}_{room}" in lookup.packages() else hit.page
        own = lookup.all_knobs(topic)
        if hit.what == "preset" and hit.query:
            assert from_link(f"/{hit.page}?{hit.query}").page == topic
        for name, value in asked.items():
            short = name.removeprefix(f"{hit.page}_")
            if short in ("view", "tab"):
                views = importlib.import_module(f"gdviz.topics.{hit.page}.tabs")
                assert short == "tab" or value in views.VIEWS, hit
            else:
                assert short in own, hit


def test_a_slip_of_the_pen_is_led_to_the_nearest():
    for text, name in (("christofel", "Christoffel"), ("rosenbrok", "Rosenbrock")):
        assert gallery.search(text) == [] and gallery.nearest(text)[0].name.startswith(name)
    assert gallery.nearest("zzz qqq") == []


def test_home_searches(monkeypatch: pytest.MonkeyPatch):
    at = open_page("home")
    assert_clean(at, "home")
    for text in ("adam", "<script>alert(1)</script>", "x" * 60, "christofel"):
        at.text_input(key="home_search").set_value(text).run()
        assert_clean(at, text)


def test_home_imports_no_topic_of_its_own():
    """The first paint must not wait for what the cards show."""
    import subprocess
    import sys

    code = (
        "import sys, gdviz.topics.home.screen\n"
        "heavy = {'sympy', 'numba', 'scipy', 'gdviz.optimize', 'gdviz.figures.scene'}\n"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# --- lecture and frames ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "hidden"),
    [("controls,tabs", ["controls", "tabs"]), ("nope,menu,}{", ["menu"]), ("", [])],
)
def test_a_link_hides_what_it_names(monkeypatch, asked: str, hidden: list[str]):
    fake = SimpleNamespace(query_params={"hide": asked}, session_state={})
    monkeypatch.setattr(lecture, "st", fake)
    assert lecture.hidden() == hidden
    fake.query_params.clear()  # it is kept
    assert lecture.hidden() == hidden
    css = lecture.hiding_css()
    assert css.count("display: none") == bool(hidden) and "}{" not in css
    assert st.query_params is not None


def test_a_link_is_a_code_unless_it_is_too_long():
    assert qr.qr_of("https://example.org/race?x=1").startswith('<img src="data:image/svg+xml')
    with pytest.raises(ValueError):
        qr.qr_of("https://example.org/" + "x" * 5000)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (None, "'none'"),
        ("", "'none'"),
        ("https://moodle.example.org", "https://moodle.example.org"),
        ("https://a.org, https://*.b.org:8443", "https://a.org https://*.b.org:8443"),
        ("*", "'none'"),
        ("https://a.org;script-src *", "'none'"),
        ("javascript:alert(1) https://a.org", "https://a.org"),
    ],
)
def test_only_origins_that_the_operator_names_may_frame(monkeypatch, asked, allowed: str):
    monkeypatch.delenv("GDVIZ_FRAME_ANCESTORS", raising=False)
    if asked is not None:
        monkeypatch.setenv("GDVIZ_FRAME_ANCESTORS", asked)
    policy = security.headers()["Content-Security-Policy"]
    assert policy == f"{security.CSP}; frame-ancestors {allowed}"


def test_a_picture_of_every_preset_can_be_drawn():
    for page in titles():
        for preset in lookup.presets(page)[:2]:
            assert picture_of(lookup.settings(page)(**preset.values)).scene.alt


def test_tours_reach_the_pages_that_learn():
    reached = {stop.page for tour in TOURS.values() for stop in tour.stops}
    assert {"descent", "race", "regression", "backprop", "recommender", "mcmc"} <= reached


def test_a_link_for_a_lecture_says_what_it_hides():
    from gdviz.ui.lecture import GUESS, NAMES, PARTS, link_for

    here = "http://h/race"
    assert link_for(here, ()) == f"{here}?lecture=1"
    assert link_for(f"{here}?race_x0=1", ["tabs", GUESS]) == (
        f"{here}?race_x0=1&lecture=1&hide=tabs,answer"
    )
    assert set(NAMES) == {*PARTS, GUESS}


def test_an_address_that_no_phone_can_reach_is_known():
    from gdviz.ui.qr import unreachable

    own = ("localhost", "127.0.0.1", "127.1.2.3", "[::1]", "app.localhost", "0.0.0.0")
    far = ("192.168.1.20", "gdviz.example", "[2001:db8::1]", "10.0.0.1", "localhost.example")
    assert all(unreachable(f"http://{host}:8501/race?race_x0=1") for host in own)
    assert not any(unreachable(f"http://{host}/race") for host in far)
