"""Sweeps in one process: a cell, the file, what is tried again, and the command."""

import json
import os
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_cli import call, table
from test_pages import assert_clean, open_page

from gdviz.catalogue import lookup
from gdviz.knobs import KnobError, replace
from gdviz.learn import TableError
from gdviz.queries import from_query
from gdviz.sweep import Store, SweepError, axis, csv_of, outcomes, plan, rows, steps, values_of
from gdviz.sweep import scheduler as sweep_running
from gdviz.sweep import store as sweep_store
from gdviz.sweep.executors import Backend, in_process
from gdviz.sweep.run_cell import Batch, outcome_of, run_batch
from gdviz.topics.descent.settings import Descent
from gdviz.topics.mcmc.settings import Mcmc
from gdviz.topics.race.settings import Race
from gdviz.topics.recommender.settings import Recommender
from gdviz.topics.sweep import settings as topic
from gdviz.topics.sweep import tabs as sweep_views
from gdviz.topics.sweep.charts import heat, parallel
from gdviz.topics.sweep.controls import read_sweep, sweep_of
from gdviz.topics.sweep.settings import SWEPT, Sweeping
from gdviz.topics.sweep.tabs import code_of

SMALL = plan(Descent(steps=5), {"lr": [0.01, 0.02, 0.05], "x0": [1.0, 2.0]})


# --- what a sweep is ------------------------------------------------------------------------------


def test_a_cell_is_settings_of_the_page() -> None:
    sweep = plan(Race(steps=9), {"methods": ["gd", "adam"], "adam_lr": [0.1, 0.2]}, seeds=3)
    assert len(sweep) == 12 == len({json.dumps(sweep.at(n)) for n in range(12)})
    assert sweep.at(11) == {"methods": ("adam",), "adam_lr": 0.2, "seed": 2}
    assert sweep.settings(11) == Race(
        steps=9, methods=("adam",), seed=2, hyper=(("adam", (("lr", 0.2),)),)
    )
    assert sweep.settings(5).hyper == ()  # gradient descent has no knob of Adam's


@pytest.mark.parametrize(
    ("over", "seeds", "said"),
    [
        ({"lr": [99.0]}, 1, "outside"),
        ({"nope": [1]}, 1, "not a knob"),
        ({"lr": []}, 1, "at least one"),
        ({}, 1, "needs a knob"),
        ({"function": ["nope"]}, 1, "not one of"),
        ({"lr": np.linspace(0.1, 0.2, 400), "x0": np.linspace(1, 2, 400)}, 1, "more than"),
        ({"lr": (0.1 + 1e-9 * n for n in range(10**9))}, 1, "more than"),
        ({"lr": [0.1]}, 5, "not a knob of the page"),
    ],
)
def test_what_makes_no_sense_is_refused(over: dict[str, Any], seeds: int, said: str) -> None:
    with pytest.raises(KnobError, match=said):
        plan(Descent(), over, seeds)


@pytest.mark.parametrize("text", ["lr=-1e308:1e308:3", "lr=nan:1:3", "lr=1:inf:3", "lr=1:2:3:x"])
def test_an_axis_without_an_end_is_refused(text: str) -> None:
    with pytest.raises(KnobError):
        axis("descent", text)


def test_seeds_are_the_same_in_every_mixture() -> None:
    sweep = plan(Race(seed=9998), {"lr": [0.1, 0.2]}, seeds=3)
    assert [sweep.at(n)["seed"] for n in range(6)] == [9998, 9999, 0] * 2
    with pytest.raises(KnobError, match="swept already"):
        plan(Race(), {"seed": [1]}, seeds=2)


def test_a_fingerprint_tells_sweeps_apart() -> None:
    same = plan(Descent(steps=5), {"lr": (0.01, 0.02, 0.05), "x0": (1.0, 2.0)})
    others = [
        plan(Descent(steps=6), {"lr": [0.01, 0.02, 0.05], "x0": [1.0, 2.0]}),
        plan(Descent(steps=5), {"x0": [1.0, 2.0], "lr": [0.01, 0.02, 0.05]}),
        plan(Descent(steps=5), {"lr": [0.01, 0.02, 0.06], "x0": [1.0, 2.0]}),
    ]
    assert same.fingerprint() == SMALL.fingerprint()
    assert len({s.fingerprint() for s in [same, *others]}) == 4


