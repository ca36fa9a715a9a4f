"""The server around the pages: headers, own routes, errors, a busy port."""

import logging
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from email.message import Message
from functools import partial
from pathlib import Path

import pytest
from browser import ROOT, free_port, serve, status
from starlette.requests import Request
from streamlit.components.v2.bidi_component.serialization import BidiComponentSerde
from streamlit.testing.v1 import AppTest

from gdviz.server import routes as frame
from gdviz.server import warmup
from gdviz.server.logs import shorten_records
from gdviz.server.warmup import warm_up_then_freeze
from gdviz.ui import page_style
from gdviz.ui.presets import keys_of

FORGED = "streamlit.components.v2.bidi_component.serialization"  # logs a state that is no JSON


def get(url: str, **headers: str) -> tuple[bytes, Message]:
    request = urllib.request.Request(
        url, headers={k.replace("_", "-"): headers[k] for k in headers}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read(), answer.headers


def test_not_ready_before_the_warm_up_is_done(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(frame, "ready", threading.Event())
    with pytest.raises(StopIteration) as done:  # no loop is needed, and another may be running
        frame.readyz(Request({"type": "http"})).send(None)
    assert done.value.value.status_code == 503


def test_never_ready_if_the_warm_up_fails(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(warmup, "ready", threading.Event())
    monkeypatch.setattr(warmup, "steps_to_be_warm", lambda: 1 / 0)
    warm_up_then_freeze()
    assert not warmup.ready.is_set()


@pytest.mark.parametrize(("gentle", "rests"), [("0.5", True), ("", False), ("much", False)])
def test_who_warms_up_beside_others_rests_after_each_step(
    monkeypatch: pytest.MonkeyPatch, gentle: str, rests: bool
):
    slept: list[float] = []
    frozen: list[bool] = []
    monkeypatch.setenv("GDVIZ_GENTLE", gentle)
    monkeypatch.setattr("gc.freeze", lambda: frozen.append(warmup.ready.is_set()))
    monkeypatch.setattr(warmup, "ready", threading.Event())
    monkeypatch.setattr(warmup, "steps_to_be_warm", lambda: [partial(sum, range(10_000))] * 3)
    monkeypatch.setattr(warmup, "sleep", slept.append)
    warm_up_then_freeze()
    assert warmup.ready.is_set() and frozen == [False], "frozen first, then ready"
    assert len(slept) == 3 and all((s > 0) == rests for s in slept)


def test_a_forged_state_is_logged_in_one_line(caplog: pytest.LogCaptureFixture):
    make, log = logging.getLogRecordFactory(), logging.getLogger(FORGED)
    shorten_records()
    try:
        serde = BidiComponentSerde(default=None)
        with caplog.at_level(logging.WARNING, logger=FORGED):
            log.addHandler(caplog.handler)
            serde.deserialize("{")
    finally:
        logging.setLogRecordFactory(make)
        log.removeHandler(caplog.handler)
    assert "deserialize" in caplog.text and "Traceback" not in caplog.text


def test_streamlit_run_serves_the_same_app(tmp_path: Path):
    command = ("-m", "streamlit", "run", "app.py", "--server.port", "{port}")
    command += ("--server.address", "127.0.0.1")
    with serve(tmp_path / "log", probe="/_stcore/health", command=command) as running:
        assert status(running.url + "/descent") == 200


def test_a_listening_socket_loses_nagles_delay():
    with socket.socket() as listening, socket.socket() as idle:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        frame.cure_delayed_packets()
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert not idle.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_error_is_logged_under_the_code_that_the_visitor_sees(
    caplog: pytest.LogCaptureFixture,
):
    def script():
        from gdviz.server.routes import on_script_error

        try:
            raise ValueError("the secret")
        except ValueError as error:
            on_script_error(error)

    at = AppTest.from_function(script).run()
    [message] = [e.value for e in at.error]
    code = re.search(r"`([0-9a-f]{8})`", message)
    assert code and code[1] in caplog.text and "the secret" in caplog.text
    assert "secret" not in message and "Traceback" not in message


def gdviz_run(*words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "gdviz", "run", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)


def test_a_busy_port_is_one_clear_line():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        done = gdviz_run("--port", str(port))
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    assert f"127.0.0.1:{port}" in done.stderr and "make run PORT=" in done.stderr


@pytest.mark.parametrize("words", [("--port", "99999"), ("--host", "no.such.host.invalid")])
def test_an_impossible_address_is_one_clear_line(words: tuple[str, str]):
    done = gdviz_run(*words)
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1


def test_gdviz_run_serves_the_named_hosts_alone(tmp_path: Path):
    command = ("-m", "gdviz", "run", "--port", "{port}")
    hosts = {"GDVIZ_ALLOWED_HOSTS": "127.0.0.1, a.example", "PYTHONPATH": str(ROOT)}
    with serve(
        tmp_path / "log", folder=tmp_path, probe="/_stcore/health", env=hosts, command=command
    ) as running:
        assert f"gdviz is at {running.url}" in running.log
        assert free_port() != int(running.url.rsplit(":", 1)[1])
        get(running.url + "/_stcore/health", Host="a.example")
        with pytest.raises(urllib.error.HTTPError, match="400"):
            get(running.url + "/_stcore/health", Host="evil.example")


def test_no_style_asks_has_of_every_part_of_a_page():
    """A browser would ask each part anew at each change: a page took five times as long to open."""
    asked = re.findall(r"[^\s>,{}]*:has\(", page_style.CSS)
    assert asked and [part for part in asked if not re.match(r"[\w.\[]|:root", part)] == []


def test_the_line_of_presets_names_the_keys_that_there_are() -> None:
    assert keys_of(4) == "Press a preset, or a key from 1 to 4."
    assert keys_of(10).endswith("0 for the last.") and keys_of(12).endswith("0 for the tenth.")
