"""Run the groups that are named, or all: `python -m benchmarks [names...]`."""

import argparse
from time import perf_counter

from benchmarks import (
    descents,
    exports,
    geometry,
    interaction,
    mcmc,
    network,
    offline,
    outsized,
    paint,
    playback,
    probability,
    race,
    recommender,
    regression,
    server,
    slow_line,
)
from benchmarks.report import load, machine, table

GROUPS = {
    "interaction": ("From the hand to the picture", interaction.measure),
    "playback": ("Pictures per second", playback.measure),
    "offline": ("An exported race under a hand, without a server", offline.measure),
    "slow": ("A hand, and a server 100 ms away", slow_line.measure),
    "descents": ("Thousands of descents", descents.measure),
    "race": ("The race against torch and jax (PEERS=their python)", race.measure),
    "recommender": (
        "The recommender against Surprise and LIBMF (PEERS=their python)",
        recommender.measure,
    ),
    "outsized": ("100 million ratings from files (GDVIZ_LARGE=1)", outsized.measure),
    "regression": (
        "Linear models against NumPy, pandas and torch (PEERS=their python)",
        regression.measure,
    ),
    "network": ("A small network against torch, scikit-learn and jax", network.measure),
    "mcmc": ("Chains against blackjax, emcee and ArviZ (PEERS=their python)", mcmc.measure),
    "geometry": ("Fisher geometry against geomstats (PEERS=their python)", geometry.measure),
    "probability": ("Rules of quadrature, and a million samples", probability.measure),
    "cpu": ("CPU of the server per rerun (means)", server.measure_cpu),
    "exports": ("Pictures, films and slides as files", exports.measure),
    "paint": ("The first paint of the home page", paint.measure),
    "start": ("Time to the first answer", server.measure_start),
}


def main() -> None:
    """Print a Markdown table for each group."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="group", help=", ".join(GROUPS))
    names = parser.parse_args().groups or list(GROUPS)
    if unknown := set(names) - set(GROUPS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there is {', '.join(GROUPS)}")
    print(f"{machine()}.\nMedians; what is compared takes turns.")
    for name in names:
        title, measure = GROUPS[name]
        before, start = load(), perf_counter()
        rows = measure()
        print(f"\n## {title}\n\n{table(rows)}\n")
        print(f"({perf_counter() - start:.0f} s; load {before} before, {load()} after)", flush=True)


if __name__ == "__main__":
    main()
