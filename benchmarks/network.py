"""A small network against torch, scikit-learn and jax, and from a knob to the first frame."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

from benchmarks.network_peers import EPOCHS, RATE, TIMES, data
from benchmarks.report import Goal, Row
from benchmarks.timing import seconds
from gdviz.figures.wire_format import pack
from gdviz.learn import init_params, train
from gdviz.learn.sharpness import sharpness
from gdviz.topics.backprop.figure import scene_of, stage_of
from gdviz.topics.backprop.settings import Playground
from gdviz.topics.backprop.training import run

PEERS = Path(__file__).with_name("network_peers.py")
GOALS = {"torch eager": 1 / 12, "scikit-learn": 1 / 14, "jax scan": 1 / 1.2}


def measure() -> list[Row]:
    """Time ours just before and just after the peers, and take the least of each."""
    first = training()
    theirs = peers()
    ours = min(first, training())
    rows = [
        Row("2-8-8-1, 300 samples, 1000 epochs with the loss", "ms", 1e3 * ours),
        Row(
            "from a knob to the packed frames", "ms", 1e3 * to_frames(), goal=Goal("≤", 300, False)
        ),
        Row(
            "all eigenvalues at 300 steps of 2-8-8-1, 100 samples",
            "ms",
            1e3 * curvatures(),
            goal=Goal("≤", 300, False),
        ),
        Row("frames of the default playground", "kB", frames_size(), goal=Goal("≤", 1200, False)),
    ]
    for name, bound in GOALS.items():
        if name in theirs:
            rows.append(
                Row("the same", "ms", 1e3 * ours, 1e3 * theirs[name], name, Goal("≤", bound))
            )
    return rows


def training() -> float:
    """Return the least time of a training, warm."""
    X, y = data()
    params = init_params([2, 8, 8, 1])

    def once() -> None:
        train(params, X, y, activation="tanh", loss="bce", lr=RATE, epochs=EPOCHS)

    once()
    return min(seconds(once) for _ in range(TIMES))


def to_frames() -> float:
    """Time a changed rate: 1000 epochs of 2-8-8-1 with pictures of every unit, packed."""
    spec = Playground(n=500, share=0.6, hidden="8, 8", method="gd", epochs=EPOCHS)

    def once(rate: float) -> None:
        changed = replace(spec, lr=rate)
        pack(scene_of(changed, run(changed)))
        stage_of(changed)

    once(0.1)
    return min(seconds(lambda rate=0.2 + i / 100: once(rate)) for i in range(5))


def curvatures() -> float:
    """Return the least time of all eigenvalues of the Hessian at each of 300 steps."""
    X, y = (values[:100] for values in data())
    done = train(
        init_params([2, 8, 8, 1]), X, y, activation="tanh", loss="bce", lr=RATE, epochs=300,
        keep=range(1, 301),
    )  # fmt: skip

    def once() -> None:
        sharpness(done.path, (2, 8, 8, 1), X, y, "tanh", "bce")

    once()
    return min(seconds(once) for _ in range(TIMES))


def frames_size() -> float:
    """Return the size of the message of the default page."""
    return len(pack(scene_of(Playground(), run(Playground())))) / 1e3


def peers() -> dict[str, float]:
    """Return the seconds of the peers by name; empty without PEERS."""
    found: dict[str, float] = {}
    for python in filter(None, os.environ.get("PEERS", "").split(":")):
        out = subprocess.run([python, str(PEERS)], capture_output=True, text=True, check=True)
        found |= json.loads(out.stdout)
    return found
