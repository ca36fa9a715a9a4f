"""What a file says of its origin: in each format's own metadata, and opened and verified by it."""

import io
import re
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import imageio_ffmpeg
import numpy as np
import pyarrow.parquet as pq
import pytest
from cases import each
from click.testing import CliRunner
from PIL import Image
from pptx import Presentation
from test_pages import open_page
from visit import Visit

from gdviz import __version__, export
from gdviz.catalogue import lookup
from gdviz.cli import main
from gdviz.cli import reopen as cli
from gdviz.cli.links import from_link
from gdviz.cli.pages import names, titles
from gdviz.export import films, origins, stamps
from gdviz.export.office_properties import PART
from gdviz.export.pptx_deck import pptx_of
from gdviz.export.stamps import Stamp
from gdviz.knobs import KnobError
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race.settings import Race
from gdviz.topics.regression.houses.settings import Houses
from gdviz.ui import export_dialog
from gdviz.ui.page_state import PageState

SPEC = Descent(methods=("gd", "adam"), x0=-1.25, lr=0.02, steps=5, stop="none")
TYPED = Race(surface="typed", formula="x**2 + 2*y**2 - x*y", methods=("gd",), steps=3)
LINE = stamps.text_of(stamps.stamp_of(SPEC, 3))
chromium = pytest.mark.skipif(export.browser_path() is None, reason="no Chromium on this machine")


# --- the line -------------------------------------------------------------------------------------


@each("place", names())
def test_every_page_comes_back_from_its_stamp(place: str) -> None:
    """The link is that of the app, so the strict reader of links takes it, too."""
    for preset in lookup.presets(place)[-1:]:
        spec = lookup.settings(place)(**preset.values)
        made = stamps.stamp_of(spec, 2, found=dict)
        (found,) = stamps.find(b"anything " + stamps.text_of(made).encode() + b" and more")
        assert found == made
        assert origins.settings_in(found.link) == (spec, ())
        address = origins.address_in(found, "https://example.org/app/")
        assert from_link(address) == (place, spec, 2, "https://example.org/app")


def test_the_line_lies_in_any_format_as_it_is() -> None:
    for spec in (SPEC, TYPED, replace(TYPED, formula="x*x - -y & ' \" < > ) ( \\ ]]> --> é ∇")):
        made = stamps.stamp_of(spec, None, beside={"race_pin": ["lr=0.1&x=<b>", "(a)"]})
        line = stamps.text_of(made)
        assert line.isascii() and not set(line[1:-1]) & set("{}<>()\\'\n;")
        assert stamps.find(line.encode()) == [made]


def test_a_stamp_tells_the_numbers_of_the_run() -> None:
    runs = lookup.run(SPEC)
    stamp = stamps.stamp_of(SPEC)
    column = next(c for c in stamp.columns if c.name == "adam/x")
    x = np.asarray(runs["adam"].x)[:, 0]
    assert column.length == len(x) == 6
    assert (column.values[0], column.values[-1]) == (x[0], x[-1])
    assert set(column.values) <= set(x.tolist())
    other = stamps.stamp_of(replace(SPEC, x0=np.nextafter(SPEC.x0, 0.0)))
    assert other.digest != stamp.digest, "the last bit counts"
    one, same = ({"a": {"x": np.array(x)}} for x in ([0.0, np.nan], [-0.0, -np.nan]))
    assert stamps.digest_of(one)[0] == stamps.digest_of(same)[0]


def test_of_an_upload_there_is_nothing_but_the_name() -> None:
    def never() -> Any:
        raise AssertionError("the numbers of a visitor's own file are asked for")

    stamp = stamps.stamp_of(Houses(homes="upload"), found=never, data="my prices.csv")
    assert (stamp.data, stamp.digest, stamp.columns) == ("my prices.csv", "", ())
    line = stamps.text_of(stamp)
    assert stamps.find(line.encode()) == [stamp] and "my%20prices.csv" in line
    with pytest.raises(
        KnobError, match="Not known: it was made of a file, “my prices.csv”, that is not inside"
    ):
        export.verify(line.encode())


