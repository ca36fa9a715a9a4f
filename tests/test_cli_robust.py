"""The command line in other terminals, in pipes, in shells that complete; options left idle."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from browser import ROOT
from click.testing import CliRunner
from test_cli import call, table

from gdviz.catalogue import lookup
from gdviz.cli import main
from gdviz.export.tables import cell
from gdviz.knobs import KnobError
from gdviz.sweep import Store, SweepError, executors, outcomes, plan, rows, steps
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race.settings import Race

COMMAND = [sys.executable, "-W", "error", "-m", "gdviz"]


def run(*words: str, **env: str) -> subprocess.CompletedProcess:
    full = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    return subprocess.run([*COMMAND, *words], env=full, capture_output=True, check=False)


# --- terminals and pipes --------------------------------------------------------------------------


def test_a_terminal_without_our_letters_gets_question_marks() -> None:
    done = run("list", "race", PYTHONIOENCODING="cp1252")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"? The banana" in done.stdout and "…".encode("cp1252") not in done.stdout[:80]


def test_a_printed_sweep_is_the_bytes_of_its_file(tmp_path: Path) -> None:
    """Whatever the terminal has for letters, and line ends are those of the file."""
    words = ["sweep", "descent", "--function=typed", "--steps=3", "--over", "formula=x^2,π*x^2"]
    printed = run(*words, PYTHONIOENCODING="cp1252")
    assert printed.returncode == 0, printed.stderr
    assert call(*words, "-o", str(tmp_path / "a.csv")).exit_code == 0
    assert printed.stdout == (tmp_path / "a.csv").read_bytes()
    assert "π*x^2".encode() in printed.stdout and b"\r\r" not in printed.stdout


@pytest.mark.skipif(os.name == "nt", reason="pipes of a shell")
def test_a_pipe_that_closes_is_no_error() -> None:
    words = ["sweep", "descent", "--steps=1", "--workers=0", "--over", "x0=-2:2:1500"]
    program = " ".join([*COMMAND, *words, "|", "head", "-1"])
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(program, shell=True, env=env, capture_output=True, check=False)
    assert done.stdout.startswith(b"cell,") and done.stderr == b""


# --- completion -----------------------------------------------------------------------------------


def completed(line: str) -> list[str]:
    env = {"_GDVIZ_COMPLETE": "bash_complete", "COMP_WORDS": f"gdviz {line}"}
    env["COMP_CWORD"] = str(len(line.split()) + (0 if not line.endswith(" ") else 1))
    done = CliRunner().invoke(main, [], env=env, prog_name="gdviz")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return [text.partition(",")[2] for text in done.output.split()]


def test_a_shell_completes_presets_and_is_silent_after_a_wrong_link() -> None:
    found = completed("export race --preset the-b")
    assert "the-banana" in found and all(one.startswith("the-b") for one in found)
    assert completed("export /race?race_lr=x --pre") == []
    labels = [preset.label for preset in lookup.presets("regression")]
    plain = {lookup.plain_label(label) for label in labels}
    assert len(plain) == len(labels) and not any(" " in one for one in plain)


# --- options that the others leave idle -----------------------------------------------------------


def test_a_formula_chooses_to_be_drawn(tmp_path: Path) -> None:
    file = str(tmp_path / "a.csv")
    assert call("export", "descent", "--formula", "x**2+5", "-o", file).exit_code == 0
    f = pd.read_csv(file, comment="#")["f"]
    assert f.min() >= 5
    found = table(call("sweep", "descent", "--steps=2", "--over", "formula=x**2,x**2+5").output)
    assert float(found[1]["f"]) == pytest.approx(float(found[0]["f"]) + 5)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("descent --formula x^2 --function parabola", "--formula does nothing without --function"),
        ("descent --tol 0.1 --stop none", "--tol does nothing while --stop is off"),
        ("descent --beta1 0.5", "--beta1 does nothing without --methods adam"),
        ("race --formula x^2+y^2 --surface bowl", "--formula does nothing without --surface typed"),
        ("race --b 3", "--b does nothing without --surface rosenbrock: add it"),
        ("race --seed 3", "--seed does nothing while --noise is off"),
        ("race --adam-lr 0.1 --methods gd", "--adam-lr does nothing without --methods adam"),
        ("race --rho 0.5 --methods gd", "--rho does nothing without --methods"),
        ("integration --cauchy-scale 2", "--cauchy-scale does nothing without --density cauchy"),
        ("importance --gamma 2", "--gamma counts only in the view"),
        ("geometry --time 2", "--time does nothing without --room shoot: add it"),
        ("regression --delta 2", "--delta does nothing without --loss huber: add it"),
        ("/descent?descent_stop=none --tol 0.1", "--tol does nothing while --stop is off"),
        ("descent --style paper", "--style counts only for png, svg, pdf, tex, gif, mp4, webm"),
        ("descent --step 2", "--step counts only for png, svg, pdf, tex"),
        ("descent --lr 0.1 --lr=0.2", "--lr is given 2 times"),
        ("backprop --test --no-test --test", "--test is given 3 times"),
        ("descent -o first.csv", "--output is given 2 times"),
        ("/descent?descent_lr=0.2 --preset Chaos", "--preset does nothing: the link has settings"),
        ("--grid 1x1 --style page --style page descent", "--style is given 2 times"),
    ],
)
def test_an_idle_option_is_refused_and_what_to_add_is_said(
    words: str, said: str, tmp_path: Path
) -> None:
    done = call("export", *words.split(), "-o", str(tmp_path / "a.csv"))
    assert (done.exit_code, said in done.output) == (2, True), done.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("race --over a=1,1.5", "does nothing without surface rosenbrock"),
        ("race --over adam_lr=0.1,0.2 --methods gd", "without methods adam"),
        ("descent --over tol=0.1,0.2 --stop none", "does nothing while stop is off"),
        ("descent --over lr=0.1,0.2 --lr 0.3", "--lr does nothing: --over lr"),
        ("race --over lr=0.1,0.2 --seeds 3", "--seeds does nothing while --noise is off"),
        ("descent --over lr=0.1,0.2 --seeds 3", "not a knob of the page"),
    ],
)
def test_an_idle_axis_is_refused(words: str, said: str) -> None:
    done = call("sweep", *words.split())
    assert (done.exit_code, said in done.output) == (2, True), done.output


def test_an_axis_may_be_what_another_one_needs() -> None:
    """It counts in some of the cells."""
    sweep = plan(Race(steps=2), {"surface": ["bowl", "rosenbrock"], "a": [0.5, 1.0]})
    assert len(sweep) == 4
    with pytest.raises(KnobError, match="does nothing"):
        plan(Race(steps=2), {"surface": ["bowl", "himmelblau"], "a": [0.5, 1.0]})


def test_the_steps_of_an_exported_picture_are_there(tmp_path: Path) -> None:
    done = call("export", "descent", "--step", "99999", "-o", str(tmp_path / "a.svg"))
    assert done.exit_code == 2 and "There is no step 99999: the last one is" in done.output


# --- sweeps ---------------------------------------------------------------------------------------

SMALL = ["sweep", "descent", "--steps=5", "--workers=0"]


def test_values_of_one_knob_may_be_given_in_parts() -> None:
    parts = call(*SMALL, "--over", "lr=0.1", "--over", "x0=1,2", "--over", "lr=0.2,0.1")
    whole = call(*SMALL, "--over", "lr=0.1,0.2", "--over", "x0=1,2")
    assert parts.output == whole.output and len(table(whole.output)) == 4


def test_a_second_sweep_does_not_take_the_file_of_another(tmp_path: Path) -> None:
    first = plan(Descent(steps=5), {"lr": [0.01, 0.02, 0.03]})
    second = plan(Descent(steps=5), {"lr": [0.5, 0.6]})
    file = tmp_path / "a.parquet"
    store = Store(first, file)  # not a row yet
    with pytest.raises(SweepError, match=r"holds another sweep \(lr=0.01,0.02,0.03\)"):
        Store(second, file)
    for outcome in outcomes(first):
        store.add(outcome)
    taken = Store(second, file, fresh=True)
    with pytest.raises(SweepError, match=r"holds another sweep \(lr=0.5,0.6\)"):
        store.write()
    taken.write()
    assert rows(second, file=file) == rows(second)


def test_a_csv_that_is_there_is_not_replaced_unless_asked(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    assert call(*SMALL, "--over", "lr=0.1,0.2", "-o", str(file)).exit_code == 0
    before = file.read_bytes()
    again = call(*SMALL, "--over", "lr=0.3", "-o", str(file))
    assert again.exit_code == 1 and "is there already: name another file, or say --fresh" in (
        again.output
    )
    assert file.read_bytes() == before and os.listdir(tmp_path) == ["a.csv"]
    assert call(*SMALL, "--over", "lr=0.3", "-o", str(file), "--fresh").exit_code == 0
    assert file.read_bytes() != before


def test_a_sweep_that_runs_out_of_time_prints_what_there_is() -> None:
    done = CliRunner().invoke(
        main, [*SMALL, "--over", "x0=-2:2:50000", "--seconds", "1"], prog_name="gdviz"
    )
    assert done.exit_code == 1 and "The time is over." in done.stderr
    assert 0 < len(table(done.stdout)) < 50000


def test_no_spreadsheet_takes_a_cell_of_a_sweep_for_a_formula() -> None:
    found = call(*SMALL, "--over", "formula=-x,x^2").output
    assert [row["formula"] for row in table(found)] == ["'-x", "x^2"]
    assert cell("-x") == "'-x"


WATCH = """
import os, sys, time
from gdviz.sweep import process_pool
from gdviz.topics.descent import Descent
if __name__ == "__main__":
    with process_pool(1).open() as pool:
        print(*(pool.submit(os.getpid).result() for _ in range(1)), flush=True)
        for worker in pool._processes.values():
            print(worker.pid, flush=True)
        print("there", flush=True)
        time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at the processes of Linux")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_parent(how: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "watch.py"
    script.write_text(WATCH, "utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, str(script)], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout
    workers = []
    for line in parent.stdout:
        if line.strip() == b"there":
            break
        workers.append(int(line))
    assert workers and all(map(alive, workers))
    descriptors = [os.pidfd_open(pid) for pid in workers] if hasattr(os, "pidfd_open") else []
    parent.send_signal(how)
    parent.wait()
    for descriptor in descriptors:
        waiting = subprocess.run(
            [sys.executable, "-c", f"import select; select.select([{descriptor}], [], [], 30)"],
            pass_fds=[descriptor],
            check=True,
        )
        assert waiting.returncode == 0
        os.close(descriptor)
    assert not any(map(alive, workers))


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_worker_hears_no_ctrl_c_even_while_it_starts() -> None:
    """The mask is inherited; the parent hears what came meanwhile, afterwards."""
    seen = []
    before = signal.signal(signal.SIGINT, lambda *about: seen.append("after"))
    try:
        with executors._interrupts_later():
            os.kill(os.getpid(), signal.SIGINT)
            assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set())
            assert seen == []
        assert seen == ["after"]
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_sweep_that_is_stopped_says_where_its_rows_are(
    how: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*about: Any) -> Iterator[int]:
        for count in steps(*about):
            if count == 3:
                os.kill(os.getpid(), how)
            yield count

    monkeypatch.setattr("gdviz.cli.sweep.steps", stopped)
    file = tmp_path / "a.parquet"
    # A shell that starts the tests behind it has them ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        done = call(*SMALL, "--over", "x0=-2:2:90", "-o", str(file))
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.exit_code == 1
    assert "Stopped. 3 of 90 cells are in" in done.output and "goes on from there" in done.output
    assert pq.read_table(file)["cell"].to_pylist() == [0, 1, 2]
