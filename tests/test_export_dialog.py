"""What can be asked of an export: by the same names everywhere, and told before it starts."""

import inspect
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import click
import pytest
from streamlit.testing.v1 import AppTest
from visit import Visit

from gdviz import export
from gdviz.catalogue import lookup
from gdviz.catalogue.export_options import OF_FIGURE, OF_GRID, OF_TOUR, OPTIONS, STYLE_NAMES
from gdviz.cli import export as cli_export
from gdviz.cli.export import export_command
from gdviz.cli.grid import grid_command
from gdviz.cli.links import Asked
from gdviz.cli.options import options
from gdviz.cli.tour import tour_command
from gdviz.export import STYLES, decks, files, films, rates, stamps
from gdviz.export.grid import part_of, save_grid, shapes_for
from gdviz.export.rates import Forecast, Rates
from gdviz.knobs import KnobError
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race.settings import Race
from gdviz.ui import export_dialog
from gdviz.ui.export_dialog import Wish, made_file
from gdviz.ui.page_state import PageState

SPEC = Descent(methods=("gd", "adam"), steps=5, stop="none")


# --- one list of options --------------------------------------------------------------------------


def keywords(function: Any) -> set[str]:
    """Return the options that a function of the library takes."""
    found = inspect.signature(function).parameters.values()
    return {p.name for p in found if p.kind == p.KEYWORD_ONLY} - {"progress"}


def flags(command: click.Command, own: set[str]) -> set[str]:
    """Return the options of a command but for the file, what it prints, and `own` others."""
    found = {p.name for p in command.params if isinstance(p, click.Option)}
    return {str(name) for name in found} - {"output", "about"} - own


def dialog(monkeypatch: pytest.MonkeyPatch, page: str = "descent") -> Visit:
    """Return a page whose dialog of exports is open."""
    monkeypatch.setattr(export_dialog, "browser_path", lambda: "/somewhere")
    visit = Visit(page)
    visit.press("PDF, film …")
    return visit


def asked_on(at: AppTest, start: str) -> set[str]:
    """Return the names of the widgets whose keys begin so."""
    kinds = ("button_group", "number_input", "toggle", "text_area")
    keys = [widget.key for kind in kinds for widget in at.get(kind)]
    return {key.removeprefix(start) for key in keys if key and key.startswith(start)}


def test_library_command_and_dialog_have_the_same_options(monkeypatch: Any) -> None:
    assert {*OF_FIGURE, *OF_GRID, *OF_TOUR} == set(OPTIONS)
    assert list(STYLES) == list(STYLE_NAMES)
    knobs = {str(option.name) for option in options("descent")}
    for function, command, own, names in (
        (export.save, export_command(Asked("descent")), knobs, OF_FIGURE),
        (save_grid, grid_command(), set(), OF_GRID),
        (decks.save_tour, tour_command(), {"tour"}, OF_TOUR),
    ):
        assert keywords(function) == flags(command, own) == set(names)
    visit = dialog(monkeypatch)
    shown = asked_on(visit.at, "descent_export_")
    assert {re.sub("_[0-9]$", "", name) for name in shown} == {
        *OF_FIGURE,
        *OF_GRID,
        "format",
        "links",
    }
    formats = visit.at.button_group(key="descent_export_format").options
    assert {one.lower() for one in formats} | {"csv", "html"} == set(files.FORMATS)
    tour = Visit("descent", {"tour": "rate", "stop": "1"})
    tour.press("Slides")
    assert asked_on(tour.at, "tour_export_") == {*OF_TOUR, "format"} - {"base"}  # it knows where


# --- told before it starts ------------------------------------------------------------------------


def test_what_an_export_takes_is_measured_and_told(tmp_path: Path) -> None:
    file = tmp_path / "new" / "rates.json"
    first = Rates(lambda: file)
    assert first.of("mp4") is None
    first.note("mp4", 10, seconds=5.0, size=2000)
    first.note("mp4", 20, seconds=16.0, size=5000)
    again = Rates(lambda: file)  # of another process
    assert again.of("mp4", 100) == ((50.0, 80.0), (20_000.0, 25_000.0))
    for _ in range(rates.KEPT):
        again.note("mp4", 1, 2.0, 3.0)
    assert again.of("mp4") == ((2.0, 2.0), (3.0, 3.0)), "the last ones count"
    for text in ("", "[]", "{", '{"mp4": 3}', '{"mp4": [["a", 1]]}', '{"mp4": [[NaN, -1]]}'):
        file.write_text(text)
        assert Rates(lambda: file).of("mp4") is None
    lost = Rates(lambda: Path("/proc/no/such/place"))
    lost.note("svg", 1, 0.5, 10)
    assert lost.of("svg") == ((0.5, 0.5), (10.0, 10.0)), "as long as the process lasts"


def test_a_forecast_says_what_it_knows() -> None:
    known = Forecast(150, (6.0, 9.0), (4e5, 4.2e5))
    assert (
        str(known) == "150 pictures to draw: 6 to 9 s, about 420 kB, as measured on this machine."
    )
    assert "not known before the first on this machine" in str(Forecast(1, None, None))
    assert known + known == Forecast(300, (12.0, 18.0), (8e5, 8.4e5))
    assert (known + Forecast(1, None, None)).seconds is None


