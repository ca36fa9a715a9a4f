"""What is compiled: once for each key, waited for by nobody else, and within a budget."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from numba.core.compiler_lock import global_compiler_lock

from gdviz.catalogue import lookup
from gdviz.kernels import block_kernels, mcmc
from gdviz.kernels.compile_cache import CompileBudget, compiled_once
from gdviz.optimize import race, surface
from gdviz.probability.sampling import sample
from gdviz.probability.target import SamplerError
from gdviz.probability.targets import target
from gdviz.server import warmup
from gdviz.ui import compiling
from gdviz.ui.fair_lock import processor
from gdviz.ui.fair_queue import Client


def test_who_asks_for_what_is_there_does_not_wait_for_what_is_being_compiled() -> None:
    begun, go_on, made = threading.Event(), threading.Event(), []

    @compiled_once(maxsize=4)
    def compile_(name: str) -> str:
        made.append(name)
        if name == "slow":
            begun.set()
            assert go_on.wait(60)
        return name.upper()

    assert compile_("ready") == "READY"
    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(compile_, "slow") for _ in range(3)]
        assert begun.wait(60)
        assert compile_("ready") == "READY" and compile_("other") == "OTHER"
        go_on.set()
        assert [job.result(60) for job in slow] == 3 * ["SLOW"]
    assert made == ["ready", "slow", "other"]


def test_a_failure_is_not_kept() -> None:
    tries = []

    @compiled_once(maxsize=4)
    def compile_() -> int:
        tries.append(1)
        return 1 // (len(tries) - 1)

    with pytest.raises(ZeroDivisionError):
        compile_()
    assert compile_() == 1


def test_a_budget_grants_so_many_and_takes_none_back() -> None:
    budget = CompileBudget(2)
    assert [budget.grants(key) for key in "abcab"] == [True, True, False, True, True]
    assert CompileBudget().grants("anything")


def test_a_race_beyond_the_budget_runs_uncompiled_with_the_same_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typed = surface("x**2/2 + 3*y**2 + x*y/7")
    entries = {"gd": {"lr": 0.1}, "adam": {"lr": 0.1}}
    compiled = race(typed, [1.0, 1.5], entries, steps=40)
    monkeypatch.setattr(block_kernels, "TYPED", CompileBudget(0))
    plain = race(typed, [1.0, 1.5], entries, steps=40)
    for name in entries:
        assert np.allclose(compiled[name].x, plain[name].x, rtol=1e-12, atol=1e-14)


def test_a_log_density_beyond_the_budget_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mcmc, "TYPED", CompileBudget(0))
    with pytest.raises(SamplerError, match="compiled as many"):
        sample(target("-x**2/2 - cos(x)"), draws=10)


def test_the_warm_up_waits_for_visitors_and_then_makes_what_a_link_has_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[object] = []
    monkeypatch.setattr(warmup, "ready", threading.Event())
    monkeypatch.setattr(lookup, "live_scene_of", lambda page: lambda *asked: done.append(asked))
    visit = processor.take(Client("an address", "a session"))
    warmup.ask_for("race", "race_x0=1.5&lecture=1&mcmc_seed=3")
    work = threading.Thread(target=warmup.take, args=([lambda: done.append("step")],))
    work.start()
    work.join(0.3)
    assert work.is_alive() and done == []
    processor.give_back(visit)
    work.join(60)
    assert done == [("x0=1.5", None), "step"]
    warmup.ready.set()
    warmup.ask_for("race", "")
    assert not warmup.asked


def test_a_page_says_that_it_waits_for_the_compiler_and_only_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    place = SimpleNamespace(info=lambda words, icon: said.append(words), empty=said.clear)
    monkeypatch.setattr(compiling.st, "empty", lambda: place)
    monkeypatch.setattr(compiling, "LOOK", 0.01)
    with compiling.said_while_compiling():
        time.sleep(0.1)
        assert said == [], "it is slow for another reason"
        with global_compiler_lock:
            end = time.monotonic() + 60
            while not said and time.monotonic() < end:
                time.sleep(0.01)
            assert said == [compiling.WORDS]
    assert said == []
