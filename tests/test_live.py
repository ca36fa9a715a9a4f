"""The route that answers a hand: the scene of the settings in a query, hostile ones included."""

import json
import re
import struct
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from cases import each
from starlette.responses import Response

from gdviz.browser.bundle import MODULES, TAG
from gdviz.catalogue.pages import PAGES
from gdviz.figures.scene import Scene
from gdviz.figures.wire_format import pack
from gdviz.queries import to_query
from gdviz.server.live_scene import engine, live, live_scene_of
from gdviz.server.shared_answers import SharedAnswers
from gdviz.topics.descent import settings as descent
from gdviz.topics.descent.figure import descent_scene
from gdviz.topics.descent.presets import PRESETS
from gdviz.topics.race import presets as race_presets
from gdviz.topics.race import settings as race


def get(page: str, query: str) -> Response:
    """Ask the route as the server does."""
    return live(page, query)


def tracks(message: bytes) -> dict[str, np.ndarray]:
    """Decode the first coordinate of every track, by its name and panel."""
    length = struct.unpack_from("<I", message)[0]
    header = json.loads(message[4 : 4 + length])
    numbers = np.frombuffer(message, "<f4", offset=4 + length)
    found = {}
    for layer in header["layers"]:
        if layer["kind"] == "track":
            start, rows, columns = layer["x"]
            found[f"{layer['name']} {layer['panel']}"] = numbers[start : start + rows * columns]
    return found


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.label)
def test_it_answers_the_scene_of_the_page(preset) -> None:
    spec = descent.Descent(**preset.values)
    answer = get("descent", to_query(spec))
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert answer.body == pack(descent_scene(descent.run(spec)))


def test_it_answers_the_race_with_the_methods_own_knobs() -> None:
    spec = race.Race(**race_presets.PRESETS[0].values)
    seen = tracks(get("race", to_query(spec)).body)
    runs = race.run(spec)
    assert len(seen) == len(runs)
    for path, run in zip(seen.values(), runs.values(), strict=True):
        assert np.array_equal(path, run.x[:, 0].astype(np.float32))
    slower = tracks(get("race", to_query(spec) + "&gd_lr=0.0001").body)
    assert not np.array_equal(slower["Gradient descent 0"], seen["Gradient descent 0"])


def test_the_engine_is_a_module_of_the_settings_in_a_query() -> None:
    """It imports what it needs from our own assets, and a hostile query makes it no other."""
    answer = engine("race", "methods=adam&surface=typed&formula=erf(x)*y")
    text = bytes(answer.body).decode()
    assert answer.status_code == 200 and answer.media_type == "text/javascript"
    assert "value: (x_, y_) => { return (y_ * erf(x_)); }" in text
    for asset in re.findall(r"'([^']*)';", text):
        assert MODULES[asset.removeprefix(f"../../assets/{TAG}/")].is_file()
    called = re.search(r"import \{ (.*) \} from '[^']*elementary.js'", text)
    exported = set(
        re.findall(r"export (?:const|function) (\w+)", MODULES["elementary.js"].read_text())
    )
    assert called and set(called[1].split(", ")) == exported
    assert [engine(page, "").status_code for page in ("mcmc", "home", "../race")] == [404] * 3
    assert engine("race", "methods=newton").status_code == 404
    for query in HOSTILE:
        assert engine("race", query).status_code in (200, 422)
        assert b"__import__" not in engine("race", query).body


LIVE = [page.stem for page in PAGES if live_scene_of(page.stem)]
HOSTILE = [
    "hand=start,1,2",
    "hand=" + "x" * 5000 + ",nan,1e999",
    "lr=nan&x0=inf&steps=1e9",
    "lr=0.1&lr=0.2&methods=gd&methods=rm -rf",
    "function=typed&formula=__import__('os')",
    "function=typed&formula=" + "x" * 5000,
    "function=typed&formula=9**9**9**9&left=5&right=5",
    "surface=typed&formula=1/0&gd_lr=<script>",
    "x0=" + "9" * 4000,
    "&".join(f"a{i}=1" for i in range(500)),
    "%00%ff=%fe&lr=%00",
    "hyper=1&more_query=2&__class__=3",
]


@each("query", HOSTILE)
@pytest.mark.parametrize("page", LIVE)
def test_hostile_settings_are_defaults_or_a_sentence(page: str, query: str) -> None:
    answer = get(page, query)
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert (
            0 < len(bytes(answer.body).decode()) < 300
            and "Traceback" not in bytes(answer.body).decode()
        )


def test_other_pages_have_no_scene() -> None:
    assert get("home", "").status_code == 404
    assert get("../descent", "").status_code == 404
    assert get("scene", "").status_code == 404
    assert {"descent", "race"} <= set(LIVE)


def test_a_scene_alone_is_a_whole_message() -> None:
    assert tracks(pack(Scene(()))) == {}


def test_what_many_ask_at_once_is_made_once_and_the_latest_is_kept() -> None:
    shared, made, begun, go_on = SharedAnswers(10), list[str](), Event(), Event()

    def slow() -> bytes:
        begun.set()
        assert go_on.wait(20)
        made.append("slow")
        return b"answer"

    def wrong() -> bytes:
        raise ValueError("no picture")

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(shared.get, "a", slow)
        assert begun.wait(20)
        others = [threads.submit(shared.get, "a", slow) for _ in range(2)]
        go_on.set()
        assert [one.result(20) for one in (first, *others)] == 3 * [b"answer"]
    assert shared.get("a", slow) == b"answer" and made == ["slow"]
    for _ in range(2):
        with pytest.raises(ValueError, match="no picture"):
            shared.get("b", wrong)
    assert shared.get("b", lambda: b"123456") == b"123456"
    assert shared.get("large", lambda: bytes(11)) == bytes(11), "given, and not kept"
    assert shared.get("a", lambda: b"again") == b"again", "it has made room"