def test_a_link_that_nobody_can_open_is_not_written() -> None:
    long = stamps.stamp_of(SPEC, beside={"descent_pin": ["x" * stamps.LONGEST_LINK]})
    assert stamps.text_of(long) == ""


# --- the formats ----------------------------------------------------------------------------------


def test_tables_and_pages_carry_it_where_their_readers_look() -> None:
    made = {format: export.to_bytes(SPEC, format, step=3) for format in ("csv", "parquet", "html")}
    assert made["csv"].startswith(b"# " + LINE.encode() + b"\r\nseries,k,")
    assert pq.read_schema(io.BytesIO(made["parquet"])).metadata == {b"gdviz": LINE.encode()}
    head = made["html"].partition(b"</head>")[0].decode()
    assert re.findall(r'<script type="application/json" id="gdviz">(.*)</script>', head) == [LINE]
    assert head.index("charset") < 1024, "where browsers look for it"
    for format, data in made.items():
        assert export.to_bytes(SPEC, format, step=3) == data, "the same bytes twice"
        assert export.reopen(data) == SPEC
        assert export.verify(data).same, format


def test_pictures_carry_it_where_their_readers_look() -> None:
    """As programs that are not ours read them."""
    blank, out = Image.new("RGB", (40, 30), "white"), io.BytesIO()
    blank.save(out, "PNG", dpi=(600, 600))
    read: Any = Image.open(io.BytesIO(stamps.with_stamp(out.getvalue(), "png", LINE)))
    read.load()
    assert read.text == {"gdviz": LINE} and round(read.info["dpi"][0]) == 600
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9"><text>a</text></svg>'
    root = ElementTree.fromstring(stamps.with_stamp(svg, "svg", LINE))
    assert root[0].tag.endswith("metadata") and root[0].text == LINE and root[1].text == "a"
    out = io.BytesIO()
    frames = [Image.new("RGB", (40, 30), color) for color in ("red", "green", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=40, loop=0)
    gif: Any = Image.open(io.BytesIO(stamps.with_stamp(out.getvalue(), "gif", LINE)))
    assert gif.n_frames == 3 and gif.info["loop"] == 0


def test_slides_carry_it_among_their_properties_and_keep_it_when_they_are_saved_anew() -> None:
    slides = pptx_of("A tour", (), [LINE, stamps.text_of(stamps.stamp_of(TYPED))])
    again = io.BytesIO()
    Presentation(io.BytesIO(slides)).save(again)
    for data in (slides, again.getvalue()):
        assert stamps.find(data) == [stamps.stamp_of(SPEC, 3), stamps.stamp_of(TYPED)]
        xml = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read(PART))
        assert [one.get("name") for one in xml] == ["gdviz 1", "gdviz 2"] and xml[0][0].text == LINE
    assert export.reopen(slides) == SPEC and export.verify(slides).same
    with pytest.raises(KnobError, match="does not say"):
        export.reopen(pptx_of("A tour", ()))


@each("format", ["mp4", "webm"])
def test_films_carry_it_in_their_tags(format: str) -> None:
    out, noise = io.BytesIO(), np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)
    Image.fromarray(noise).save(out, "PNG")
    made = films.encode([out.getvalue()] * 3, format, comment=LINE)
    assert films.encode([out.getvalue()] * 3, format, comment=LINE) == made
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", "-", "-f", "ffmetadata", "-"]
    tags = subprocess.run(command, input=made, capture_output=True, check=True).stdout.decode()
    said = re.search(r"(?im)^comment=(.*)$", tags)
    assert said and re.sub(r"\\(.)", r"\1", said[1]) == LINE
    assert stamps.find(made) == [stamps.stamp_of(SPEC, 3)]


