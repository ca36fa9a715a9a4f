"""The route that answers a hand: the scene of the settings in a query, hostile ones included."""

import json
import struct

import numpy as np
import pytest
from starlette.responses import Response

from gdviz.catalogue.pages import PAGES
from gdviz.figures.scene import Scene
from gdviz.figures.wire_format import pack
from gdviz.queries import to_query
from gdviz.server.live_scene import live, live_scene_of
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


@pytest.mark.parametrize("query", HOSTILE)
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