# --- what comes out -------------------------------------------------------------------------------


def test_rows_are_the_numbers_of_the_page() -> None:
    for row in rows(SMALL):
        run = lookup.run(Descent(steps=5, lr=row["lr"], x0=row["x0"]))["gd"]
        assert (row["x"], row["f"], row["verdict"]) == (run.x[-1, 0], run.f[-1], run.verdict)


def test_an_axis_is_not_hidden_by_a_result_of_its_name() -> None:
    sweep = plan(Race(steps=3, methods=("gd",)), {"x0": [1.0, 2.0]})
    run = lookup.run(sweep.settings(1))["gd"]
    row = rows(sweep)[1]
    assert (row["x0"], row["end_x0"]) == (2.0, run.x[-1, 0])


def test_chains_and_trainings_are_told_in_short() -> None:
    spec = Mcmc(target="correlated", draws=200, burn=50, chains=2)
    (row,) = rows(plan(spec, {"sampler": ["rwm"]}))
    found = lookup.run(spec).summaries
    assert row["ess_bulk"] == min(s.ess_bulk for s in found)
    assert row["rhat"] == max(s.rhat for s in found) and row["mean_y"] == found[1].mean
    learn = Recommender(epochs=6, factors=2, lr=0.3)
    (row,) = rows(plan(learn, {"seed": [3]}))
    test = lookup.run(replace(learn, seed=3)).test
    assert (row["best_test"], row["best_epoch"]) == (test.min(), test.argmin())


def test_a_bad_cell_says_why_and_the_others_go_on() -> None:
    sweep = plan(Descent(function="typed", steps=3), {"formula": ["x**2", "x+", "log(x)*nope"]})
    good, stops, unknown = rows(sweep)
    assert good["error"] is None and good["f"] is not None
    assert "stops after" in stops["error"] and "nope" in unknown["error"]


def test_an_error_that_nobody_foresaw_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(spec: Any) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(lookup, "summary", broken)
    assert outcome_of(Descent(), 7, {"lr": 0.1}).rows == (
        {"cell": 7, "lr": 0.1, "error": "ZeroDivisionError: by nought"},
    )


def test_another_version_of_gdviz_does_not_run_a_cell() -> None:
    with pytest.raises(ImportError, match="the sweep is of 0.0"):
        run_batch(Batch(Descent(), ((0, {}),), "0.0"))


# --- the file -------------------------------------------------------------------------------------


def test_a_file_is_whole_at_every_moment_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_store, "PAUSE", 0.0)
    monkeypatch.setattr(sweep_store, "SHARE", 1e9)
    file = tmp_path / "x.parquet"
    seen = []
    running = steps(Store(SMALL, file), in_process())
    for count in running:
        seen.append((count, len(pq.read_table(file)) if file.exists() else 0))
        if count == 4:
            break  # as if killed: nothing is told to the store
    assert seen == [(n, n) for n in range(5)] and [p.name for p in tmp_path.iterdir()] == [
        file.name
    ]
    ran = [outcome.cell for outcome in outcomes(SMALL, done=Store(SMALL, file).done)]
    assert ran == [4, 5]
    assert rows(SMALL, file=file) == rows(SMALL)
    assert list(outcomes(SMALL, done=Store(SMALL, file).done)) == []


def test_the_order_of_arrival_does_not_matter() -> None:
    whole = list(outcomes(SMALL))
    table_of = []
    for order in ([0, 1, 2, 3, 4, 5], [5, 1, 4, 0, 2, 3]):
        store = Store(SMALL)
        for place in order:
            store.add(whole[place])
            store.rows()
        table_of.append(store.rows())
    assert table_of[0].equals(table_of[1])


