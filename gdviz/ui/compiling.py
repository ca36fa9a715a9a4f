"""What a page says while it waits for code that is compiled, which happens once on a machine."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx

LOOK = 0.5  # seconds until the page says so
WORDS = "Compiling once on this machine …"


def is_compiling() -> bool:
    """Tell whether anything is being compiled now; numba is imported by who needs it, not by us."""
    numba = sys.modules.get("numba.core.compiler_lock")
    if not numba:
        return False
    lock = numba.global_compiler_lock._lock  # is_locked() asks for the thread that asks
    free = lock.acquire(blocking=False)
    if free:
        lock.release()
    return not free


@contextmanager
def said_while_compiling() -> Iterator[None]:
    """Say on the page that it waits for the compiler, if the block takes long because of that."""
    place, done, said = st.empty(), threading.Event(), []

    def watch() -> None:
        while not done.wait(LOOK):
            if is_compiling():
                said.append(place.info(WORDS, icon=":material/hourglass_top:"))
                return

    thread = threading.Thread(target=watch, name="compiling", daemon=True)
    add_script_run_ctx(thread)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        if said:
            place.empty()
