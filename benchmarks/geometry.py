"""Fisher geometry against geomstats: distances, geodesics, and the scene under a hand."""

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from benchmarks.report import Goal, Row
from benchmarks.timing import medians, seconds
from gdviz.figures.hand import Hand
from gdviz.figures.wire_format import pack
from gdviz.geometry import distance, geodesic
from gdviz.topics.geometry import figure as figures
from gdviz.topics.geometry import settings as topic
from gdviz.topics.natural_gradient import figure as natural

PAIRS, PATHS, POINTS = 10_000, 100, 100
PEERS = Path(__file__).with_name("geometry_peers.py")


def points(count: int) -> np.ndarray:
    """Return normals (μ, σ), the same for the peer."""
    rng = np.random.default_rng(0)
    return np.stack([rng.uniform(-3, 3, count), rng.uniform(0.2, 3, count)], -1)


def measure() -> list[Row]:
    """Time ours, and geomstats if PEERS names a Python that has it."""
    far, near = points(2 * PAIRS), points(2 * PATHS)
    t = np.linspace(0, 1, POINTS)
    works = {
        "distances": lambda: distance("normal", far[:PAIRS], far[PAIRS:]),
        "geodesics": lambda: geodesic("normal", near[:PATHS], near[PATHS:], t),
        "normal": lambda: drag("normal"),
        "gamma": lambda: drag("gamma"),
        "carried": lambda: drag("gamma", room="transport"),
        "shot": lambda: drag("beta", room="shoot"),
        "fit": fit_normal,
    }
    for work in works.values():
        work()
    taken = medians(*(lambda work=work: seconds(work) for work in works.values()))
    ours = dict(zip(works, taken, strict=True))
    theirs = peers()
    rows = []
    for what, name, goal in (
        (f"{PAIRS:,} Fisher–Rao distances of normals", "distances", Goal("≤", 1 / 10)),
        (f"{PATHS} geodesics of {POINTS} points", "geodesics", Goal("≤", 1 / 35)),
    ):
        rival = theirs.get(name)
        other = None if rival is None else 1e3 * rival
        rows.append(Row(what, "ms", 1e3 * ours[name], other, "geomstats", goal if rival else None))
    for what, name, most in (
        ("a drag between two normals, without a browser", "normal", 66),
        ("a drag between two gammas", "gamma", 200),
        ("a vector carried between gammas", "carried", 200),
        ("a beta shot, with balls", "shot", 200),
        ("a fit in three parametrisations", "fit", 200),
    ):
        rows.append(Row(what, "ms", 1e3 * ours[name], goal=Goal("≤", most, False)))
    return rows


def drag(family: str, room: str = "between") -> None:
    """Answer the live route once, at a point that no cache knows."""
    knobs = {"family": family, "room": room, **topic.start_of(family)}
    x = knobs["ax"] + float(np.random.default_rng().uniform(0, 0.3))
    pack(figures.live_scene(urlencode(knobs), Hand("a", x, knobs["ay"], True)))


def fit_normal() -> None:
    """Fit a normal by six paths, from a start that no cache knows."""
    x = -2 + float(np.random.default_rng().uniform(0, 0.3))
    pack(natural.live_scene("", Hand("start", x, 2.0, True)))


def peers() -> dict[str, float]:
    """Return the seconds of geomstats, by measurement; empty without PEERS."""
    found: dict[str, float] = {}
    for python in filter(None, os.environ.get("PEERS", "").split(":")):
        out = subprocess.run([python, str(PEERS)], capture_output=True, text=True, check=True)
        found |= json.loads(out.stdout)
    return found
