"""Markov chains against blackjax, emcee and ArviZ: draws, diagnostics, the first picture."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np

from benchmarks.report import Goal, Row
from benchmarks.timing import medians, seconds
from gdviz.cache import clear
from gdviz.figures.wire_format import pack
from gdviz.probability import ess_bulk, ess_tail, rhat, sample
from gdviz.topics.mcmc import settings as topic
from gdviz.topics.mcmc.figure import mcmc_scene
from gdviz.topics.mcmc.figure_density import background

CHAINS, DRAWS, NUTS_DRAWS = 4, 10_000, 2000
PEERS = Path(__file__).with_name("peers_mcmc.py")


def measure() -> list[Row]:
    """Time ours, and the peers if PEERS names a Python that has them."""
    theirs = peers()
    step = theirs.get("blackjax nuts step", 0.4)
    x = np.cumsum(np.random.default_rng(0).standard_normal((2, CHAINS, DRAWS)), axis=2)
    x = x - 0.99 * np.roll(x, 1, axis=2)
    ours = {
        "rwm": lambda: sample("banana", "rwm", draws=DRAWS, warmup=0, step=1.2),
        "hmc": lambda: sample("banana", "hmc", draws=DRAWS, warmup=0, step=0.15, leaps=10),
        "nuts": lambda: sample("banana", "nuts", draws=NUTS_DRAWS, warmup=0, step=step),
        "diagnostics": lambda: [(rhat(t), ess_bulk(t), ess_tail(t)) for t in x],
        "picture": first_picture,
    }
    for work in ours.values():
        work()
    taken = medians(*(lambda work=work: seconds(work) for work in ours.values()))
    mine = dict(zip(ours, taken, strict=True))
    pairs = (
        ("4 × 10,000 draws of Metropolis on the banana", "rwm", "blackjax rwm", 1 / 12),
        ("the same against emcee with 4 walkers", "rwm", "emcee", 1 / 500),
        ("4 × 10,000 draws of HMC, 10 leapfrogs", "hmc", "blackjax hmc", 1 / 5),
        ("4 × 2000 draws of NUTS at the peer's step", "nuts", "blackjax nuts", 1 / 5),
        ("R-hat and ESS of 2 × 4 × 10,000", "diagnostics", "arviz", 1 / 3),
    )
    rows = []
    for what, name, rival, bound in pairs:
        other = theirs.get(rival)
        goal = Goal("≤", bound) if other else None
        rows.append(Row(what, "ms", 1e3 * mine[name], other and 1e3 * other, rival, goal))
    words = "from a knob to the first picture of 4 × 5000 draws with diagnostics, without a browser"
    rows.append(Row(words, "ms", 1e3 * mine["picture"], goal=Goal("≤", 250, False)))
    return rows


def first_picture() -> None:
    """Run, diagnose, draw and pack a page that no cache knows."""
    clear()
    spec = topic.Mcmc(target="banana", draws=5000)
    seen = topic.run(spec)
    background(seen.trace.target, len(seen.x))
    pack(mcmc_scene(seen, spec))


def peers() -> dict[str, float]:
    """Return the seconds of the peers by what they measured; empty without PEERS."""
    found: dict[str, float] = {}
    for python in filter(None, os.environ.get("PEERS", "").split(":")):
        out = subprocess.run([python, str(PEERS)], capture_output=True, text=True, check=True)
        found |= json.loads(out.stdout)
    return found