def test_rows_of_another_sweep_are_not_mixed_in(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    rows(SMALL, file=file)
    before = file.read_bytes()
    other = plan(Descent(steps=6), {"lr": [0.01]})
    with pytest.raises(SweepError, match="holds another sweep.*--fresh"):
        Store(other, file)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "y.parquet")
    (tmp_path / "z.parquet").write_bytes(b"PAR1 and then nothing")
    for name in ("y.parquet", "z.parquet"):
        with pytest.raises(SweepError, match="holds no sweep"):
            Store(other, tmp_path / name)
    assert file.read_bytes() == before
    assert Store(other, file, fresh=True).done == frozenset()


def test_columns_that_only_some_cells_have_are_empty_elsewhere() -> None:
    sweep = plan(Race(steps=2), {"methods": ["gd", "adam"]})
    store = Store(sweep)
    for outcome in outcomes(sweep):
        store.add(outcome)
        store.rows()  # as a file would make it do
    text = csv_of(store.rows()).decode()
    found = table(text)
    assert found[0]["m0"] == "" and float(found[1]["m0"]) != 0
    assert float(found[1]["f"]) == store.rows()["f"][1].as_py()


# --- what dies is tried again ---------------------------------------------------------------------


class Fragile(Executor):
    """A pool that breaks on some cells, as a pool of processes does: all under way is lost."""

    def __init__(self, kills: dict[int, int]) -> None:
        self.kills, self.broken = kills, False

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future:
        if self.broken:
            raise BrokenExecutor
        future: Future = Future()
        batch = args[0]
        deadly = [cell for cell, _ in batch.cells if self.kills.get(cell, 0) > 0]
        for cell in deadly:
            self.kills[cell] -= 1
        self.broken = bool(deadly)
        if self.broken:
            future.set_exception(BrokenExecutor())
        else:
            future.set_result(fn(batch))
        return future


@pytest.mark.parametrize("batch", [1, 3])
def test_what_a_process_died_of_by_accident_is_run_again(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_running, "MOST_IN_BATCH", batch)
    kills = {1: 2, 4: 1}
    crew = Backend("a pool", lambda: Fragile(kills), 4)
    found = {o.cell: o.rows for o in outcomes(SMALL, crew)}
    assert found == {o.cell: o.rows for o in outcomes(SMALL)} and set(kills.values()) == {0}


def test_a_cell_that_kills_every_process_is_to_blame_alone() -> None:
    crew = Backend("a pool", lambda: Fragile({2: 10**6}), 4)
    found = {o.cell: o.rows for o in outcomes(SMALL, crew)}
    whole = {o.cell: o.rows for o in outcomes(SMALL)}
    assert "died again and again" in found[2][0]["error"]
    assert {c: r for c, r in found.items() if c != 2} == {c: r for c, r in whole.items() if c != 2}


def test_the_time_is_over(tmp_path: Path) -> None:
    assert list(outcomes(SMALL, seconds=0.0)) == []
    words = ["sweep", "descent", "--over", "lr=0.1:0.2:30000", "--seconds", "1", "--workers", "0"]
    done = call(*words, "-o", str(tmp_path / "x.parquet"))
    assert done.exit_code == 1 and "The time is over." in done.output
    there = pq.read_table(tmp_path / "x.parquet")
    assert 0 < len(there) < 30000 and f"{len(there)} of 30000 cells are in" in done.output


# --- the command ----------------------------------------------------------------------------------