def test_a_command_tells_it_where_somebody_looks(
    monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[float] = []

    def work(tell: Any) -> None:
        tell(0.5)
        done.append(1.0)

    for hidden in (True, False):
        bar = click.progressbar(length=100, file=io.StringIO(), hidden=hidden)
        monkeypatch.setattr(cli_export, "bar_of", lambda length, label, bar=bar: bar)
        cli_export.under_a_bar(work, lambda: Forecast(3, None, None))
        assert ("3 pictures to draw" in capsys.readouterr().err) == (not hidden)
    assert len(done) == 2


def test_a_film_counts_by_its_frames(monkeypatch: Any, tmp_path: Path) -> None:
    own = Rates(lambda: tmp_path / "rates.json")
    monkeypatch.setattr(files, "rates", own)
    steps = lookup.picture_of(SPEC).scene.steps
    assert export.forecast(SPEC, "mp4").seconds is None
    own.note("mp4", films.work_of(steps, "mp4", STYLES["screen"]), 3.0, 1000)
    found = files.forecast_of([(steps, "mp4")] * 2)
    assert found.pictures == 2 * films.frame_count(steps)
    assert found.seconds and found.seconds[0] >= 6.0 and found.size == (2000.0, 2000.0)


# --- the dialog -----------------------------------------------------------------------------------


def drawn(step: int = 5) -> PageState:
    return PageState(SPEC, None, *lookup.picture_of(SPEC), step)


def test_words_stand_beside_a_figure_in_a_zip() -> None:
    line = stamps.text_of(stamps.stamp_of(SPEC, 2))
    made = made_file("descent", drawn(), Wish("tex", "paper", 2, words=True), "a", line)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert list(found) == ["a.tex", "a.caption.txt", "a.alt.txt"]
    assert found["a.caption.txt"].decode() == export.caption(SPEC, 2) + "\n"
    assert found["a.alt.txt"].decode() == lookup.picture_of(SPEC).scene.alt + "\n"
    assert stamps.find(found["a.tex"])[0].step == 2
    plain = made_file("descent", drawn(), Wish("tex", "paper", 2), "a", line)
    assert plain == found["a.tex"]


def test_links_of_other_pages_are_checked() -> None:
    address = "https://example.org/app/race?race_steps=7&race_step=3&lecture=1"
    assert part_of(address)[:2] == (Race(steps=7), 3)
    for text, said in (
        ("http://[", "is not a link"),
        ("https://example.org/nowhere?a=1", "is not a page"),
        ("/race?race_steps=abc", "race_steps: the link has no valid value"),
    ):
        with pytest.raises(KnobError, match=said):
            part_of(text)
    houses = "/regression?regression_room=houses"
    with pytest.raises(KnobError, match="takes too long here"):
        made_file("descent", drawn(), Wish("svg", "page", 5, grid="1x2", links=(houses,)), "a", "")
    for count in range(1, 7):
        for grid in shapes_for(count):
            rows, columns = map(int, grid.split("x"))
            assert (rows - 1) * columns < count <= rows * columns


def test_a_figure_of_a_visitors_own_file_has_its_own_line_in_a_grid(monkeypatch: Any) -> None:
    """Its numbers are nowhere but in its page: the picture is not made anew, and it is told so."""
    from gdviz.export import grid

    picture = b"<svg xmlns='http://www.w3.org/2000/svg' id='a'></svg>"
    monkeypatch.setattr(grid, "drawn_figure", lambda figure, format, dots: picture)
    own = stamps.stamp_of(SPEC)._replace(data="mine.csv", digest="", columns=())
    wish = Wish("svg", "page", 5, grid="1x2", links=("/race?race_steps=4&race_methods=gd",))
    made = made_file("descent", drawn(), wish, "a", stamps.text_of(own))
    assert [stamp.data for stamp in stamps.find(made)] == ["mine.csv", ""]
    found = export.verify(made)
    assert "not known" in str(found) and "mine.csv" in str(found) and found.same


def open_dialog() -> None:
    """A script that opens the dialog of a small run, as its menu does."""
    from gdviz.catalogue import lookup
    from gdviz.topics.descent.settings import Descent
    from gdviz.ui import export_dialog
    from gdviz.ui.page_state import PageState

    spec = Descent(methods=("gd", "adam"), steps=5, stop="none")
    drawn = PageState(spec, None, *lookup.picture_of(spec), 5)
    export_dialog.show("descent", drawn, "a", "http://localhost", lambda step: "")


def test_a_file_is_made_saved_and_told_of_by_the_dialog(monkeypatch: Any) -> None:
    monkeypatch.setattr(export_dialog, "browser_path", lambda: "/somewhere")
    at = AppTest.from_function(open_dialog, default_timeout=30).run()
    at.button_group(key="descent_export_format").set_value("tex").run()
    at.number_input(key="descent_export_step").set_value(1).run()
    assert not at.exception and any("One picture to draw" in c.value for c in at.caption)
    at.button(key="descent_export_make").click().run()
    assert not at.exception
    (save,) = at.get("download_button")
    assert save.proto.label.startswith("Save it (")