@chromium
@pytest.mark.browser
def test_a_drawn_picture_opens_again_and_has_the_same_numbers(tmp_path: Path) -> None:
    """Films do so, too: see `test_a_film_plays_the_run`."""
    for format in export.files.STILLS:
        file = tmp_path / f"a.{format}"
        export.save(SPEC, file, step=0, style="paper")
        assert export.reopen(file) == SPEC
        found = export.verify(file)
        assert found.same and found.then.step == 0 and found.then.version == __version__
    pdf = (tmp_path / "a.pdf").read_bytes()
    info = re.findall(rb"(?s)\n1 0 obj\s*<<(.*?)>>\s*endobj", pdf)[-1]
    assert b"/Title (Descent in one dimension)" in info and b"/gdviz (" in info
    at = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    place = re.match(rb"xref\n1 1\n(\d{10}) 00000 n \ntrailer", pdf[at:])
    assert place and pdf[int(place[1]) :].startswith(b"1 0 obj")
    assert re.search(rb"/Prev %s>>" % re.findall(rb"startxref\s+(\d+)", pdf)[0], pdf[at:])


# --- the numbers anew -----------------------------------------------------------------------------


def with_stamp_of(stamp: Stamp, file: bytes) -> bytes:
    """Return a file with another stamp in place of its own."""
    (old,) = stamps.find(file)
    return file.replace(stamps.text_of(old).encode(), stamps.text_of(stamp).encode())


def test_what_differs_is_told_with_how_much_and_between_which_versions() -> None:
    data = export.to_bytes(SPEC, "html")
    (stamp,) = stamps.find(data)
    moved = [
        c._replace(digest="0" * 16, values=(c.values[0] + 0.25, *c.values[1:]))
        if c.name == "adam/x"
        else c
        for c in stamp.columns
    ]
    gone = [*moved[:-1], moved[-1]._replace(name="adam/other")]
    old = stamp._replace(version="0.0.9", digest="f" * 16, columns=tuple(gone))
    found = export.verify(with_stamp_of(old, data))
    assert not found.same and found.then.version == "0.0.9"
    told = dict(one.split(": ", 1) for one in found.differences)
    assert told.keys() == {"adam/x", "adam/other", moved[-1].name}
    by, share = map(float, re.findall(r"by up to (\S+), or (\S+) of", told["adam/x"])[0])
    assert by == pytest.approx(0.25, rel=1e-2) and share == pytest.approx(0.2, rel=1e-1)
    assert "there is no such column now" in told["adam/other"]
    assert f"by gdviz 0.0.9, computed anew by {__version__}: other numbers." in str(found)


def test_a_cell_that_was_changed_is_found() -> None:
    for spec in (SPEC, Race(methods=("gd", "adam"), steps=4), Descent(lr=0.9, x0=3.0, steps=60)):
        data = export.to_bytes(spec, "csv")
        head, names_, first, *rest = data.decode().split("\r\n")
        assert export.verify(data).same, "the file as it was"
        cells = first.split(",")
        at = names_.split(",").index("f")
        cells[at] = repr(float(np.nextafter(float(cells[at]), np.inf)))
        spoiled = "\r\n".join([head, names_, ",".join(cells), *rest]).encode()
        found = export.verify(spoiled)
        assert found.changed == ("gd/f",) and not found.differences and not found.same
        assert "the file's own rows were changed: gd/f" in str(found)


def test_rows_that_are_gone_or_added_are_found_and_of_a_picture_it_says_what_is_compared() -> None:
    data = export.to_bytes(SPEC, "csv").decode()
    head, names_, *rows = data.splitlines()
    at = names_.split(",").index("x")
    spoiled = {
        "no method": "\r\n".join([head, names_, *(r for r in rows if not r.startswith("adam"))]),
        "no column": re.sub(r"(?m)^series,k,x,", "series,k,y,", data),
        "one more": data + rows[0].replace("gd", "sgd", 1) + "\r\n",
        "a row twice": data + rows[0] + "\r\n",
        "after a mark": "\ufeff" + data.replace(rows[3].split(",")[at], "7.5"),
    }
    for what, text in spoiled.items():
        found = export.verify(text.encode())
        assert found.changed and not found.same, what
    assert export.verify(spoiled["no column"].encode()).changed[:3] == ("gd/y", "adam/y", "gd/x")
    for same in (data, "\ufeff" + data, data.replace("\r\n", "\n")):
        assert export.verify(same.encode()).same and export.verify(same.encode()).changed == ()
    twice = str(export.verify(spoiled["a row twice"].encode()))
    assert f"gd/f, {len(rows) // 2} rows were written, {len(rows) // 2 + 1} are there" in twice
    shown = export.verify(export.to_bytes(SPEC, "html"))
    assert shown.changed is None
    assert "what the file says of its origin, not what it shows" in str(shown)