def test_a_sweep_into_a_file_is_gone_on_with(tmp_path: Path) -> None:
    words = ["sweep", "descent", "--steps=5", "--over", "lr=0.01,0.02,0.05", "--over", "x0=1,2"]
    for name in ("x.parquet", "x.csv"):
        assert call(*words, "-o", str(tmp_path / name)).exit_code == 0
    assert sorted(os.listdir(tmp_path)) == ["x.csv", "x.parquet"]
    assert pq.read_table(tmp_path / "x.parquet").to_pylist() == rows(SMALL)
    assert (tmp_path / "x.csv").read_bytes().decode() == call(*words).output.replace("\n", "\r\n")
    again = call(*words, "-o", str(tmp_path / "x.parquet"))
    assert again.exit_code == 0 and "6 of 6 cells are in" in again.output
    words[2] = "--steps=6"
    other = call(*words, "-o", str(tmp_path / "x.parquet"))
    assert other.exit_code == 1 and "holds another sweep" in other.output
    assert call(*words, "-o", str(tmp_path / "x.parquet"), "--fresh").exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-o", "x.docx"], 2, "is not a format of a sweep"),
        (["-o", "/no/such/folder/x.csv"], 1, "No such file"),
        (["--workers", "-1"], 2, "workers"),
        (["--seeds", "3"], 2, "not a knob of the page"),
        (["--dask", "tcp://127.0.0.1:1"], 1, "There is no Dask scheduler at tcp://127.0.0.1:1"),
        (["--dask", "nonsense"], 1, "There is no Dask scheduler at nonsense"),
    ],
)
def test_a_sweep_that_cannot_be_run_says_so(
    words: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdviz.sweep.executors.CONNECT", 0.3)
    done = call("sweep", "descent", "--over", "lr=0.1", *words)
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_cells_that_fail_are_counted() -> None:
    words = ["sweep", "descent", "--function=typed", "--steps=3"]
    done = call(*words, "--over", "formula=x**2,x+")
    assert done.exit_code == 0 and "1 of 2 cells failed" in done.output
    done = call(*words, "--over", "formula=x+,x-")
    assert done.exit_code == 1 and "Not one cell could be run." in done.output


# --- the page -------------------------------------------------------------------------------------


def test_the_page_shows_the_rows_of_the_library_and_opens_the_best() -> None:
    query = {"sweep_page": "descent", "sweep_knob_a": "lr", "sweep_values_a": "0.01,0.02,0.05"}
    query |= {"sweep_knob_b": "x0", "sweep_values_b": "1,2", "sweep_view": "best"}
    at = open_page("sweep", query | {"sweep_base": "http://x.org/descent?descent_steps=5"})
    assert_clean(at, "a sweep from a link")
    shown = at.dataframe[0].value
    found = sorted(rows(SMALL), key=lambda row: row["f"])
    assert shown["f"].tolist() == [row["f"] for row in found]
    assert shown["cell"].tolist() == [row["cell"] for row in found]
    (link,) = [e.proto for e in at.get("page_link")]
    best = SMALL.settings(found[0]["cell"])
    (said,) = [text.value for text in at.text if text.value.startswith("lr = ")]
    assert said.startswith(f"lr = {best.lr:g}, x0 = {best.x0:g}: f = ")
    assert from_query(Descent, link.query_string.replace("descent_", "")) == best


def test_a_sweep_that_is_stopped_shows_what_it_has_and_is_gone_on_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[int] = []
    plain = sweep_views.run_job

    def stopped(page: str, key: Any, work: Any) -> None:
        """Stop after ten cells, as the visitor's Cancel does."""
        for share, _ in work():
            if round(100 * share) == 10:
                return

    def counted(page: str, key: Any, work: Any) -> Any:
        begun.append(round(100 * next(work())[0]))
        return plain(page, key, work)

    query = {"sweep_page": "descent", "sweep_knob_a": "lr", "sweep_values_a": "0.01:0.1:100"}
    at = open_page("sweep", query | {"sweep_knob_b": topic.NONE, "sweep_view": "best"})
    monkeypatch.setattr(sweep_views, "run_job", stopped)
    at.button(key="sweep_run").click()
    assert_clean(at.run(), "stopped")
    assert len(at.dataframe[0].value) == 10
    assert any("10 of 100 settings were run" in said.value for said in at.caption)
    assert at.button(key="sweep_run").label == "Go on", "without a detour"
    monkeypatch.setattr(sweep_views, "run_job", counted)
    assert_clean(at.run(), "moved")
    assert len(at.dataframe[0].value) == 10 and begun == [], "it waits to be asked for"
    assert at.button(key="sweep_run").label == "Go on"
    at.button(key="sweep_run").click()
    assert_clean(at.run(), "gone on with")
    assert begun == [10] and at.dataframe[0].value["cell"].is_unique
    assert not [said for said in at.caption if "were run" in said.value]


@pytest.mark.parametrize("page", SWEPT)
def test_what_a_page_begins_with_is_a_sweep(page: str) -> None:
    spec = Sweeping(page=page, **topic.defaults(page))
    sweep = sweep_of(spec)
    assert 1 < len(sweep) <= topic.AT_ONCE and sweep.page == page
    for name, text in SWEPT[page].values.items():
        assert len(values_of(page, name, text)) > 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"values_a": "0.1:1:401"}, "401 runs are too many for a page"),
        ({"values_a": "0.1:1:1000000000"}, "from:to:count"),
        ({"values_a": "x"}, "not a number"),
        ({"base": "/race?race_x0=1"}, "not a link copied from"),
        ({"base": "http://["}, "not a link"),
        ({"knob_a": "none"}, "needs a knob"),
    ],
)
def test_the_page_refuses_in_words(changes: dict[str, str], said: str) -> None:
    plain = {"page": "descent", "knob_a": "lr", "values_a": "0.1,0.2"}
    with pytest.raises(KnobError, match=said):
        sweep_of(Sweeping(**plain | changes))


