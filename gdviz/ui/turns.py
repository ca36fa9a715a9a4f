"""Turns: of the visitors whose pages run at the same time, one after another has the processor.

A page runs in Python, so two that run at once only take it from each other, and both are late: in
turn, the first is on time and the second no later. Nobody waits long for a turn: who has waited
`PATIENCE` runs beside the others, so that one slow page holds up nobody.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 0.25  # seconds, in which a visitor still calls an answer immediate

_turn = threading.Lock()
_mine = threading.local()


@contextmanager
def in_turn() -> Iterator[None]:
    """Have the turn while the block runs, or none if others keep it too long."""
    if getattr(_mine, "held", False):  # a fragment in a fragment
        yield
        return
    _mine.held = _turn.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if _mine.held:
            _turn.release()
        _mine.held = False


@contextmanager
def out_of_turn() -> Iterator[None]:
    """Let others run while the block waits for something."""
    held = getattr(_mine, "held", False)
    if held:
        _mine.held = False
        _turn.release()
    try:
        yield
    finally:
        if held:
            _mine.held = _turn.acquire(timeout=PATIENCE)