def test_a_table_without_our_columns_is_another_one_and_a_changed_digest_is_told() -> None:
    data = export.to_bytes(SPEC, "csv").decode()
    head, *rest = data.splitlines()
    for rows in ([row.replace(",", ";") for row in rest], [head, *rest], ["a,b", "1,2"]):
        found = export.verify("\n".join([head, *rows]).encode())
        assert not found.same and "there is no column “series”" in str(found)
    found = export.verify(data.replace('"digest":"', '"digest":"0', 1).encode())
    assert not found.same and "though each agrees" in str(found) and "beyond" not in str(found)
    found = export.verify(data.replace("descent_steps=", "descent_steps=9e", 1).encode())
    assert "does not know, or not with its value: descent_steps" in str(found)


def test_rows_of_a_typed_rule_are_compared_though_its_name_looks_like_a_formula() -> None:
    rule = "-0.0*g\n".strip() + "\nx = x - 0.1*g"
    spec = Descent(methods=("gd",), steps=3)
    runs = {name: lookup.run(spec)["gd"] for name in ("gd", rule, "@" + "x" * 400)}
    stamp = stamps.stamp_of(spec, found=lambda: runs)
    (read,) = stamps.find(stamps.text_of(stamp).encode())
    for format in ("csv", "parquet"):
        made = export.files.table_of(runs, format, stamps.text_of(stamp))
        assert origins.changed_rows(made, read) == (), format


@each(
    "rows",
    [b"", b"," * 300_000, b'"' + b"\n" * 300_000 + b'"', b'series,f\r\n"gd', b"series,f\r\n\xff,1"],
)
def test_rows_that_are_no_table_are_refused_in_a_sentence(rows: bytes) -> None:
    stamp = stamps.stamp_of(SPEC)
    with pytest.raises(KnobError, match="rows of this CSV"):
        origins.changed_rows(b"# " + stamps.text_of(stamp).encode() + b"\r\n" + rows, stamp)


def test_a_setting_that_is_not_known_is_named() -> None:
    stamp = stamps.stamp_of(SPEC)
    old = stamp._replace(link=stamp.link.replace("descent_lr=0.02", "descent_pace=0.02"))
    found = export.verify(stamps.text_of(old).encode())
    assert found.unknown == ("descent_pace",) and not found.same


# --- the command line -----------------------------------------------------------------------------


def test_the_command_line_opens_and_verifies(tmp_path: Path, monkeypatch: Any) -> None:
    file, seen = tmp_path / "a.csv", []
    file.write_bytes(export.to_bytes(SPEC, "csv", step=3))
    monkeypatch.setattr(cli.webbrowser, "open", seen.append)
    done = CliRunner().invoke(main, ["open", str(file), "--link"])
    assert from_link(done.output.strip()) == ("descent", SPEC, 3, export.HERE) and not seen
    done = CliRunner().invoke(main, ["open", str(file), "--base", "https://example.org"])
    assert done.exit_code == 0 and seen == [done.output.strip()]
    assert from_link(seen[0]) == ("descent", SPEC, 3, "https://example.org")
    done = CliRunner().invoke(main, ["verify", str(file)])
    assert done.exit_code == 0 and "the same numbers" in done.output
    (stamp,) = stamps.find(file.read_bytes())
    file.write_bytes(with_stamp_of(stamp._replace(digest="0" * 16), file.read_bytes()))
    assert CliRunner().invoke(main, ["verify", str(file)]).exit_code == 1
    file.write_bytes(b"\x89PNG of somebody else")
    for command in ("open", "verify"):
        done = CliRunner().invoke(main, [command, str(file)])
        assert done.exit_code == 2 and "does not say how it was made" in done.output