def test_the_page_opens_a_file_of_the_command_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    expected = rows(SMALL, file=file)
    sweep, frame = read_sweep(file.read_bytes())
    assert sweep.fingerprint() == SMALL.fingerprint()
    assert frame["f"].tolist() == [row["f"] for row in expected]
    table_of = pq.read_table(file)
    mark = json.loads(table_of.schema.metadata[sweep_store.MARK])
    for change in (
        {"page": "../../etc"},
        {"page": 7},
        {"axes": ["lr=0.1"]},
        {"axes": None},
        {"axes": ["lr=0:1:999999999"]},
        {"settings": None, "axes": ["nope=1"]},
    ):
        forged = json.dumps(mark | change).encode()
        pq.write_table(table_of.replace_schema_metadata({sweep_store.MARK: forged}), file)
        with pytest.raises(KnobError):
            read_sweep(file.read_bytes())
    for text in (b"[" * 100_000, b"3", b""):
        pq.write_table(table_of.replace_schema_metadata({sweep_store.MARK: text}), file)
        with pytest.raises(KnobError, match="not of a sweep"):
            read_sweep(file.read_bytes())
    with pytest.raises(TableError):
        read_sweep(b"PAR1 and then nothing")


def test_the_code_of_the_page_prints_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    exec(code_of(SMALL), {})
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [float(line[1]) for line in printed] == [row["lr"] for row in rows(SMALL)]
    assert len(printed) == len(SMALL)


def test_the_charts_have_every_cell() -> None:
    frame = pd.DataFrame(rows(SMALL))
    (image,) = heat(frame, ["lr", "x0"], "f", False).data
    assert sorted(np.ravel(image.customdata)) == list(range(6)) and np.shape(image.z) == (2, 3)
    assert 10 ** image.z[0][1] == pytest.approx(frame["f"][2]) or image.z[0][1] == frame["f"][2]
    ends = parallel(frame, ["lr", "x0"], "f", False).data[-1]
    assert ends.customdata[-1] == frame["f"].idxmin()  # the best is drawn last
    assert set(ends.customdata) == set(range(6))


def test_values_that_look_alike_keep_squares_of_their_own() -> None:
    rates = [0.123451, 0.123452, 0.5]
    names = ["what its end is, nobody tells: one", "what its end is, nobody tells: two"]
    cells = [(lr, name) for lr in rates for name in names]
    frame = pd.DataFrame(cells, columns=["lr", "name"]).assign(f=range(1, 7), cell=range(6))
    (image,) = heat(frame, ["lr", "name"], "f", False).data
    assert np.array_equal(image.z, [[1, 3, 5], [2, 4, 6]])
    assert list(image.x) == ["0.123451", "0.123452", "0.5"] and list(image.y) == names
    (points,) = heat(frame, ["lr"], "f", False).data
    assert list(points.customdata) == [0, 2, 4]
