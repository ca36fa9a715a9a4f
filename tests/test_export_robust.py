"""Exports wherever they are made: any locale, forked, when a process ends, without a network."""

import io
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import plotly.graph_objects as go
import pytest
from browser import ROOT

from gdviz import export
from gdviz.export import ExportError, chromium, files, renderer
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race.settings import Race

SHORT = Descent(steps=4, stop="none", lr=0.02)
needs_chromium = pytest.mark.skipif(
    export.browser_path() is None, reason="no Chromium on this machine"
)


def test_every_text_file_is_opened_with_its_encoding() -> None:
    """What a machine has for an encoding is its own affair."""
    for path in (ROOT / "gdviz").rglob("*.py"):
        text = path.read_text("utf-8")
        for call in (".read_text()", ".write_text()", 'open("w")', 'open("r")'):
            assert call not in text, f"{path.name}: {call}"


def test_a_failure_names_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(path: str | None) -> None:
        raise OSError("no\nroom left")

    monkeypatch.setattr(chromium, "open_browser", broken)
    monkeypatch.setattr(renderer, "browser_path", lambda: "/somewhere")
    with pytest.raises(ExportError, match=r"The browser failed.*\(OSError: no room left\)"):
        renderer.HeadlessRenderer().ask(None)  # type: ignore[arg-type]


@needs_chromium
@pytest.mark.browser
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_picture_is_drawn_where_the_locale_is_ascii_and_by_a_forked_child(tmp_path: Path) -> None:
    """The child neither hangs nor takes the browser, and its folder, from its parent.

    And the processes that draw end without a word.
    """
    program = f"""
import os, sys, warnings
from gdviz import export
from gdviz.cli import main
from gdviz.topics.descent import Descent
main(["export", "descent", "--steps=4", "-o", r"{tmp_path}/first.svg"], standalone_mode=False)
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
spec = Descent(steps=4)
child = os.fork()
if child == 0:
    export.save(spec, r"{tmp_path}/child.svg")
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
export.save(spec, r"{tmp_path}/last.svg")
"""
    ascii = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT, env={**os.environ, **ascii}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    drawn = {name: (tmp_path / f"{name}.svg").read_bytes() for name in ("first", "child", "last")}
    assert len(set(drawn.values())) == 1
    assert "f(x)" in drawn["first"].decode("utf-8")


@needs_chromium
@pytest.mark.browser
def test_the_same_figure_is_the_same_bytes() -> None:
    first, again = (export.to_bytes(SHORT, "svg", style="paper") for _ in range(2))
    assert first == again and b"woff2" in first


def test_a_folder_goes_with_the_process_that_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = chromium.Folder()
    (folder.path / "profile").mkdir()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    folder.clean()
    assert folder.path.is_dir(), "a child leaves it"
    monkeypatch.undo()
    folder.clean()
    assert not folder.path.exists()


# --- nothing is fetched ---------------------------------------------------------------------------


class Seen(BaseHTTPRequestHandler):
    """A server that counts who asked it."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *about: object) -> None:
        pass


@needs_chromium
@pytest.mark.browser
def test_a_figure_with_addresses_in_it_fetches_nothing(tmp_path: Path) -> None:
    """Not by name, not by number, not from the disk; the picture is drawn all the same."""
    server = HTTPServer(("127.0.0.1", 0), Seen)
    Thread(target=server.serve_forever, daemon=True).start()
    here = server.server_port
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>SECRET</text></svg>', "utf-8")
    sources = [f"http://127.0.0.1:{here}/a.png", f"http://localhost:{here}/b.png", secret.as_uri()]
    place = {"x": 0, "y": 1, "sizex": 1, "sizey": 1}
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1]))
    figure.update_layout(width=300, height=200, images=[{**place, "source": s} for s in sources])
    figure.update_layout(title=f'<a href="http://localhost:{here}/c">link</a>')
    made = files.drawn_figure(figure, "png", 1)
    svg = files.drawn_figure(figure, "svg", 1)
    server.shutdown()
    assert Seen.asked == [] and made.startswith(b"\x89PNG")
    assert b"SECRET" not in svg and b"<image" not in svg.replace(b'href=""', b"")


def test_the_browser_is_closed_to_the_outside() -> None:
    words = chromium.flags(["chromium", *chromium.OPENING, "--headless"])
    assert words[:2] == ["chromium", "--headless"]
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in words
    assert "--disable-background-networking" in words
    assert not set(words) & set(chromium.OPENING)
    policy = chromium.POLICY.split("; ")
    assert policy[0] == "default-src 'none'"
    assert not [part for part in policy if "http" in part or "*" in part or "'self'" in part]


def test_the_sandbox_is_on_but_for_root_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for user, allowed in ((0, False), (1000, True)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        assert chromium.may_sandbox() is allowed
    monkeypatch.setattr(sys, "platform", "darwin")
    assert chromium.may_sandbox()


# --- the page that plays --------------------------------------------------------------------------


def test_the_page_has_colours_of_its_own() -> None:
    page = export.to_bytes(SHORT, "html").decode()
    head = page[: page.index("</style>")]
    assert "color-scheme: light" in head and "background: #fff" in head


# --- one table ------------------------------------------------------------------------------------


def test_the_csv_is_one_table_for_any_reader() -> None:
    import pandas as pd

    spec = Race(methods=("gd", "adam", "nelder_mead"), steps=5, stop="none")
    table = pd.read_csv(io.BytesIO(export.to_bytes(spec, "csv")), comment="#")
    parquet = pd.read_parquet(io.BytesIO(export.to_bytes(spec, "parquet")))
    assert list(table) == list(parquet)
    assert table["series"].value_counts().to_dict() == dict.fromkeys(spec.methods, 6)
    pd.testing.assert_frame_equal(table, parquet, check_dtype=False, check_exact=True)
    assert table.loc[table.series == "gd", "m0"].isna().all()


def test_what_is_not_finite_is_spelt_for_every_reader() -> None:
    rows = export.csv_of({"a": {"x": [1.0, float("nan"), float("inf"), -float("inf")]}})
    assert rows.decode().splitlines() == ["series,x", "a,1.0", "a,NaN", "a,Inf", "a,-Inf"]