def test_the_app_is_started_where_it_is_not_there(monkeypatch: Any, tmp_path: Path) -> None:
    file, started, opened = tmp_path / "a.html", [], []
    file.write_bytes(export.to_bytes(SPEC, "html"))

    class Server:
        def poll(self) -> None:
            return None

        def wait(self) -> int:
            return 0

    def start(words: list[str]) -> Server:
        started.append(words[1:])
        return Server()

    monkeypatch.setattr(cli.subprocess, "Popen", start)
    monkeypatch.setattr(cli, "why_not", lambda host, port: "in use" if started else "")
    monkeypatch.setattr(cli.webbrowser, "open", opened.append)
    for times in (1, 2):
        assert CliRunner().invoke(main, ["open", str(file)]).exit_code == 0
        assert len(started) == 1 and len(opened) == times, "once is enough"
    assert started[0] == "-m gdviz run --host localhost --port 8501".split()


# --- the operator, and strangers ------------------------------------------------------------------


def test_an_operator_can_leave_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    data = export.to_bytes(SPEC, "csv")
    monkeypatch.setenv("GDVIZ_STAMP", "off")
    assert export.to_bytes(SPEC, "csv") == data.partition(b"\n")[2]
    assert export.to_bytes(SPEC, "csv") == export.csv_of(lookup.run(SPEC))
    for format in ("parquet", "html"):
        assert stamps.find(export.to_bytes(SPEC, format)) == []
    with pytest.raises(KnobError, match="does not say"):
        export.reopen(data)


def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: Any) -> None:
    for thing in (tmp_path, tmp_path / "nothing.png", Path("/dev/zero")):
        with pytest.raises(KnobError, match="There is no file"):
            export.reopen(thing)
    monkeypatch.setattr(stamps, "LARGEST", 1000)
    large = tmp_path / "large.png"
    large.write_bytes(b"x" * 5000 + LINE.encode())
    with pytest.raises(KnobError, match="larger than"):
        export.verify(large)


@each(
    "link",
    ["//evil.example/x", "https://evil.example/race", "../race", "race/../..", "home", "sweep", "",
     "javascript:alert(1)", "race?x=<script>", "RACE", "race?a=b#c", "race?" + "a=1&" * 5000,
     "references?x=1", "regression_houses", "no_such_page", "race?x=\u00e9", None, 3, ["race"]],
)  # fmt: skip
def test_a_link_to_elsewhere_is_none(link: Any) -> None:
    import json

    line = json.dumps({"gdviz": "1", "link": link, "step": None, "digest": "", "numbers": []})
    line = line.replace('": ', '":')
    with pytest.raises(KnobError, match=r"does not say|not a page"):
        export.reopen(line.encode())


# --- the pages ------------------------------------------------------------------------------------


@each("place", [name for name in names() if name != "regression_houses"])
def test_the_share_menu_says_what_the_library_says(place: str) -> None:
    """Of every page: its link, and the digest of the numbers that the library computes."""
    page, _, room = place.partition("_") if place not in titles() else (place, "", "")
    visit = Visit(page, {f"{page}_room": room} if room else {})
    visit.press("SVG")
    (asked,) = [head["download"] for head in visit.stages() if head.get("download")]
    (stamp,) = stamps.find(asked["stamp"].encode())
    spec, unknown = origins.settings_in(stamp.link)
    assert stamp == stamps.stamp_of(visit.spec()) and spec == visit.spec() and not unknown
    assert stamp.columns and stamp.step is None


def test_home_has_a_place_for_files_unless_the_operator_wants_none(monkeypatch: Any) -> None:
    assert [box.key for box in open_page("home").get("file_uploader")] == ["home_reopen"]
    monkeypatch.setenv("GDVIZ_STAMP", "off")
    assert not open_page("home").get("file_uploader")


def test_a_table_of_any_page_is_parquet_by_the_dialog() -> None:
    for page in ("integration", "geometry", "natural_gradient"):  # these give no run to the frame
        spec = lookup.settings(page)()
        drawn = PageState(spec, None, *lookup.picture_of(spec), 0)
        wish = export_dialog.Wish("parquet", "screen", 0)
        table = pq.read_table(io.BytesIO(export_dialog.made_file(page, drawn, wish, "a", "")))
        assert table.equals(pq.read_table(io.BytesIO(export.parquet_of(lookup.numbers(spec)))))
