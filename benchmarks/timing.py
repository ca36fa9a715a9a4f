"""Medians of alternating runs, so that a drift of the machine hits both sides alike."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

TIMES = 15


def seconds(function: Callable[[], Any]) -> float:
    """Return how long one call takes."""
    start = perf_counter()
    function()
    return perf_counter() - start


def medians(*measures: Callable[[], float], times: int = TIMES) -> list[float]:
    """Return the median of each measure over `times` rounds A B A B ..."""
    rounds = [[measure() for measure in measures] for _ in range(times)]
    return [median(column) for column in zip(*rounds, strict=True)]
