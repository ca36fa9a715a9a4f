"""`gdviz sweep`: a page run over many settings, as a table."""

import csv
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np

from gdviz.cli.asking import Asked, is_number, more_knobs, read, settled, shown, titles
from gdviz.cli.commands import bar_of, command
from gdviz.knobs import Choices, KnobError, knobs
from gdviz.topics import catalogue

MOST_CELLS = 100_000


def sweep_command(asked: Asked) -> click.Command:
    """Return the command that runs a page over many values of some of its knobs."""

    def work(preset: str | None, output: str | None, over: tuple[str, ...], **knobs_: Any) -> None:
        spec = settled(asked.page, asked.spec, preset, knobs_)
        axes = dict(_axis(asked.page, text) for text in over)
        cells = list(itertools.islice(itertools.product(*axes.values()), MOST_CELLS + 1))
        if len(cells) > MOST_CELLS:
            raise KnobError(f"These are more than {MOST_CELLS} runs.")
        rows: list[dict[str, Any]] = []
        with bar_of(len(cells), "running") as bar:
            for cell in cells:
                at = dict(zip(axes, cell, strict=True))
                where = {name: shown(value) for name, value in at.items()}
                ends = last_rows(settled(asked.page, spec, None, at))
                rows += [where | end for end in ends]
                bar.update(1)
        _write(rows, output)

    own = [
        click.Option(
            ["--over"],
            multiple=True,
            required=True,
            help="A knob and its values: lr=0.1,0.2 or lr=0.001:1:20 (20 values, evenly spaced) or "
            "lr=0.001:1:20:log (by equal factors). Given twice, every pair is run.",
        ),
        click.Option(["-o", "--output"], help="The CSV file; standard output if not."),
    ]
    about = f"Run “{titles()[asked.page]}” over many settings; a row for the end of each run."
    return command(asked, work, own, about)


def _write(rows: list[dict[str, Any]], file: str | None) -> None:
    """Write rows as CSV; a column that a row does not have is empty there."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with Path(file).open("w", newline="") if file else click.open_file("-", "w") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)


def _axis(page: str, text: str) -> tuple[str, list[Any]]:
    """Return the knob and the values of `lr=0.1,0.2` or `lr=0.001:1:20:log`."""
    name, equals, values = text.partition("=")
    name = name.strip().replace("-", "_")
    known = knobs(catalogue.settings(page)) | more_knobs(page)
    if not equals or name not in known:
        raise KnobError(f"“{text[:60]}” is not “knob=values” with a knob of {page}.")
    knob = known[name]
    kind = knob.kind._replace(most=1) if isinstance(knob.kind, Choices) else knob.kind
    one = knob._replace(kind=kind)
    texts = _spaced(values) if ":" in values and is_number(knob) else values.split(",")
    return name, [read(one, t.strip()) for t in texts]


def _spaced(text: str) -> list[str]:
    """Return the values of `from:to:count` or `from:to:count:log` as texts."""
    parts = text.split(":")
    try:
        lo, hi, count = float(parts[0]), float(parts[1]), int(parts[2])
        log = parts[3:] == ["log"]
        if (parts[3:] and not log) or not 1 <= count <= MOST_CELLS or (log and not 0 < lo * hi):
            raise ValueError
    except (ValueError, IndexError):
        raise KnobError(f"“{text[:40]}” is not from:to:count or from:to:count:log.") from None
    return [repr(float(v)) for v in (np.geomspace if log else np.linspace)(lo, hi, count)]


def last_rows(spec: Any) -> Iterator[dict[str, Any]]:
    """Yield the end of each table of a run: its name, its verdict if it has one, its last row."""
    from gdviz.export.tables import tables

    result = catalogue.numbers(spec)
    for name, columns in tables(result).items():
        said = getattr(result.get(name), "verdict", None) if isinstance(result, Mapping) else None
        verdict = {} if said is None else {"verdict": said}
        last = {column: repr(values[-1].item()) for column, values in columns.items()}
        yield {"method": name} | verdict | last
