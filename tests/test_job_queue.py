"""The line before the heavy work: bounded, fair, and places are given back. No clock is asked."""

import threading
from concurrent.futures import wait
from contextlib import closing
from types import SimpleNamespace

import pytest

from gdviz.env import env_number
from gdviz.ui import jobs as work
from gdviz.ui.fair_queue import Client
from gdviz.ui.job_queue import BEGUN, WAITING, JobQueue, Refused, Stopped, as_task

PATIENCE = 20  # seconds until something that must happen is called missing


class Gate:
    """A task that says it has begun and waits to be let on; `order` is who was let on."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()

    def __call__(self, tell):
        self.begun.set()
        assert self.open.wait(PATIENCE)
        tell(1.0, None)
        return "through"


def ended(*jobs):
    assert not wait([job.result for job in jobs], PATIENCE).not_done
    return [job.result for job in jobs]


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open.set()


def of(name: str, address: str = "hall") -> Client:
    return Client(address, name)


def line_of(workers: int, seconds: float = 60) -> JobQueue:
    """Return a line in which no job gives way to another."""
    return JobQueue(workers, seconds, slice_=PATIENCE)


def test_no_more_at_once_than_there_are_workers():
    line, gates = line_of(2), [Gate() for _ in range(5)]
    jobs = [line.ask(of(f"visitor {i}"), gate) for i, gate in enumerate(gates)]
    assert all(gate.begun.wait(PATIENCE) for gate in gates[:2])
    for i, gate in enumerate(gates):
        assert gate.begun.wait(PATIENCE)
        assert not any(other.begun.is_set() for other in gates[i + 2 :]), "two at once"
        gate.open.set()
        ended(jobs[i])
    assert len(line) == 0


def full(line: JobQueue, gate: Gate) -> list:
    """Have so many jobs begin that the next must wait."""
    jobs = [line.ask(of(str(i), f"{i}"), gate) for i in range(BEGUN)]
    assert gate.begun.wait(PATIENCE)
    return jobs


def test_the_tenth_of_one_does_not_delay_the_first_of_another(gate: Gate):
    line, order = line_of(1), []
    blocked = full(line, gate)
    greedy = [
        line.ask(of("greedy"), lambda tell, i=i: order.append(f"greedy {i}")) for i in range(10)
    ]
    modest = [line.ask(of(n), lambda tell, n=n: order.append(n)) for n in ("modest", "shy")]
    stranger = line.ask(of("far", "away"), lambda tell: order.append("stranger"))
    before = [line.place(job) - BEGUN for job in (greedy[0], stranger, *modest)]
    assert before == [0, 1, 2, 3]
    assert line.place(greedy[9]) > line.place(modest[1])
    gate.open.set()
    ended(*blocked, *greedy, *modest, stranger)
    assert order.index("modest") < order.index("greedy 1") > order.index("stranger")
    assert sorted(order) == sorted(
        ["modest", "shy", "stranger", *(f"greedy {i}" for i in range(10))]
    )


def test_one_visitor_cannot_fill_the_line(gate: Gate):
    line = line_of(1)
    blocked = full(line, gate)
    jobs = [line.ask(of("greedy"), gate) for _ in range(WAITING[2])]
    with pytest.raises(Refused, match="wait until"):
        line.ask(of("greedy"), gate)
    line.ask(of("modest"), gate)
    for job in [*jobs, *blocked]:
        line.leave(job)


def test_work_of_one_address_that_says_nothing_does_not_hold_up_another():
    line, gates = JobQueue(1, 60, slice_=0.01), [Gate() for _ in range(20)]
    jobs = [line.ask(of(str(i)), one) for i, one in enumerate(gates)]
    stranger = line.ask(of("far", "away"), lambda tell: 7)
    assert ended(stranger)[0].result() == 7
    for one in gates:
        one.open.set()
    ended(*jobs)


def test_long_work_gives_way_to_short_work_where_it_tells_how_far_it_is():
    line, done = JobQueue(1, 60, slice_=0.0), threading.Event()

    def long(tell):
        for i in range(10_000_000):
            tell(i / 1e7)
            if done.is_set():
                return "long"
        return "nobody else was let in"

    first = line.ask(of("long"), long)
    short = line.ask(of("short"), lambda tell: done.set())
    ended(short, first)
    assert first.result.result() == "long"


def test_while_others_wait_a_job_has_fewer_seconds(gate: Gate, monkeypatch):
    monkeypatch.setattr("gdviz.ui.job_queue.CROWDED", -1.0)
    line, told = line_of(1), threading.Event()

    def long(tell):
        told.wait(PATIENCE)
        tell(0.5)

    job = line.ask(of("long", "far"), long)
    blocked = [line.ask(of(str(i), f"{i}"), gate) for i in range(BEGUN)]
    assert len(line) == BEGUN + 1 and line.seconds_now() == -1.0
    told.set()
    assert "longer than" in str(ended(job)[0].exception())
    gate.open.set()
    ended(*blocked)
    assert line.seconds_now() == 60


def test_who_leaves_before_the_turn_has_come_gives_the_place_back(gate: Gate):
    line, ran = line_of(1), []
    first = full(line, gate)
    gone = [line.ask(of("gone"), lambda tell: ran.append("gone")) for _ in range(3)]
    last = line.ask(of("last"), lambda tell: ran.append("last"))
    for job in reversed(gone):
        line.leave(job)
    assert (line.place(last), len(line)) == (BEGUN, BEGUN + 1)
    assert all(job.result.cancelled() for job in gone)
    gate.open.set()
    ended(*first, last)
    assert ran == ["last"]


def test_who_leaves_while_it_is_under_way_ends_it_and_it_is_closed():
    line, under_way, go_on, closed = line_of(1), threading.Event(), threading.Event(), []

    def steps():
        try:
            for i in range(1000):
                yield i / 1000, i
                under_way.set()
                assert go_on.wait(PATIENCE)
        finally:
            closed.append(True)

    job = line.ask(of("visitor"), as_task(steps))
    assert under_way.wait(PATIENCE)
    line.leave(job)
    go_on.set()
    assert isinstance(ended(job)[0].exception(), Stopped)
    assert (closed, job.found, len(line)) == ([True], 0, 0)
    assert ended(line.ask(of("next"), lambda tell: 7))[0].result() == 7, "the worker is free again"


def test_what_takes_too_long_is_given_up_with_a_sentence():
    line, closed = line_of(1, -1), []  # every moment is too long

    def steps():
        with closing(iter_closed(closed)) as numbers:
            yield from numbers

    error = ended(line.ask(of("visitor"), as_task(steps)))[0].exception()
    assert isinstance(error, Refused) and "longer than" in str(error)
    assert closed == [True] and len(line) == 0


def iter_closed(closed):
    try:
        while True:
            yield 0.5, None
    finally:
        closed.append(True)


def test_the_last_that_was_found_is_the_result_and_errors_are_the_askers():
    line = line_of(1)
    assert ended(line.ask(of("a"), as_task(lambda: iter([(0.5, 1), (1.0, 2)]))))[0].result() == 2
    assert ended(line.ask(of("a"), as_task(lambda: iter([]))))[0].result() is None
    with pytest.raises(ZeroDivisionError):
        ended(line.ask(of("a"), lambda tell: 1 / 0))[0].result()
    assert len(line) == 0


class StoppedByStreamlit(BaseException):
    """As the exceptions with which Streamlit stops a script."""


class Bar:
    """A progress bar that keeps what it is told, and stops the script at its n-th word."""

    def __init__(self, last: int) -> None:
        self.said, self.last = [], last

    def progress(self, share, words):
        self.said.append(words)
        if len(self.said) == self.last:
            raise StoppedByStreamlit


def test_a_script_that_is_stopped_gives_its_place_back(gate: Gate):
    line = line_of(1)
    others = full(line, gate)
    bar = Bar(last=1)
    with pytest.raises(StoppedByStreamlit):
        work.await_job(bar, lambda tell: 1, queue=line)
    assert bar.said == [f"Waiting: {BEGUN} before you …"]
    assert len(line) == BEGUN, "only the other ones' are there"
    gate.open.set()
    ended(*others)


def test_a_page_waits_no_longer_than_it_may_even_for_work_that_says_nothing(gate: Gate):
    line = line_of(1, -1)
    with pytest.raises(Refused, match="longer than"):
        work.await_job(Bar(last=0), gate, queue=line)


def test_a_file_is_read_once_and_what_is_wrong_with_it_is_said_each_time():
    read_of = []

    def read(file, tell):
        read_of.append(file.file_id)
        tell(0.5)
        if file.file_id == "bad":
            raise ValueError("no table")
        return file.file_id.upper()

    good, bad = SimpleNamespace(file_id="good"), SimpleNamespace(file_id="bad")
    for _ in range(2):
        with pytest.raises(ValueError, match="no table"):
            work.read_upload("nowhere", bad, read)
    assert (
        work.read_upload("nowhere", good, read) == work.read_upload("nowhere", good, read) == "GOOD"
    )
    assert read_of == ["bad", "good"]
    assert work.kept_upload("nowhere", "good") == "GOOD"
    assert (
        work.kept_upload("nowhere", "bad") is None and work.kept_upload("elsewhere", "good") is None
    )


@pytest.mark.parametrize(
    ("said", "read"),
    [("7", 7), ("2.5", 2.5), ("1", 1), ("", 90), ("0", 90), ("-3", 90), ("abc", 90), ("nan", 90),
     ("inf", 90), ("1e6", 90), ("1e5", 1e5)],
)  # fmt: skip
def test_what_an_operator_says_is_a_number_within_bounds_or_the_usual_one(monkeypatch, said, read):
    monkeypatch.setenv("GDVIZ_NOWHERE", said)
    assert env_number("GDVIZ_NOWHERE", 90, least=1) == read
    monkeypatch.delenv("GDVIZ_NOWHERE")
    assert env_number("GDVIZ_NOWHERE", 90) == 90
