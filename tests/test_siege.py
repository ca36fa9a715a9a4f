"""The short form of `make siege`: one address attacks, and a neighbour's every request is answered.

How long the neighbour waits is measured by `make siege`, on a machine that does nothing else.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import ROOT, Server, serve

from benchmarks.load_servers import Servers, usage
from benchmarks.siege import ATTACKS, LOG, MEGABYTES, Siege

SECONDS = 2.0
REFUSES = {
    "held": "429",
    "names": "closed",
    "frames": "closed",
}  # what an attacker must meet, or it was none


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Siege]]:
    folder = tmp_path_factory.mktemp("siege")
    with (
        serve(folder / "log") as server,
        Siege(Servers(server.url, lambda: [server.pid], list), folder) as siege,
    ):
        yield server, siege


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux has addresses to spare")
@pytest.mark.parametrize("name", ["held", "storm", "names", "log", "frames", "cookies"])
def test_a_neighbour_is_answered_whatever_one_address_does(
    besieged: tuple[Server, Siege], name: str
) -> None:
    server, siege = besieged
    row = siege.play(name, SECONDS)
    assert not row.met.errors and set(row.met.by_act) == {"knob", "drag", "small"}
    assert all(len(times) > 1 for times in row.met.by_act.values())
    assert row.own.total() and "failed" not in row.own
    assert row.own[REFUSES[name]] if name in REFUSES else True
    assert row.log <= LOG * max(100, row.own.total()) and "Traceback" not in server.log
    assert usage([server.pid]).rss < MEGABYTES


def test_the_plan_of_a_siege_names_every_attack() -> None:
    assert all(attack.__doc__ for attack in ATTACKS.values())
    words = (ROOT / "docs" / "security.md").read_text("utf-8")
    assert all(f"`{name}`" in words for name in ATTACKS)
