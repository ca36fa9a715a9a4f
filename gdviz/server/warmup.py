"""The warm-up: what the first visitor would otherwise wait for is imported, compiled and drawn."""

import gc
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from pkgutil import walk_packages
from time import monotonic, sleep
from urllib.parse import parse_qsl, urlencode

from gdviz.env import env_number
from gdviz.server.assets import PLOTLY_JS
from gdviz.server.packing import ENCODINGS, pack_file
from gdviz.ui.fair_lock import hold_lock, processor
from gdviz.ui.fair_queue import Client

log = logging.getLogger("gdviz")
ready = threading.Event()
asked: deque[tuple[str, str]] = deque(maxlen=4)  # page and query of a first link
WARM_UP = Client("", "warm-up")
# Of two thousand open connections, the full collections of garbage that would come one after the
# other as their number grows take 0.2 s each, and all threads wait.
RARELY = 50  # collections of the second kind between two full ones
FORMULAS, LOG_DENSITIES = 100, 40  # typed, and different in more than their numbers
SCRIPT = "gdviz.ui.shell"  # is run for each visitor, and not imported


def steps_to_be_warm() -> Iterator[Callable[[], object]]:
    """Give what imports and compiles what the first visitor would otherwise wait for, in order."""
    for name in ("plotly.graph_objects", "sympy", "gdviz.topics.descent.tabs"):
        yield partial(import_module, name)
    for encoding in ENCODINGS:
        yield partial(pack_file, PLOTLY_JS, encoding)
    from gdviz.catalogue.lookup import live_scene_of
    from gdviz.catalogue.pages import PAGES
    from gdviz.optimize import FUNCTIONS, METHODS
    from gdviz.optimize.map_ends import ends

    yield set_compile_budgets
    for method, factory in METHODS.items():
        if hasattr(factory, "state"):  # those that run compiled
            yield partial(ends, FUNCTIONS["double_well"], [[1.0]], method)
    for page in PAGES:
        if scene_of := live_scene_of(page.stem):
            yield partial(scene_of, "", None)
    for name in modules_of_pages():
        yield partial(import_module, name)


def set_compile_budgets() -> None:
    """Bound what is compiled of typed formulas: each keeps 1 to 5 MB for as long as we run."""
    from gdviz.kernels import block_kernels, mcmc  # numba, for which a server would wait

    block_kernels.TYPED.most, mcmc.TYPED.most = FORMULAS, LOG_DENSITIES


def modules_of_pages() -> list[str]:
    """Return the names of all modules that a page may import.

    Who opens a page first would wait for that, and so would everybody else: while a large package
    is loaded, no other thread runs for a second.
    """
    homes = [import_module(f"gdviz.{name}") for name in ("topics", "figures", "ui")]
    found = [m for home in homes for m in walk_packages(home.__path__, f"{home.__name__}.")]
    return [module.name for module in found if module.name != SCRIPT]


def ask_for(page: str, query: str) -> None:
    """Have the picture of a link made before all else: its visitor still loads the scripts."""
    if not ready.is_set():
        asked.append((page, query))


def make_asked() -> None:
    """Make the pictures that links have asked for; what is wrong with a link, its page will say."""
    from gdviz.catalogue.lookup import live_scene_of

    while asked:
        page, query = asked.popleft()
        own = [(n.removeprefix(f"{page}_"), v) for n, v in parse_qsl(query) if n.startswith(page)]
        if scene_of := live_scene_of(page):
            with suppress(ValueError):
                scene_of(urlencode(own), None)


def take(steps: Iterable[Callable[[], object]], rest: float = 0.0) -> None:
    """Take steps while no visitor waits; after each, rest so many times as long as it took."""
    for step in steps:
        for one in (make_asked, step) if asked else (step,):
            give_way()
            begin = monotonic()
            with hold_lock(lambda: WARM_UP):
                one()
            sleep(rest * (monotonic() - begin))


def give_way(most: float = 20.0) -> None:
    """Wait until no visitor is served, but no longer than so many seconds.

    What a visitor has asked for is compiled by the page; beside it we would only take the processor
    from it.
    """
    end = monotonic() + most
    while processor.busy() and monotonic() < end:
        sleep(0.02)


def warm_up_then_freeze() -> None:
    """Warm up; then move what is loaded out of the garbage collector's sight, and be ready.

    With GDVIZ_GENTLE set, others serve the visitors meanwhile, and need the processor more: so
    many times as long as it works it rests.
    """
    rest = env_number("GDVIZ_GENTLE", 0)
    try:
        take(steps_to_be_warm(), rest)
    except Exception:
        log.exception("warm-up failed; /readyz stays at 503")
        return
    gc.collect()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], RARELY)
    ready.set()
