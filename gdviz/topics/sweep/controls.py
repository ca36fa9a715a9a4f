"""The knobs of the page *sweep*: which page, around which settings, over which axes."""

import io
import json
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from gdviz.catalogue import lookup
from gdviz.knobs import KnobError
from gdviz.learn import TableError, read_table
from gdviz.learn.table_bytes import MEGABYTE
from gdviz.learn.tables import VISITORS
from gdviz.queries import from_query
from gdviz.sweep import SweepPlan, axis, plan, values_of
from gdviz.sweep.run_cell import CELL
from gdviz.topics.sweep import settings as topic
from gdviz.topics.sweep.settings import AXES, SWEPT, Sweeping
from gdviz.ui.controls import Controls, key_of, show_error, write
from gdviz.ui.job_queue import Refused
from gdviz.ui.jobs import read_upload

PAGE = "sweep"
MOST_ROWS = 20_000


class SweepRequest(NamedTuple):
    """What is to be shown: the settings, the sweep, and its rows where a file has them."""

    spec: Sweeping
    sweep: SweepPlan
    frame: Any = None


def choose_page() -> None:
    """A newly chosen page brings its own axes."""
    page = st.session_state[key_of(PAGE, "page")]
    write(PAGE, topic.defaults(page if page in SWEPT else "race"))


def choose_knob(place: str) -> None:
    """A newly chosen knob brings values to begin with."""
    name = st.session_state[key_of(PAGE, f"knob_{place}")]
    page = st.session_state.get(key_of(PAGE, "page"), "race")
    write(PAGE, {f"values_{place}": SWEPT[page].values.get(name, "")})


def controls() -> SweepRequest | None:
    """Draw the knobs and return what they ask; None, with the reason said, if it makes no sense."""
    draw = Controls(Sweeping, PAGE)
    page = draw.draw("page", on_change=choose_page)
    draw.knobs = topic.declared_knobs(page, draw.knobs)
    draw.values |= {n: k.default for n, k in draw.knobs.items() if n != "page"}
    draw.draw("base")
    for place in AXES:
        with st.container(horizontal=True, gap="small", key=f"{PAGE}_beside_{place}"):
            draw.draw(f"knob_{place}", on_change=partial(choose_knob, place))
            if draw.values[f"knob_{place}"] != topic.NONE:
                draw.draw(f"values_{place}")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        draw.draw("seeds")
        draw.draw("highest")
    loaded = _file()
    spec = draw.spec()
    if loaded is not None:
        return SweepRequest(spec, *loaded)
    try:
        return SweepRequest(spec, sweep_of(spec))
    except ValueError as error:
        show_error(error)
        return None


def sweep_of(spec: Sweeping) -> SweepPlan:
    """Return the sweep of the page; raise `KnobError` if it makes no sense or is too much here."""
    over = {name: values_of(spec.page, name, text) for name, text in topic.axes_of(spec).items()}
    sweep = plan(topic.base_of(spec), over, spec.seeds)
    if len(sweep) > topic.MOST_CELLS:
        raise KnobError(
            f"{len(sweep):,} runs are too many for a page, {topic.MOST_CELLS} at most: "
            "the command line takes them, and the page opens its file."
        )
    return sweep


# --- a file of the command line -------------------------------------------------------------------


def _file() -> tuple[SweepPlan, Any] | None:
    """Draw the choice of a file and return the sweep in it, None without one."""
    with st.popover("Open a file", icon=":material/folder_open:", width="stretch"):
        file = st.file_uploader(
            "Parquet, of python -m gdviz sweep",
            type=["parquet"],
            key=f"{PAGE}_file",
            max_upload_size=VISITORS.bytes // MEGABYTE,
            help="It stays in this session: it is not kept, and not part of a link.",
        )
    if file is None:
        return None
    try:
        return read_upload(PAGE, file, lambda file, tell: read_sweep(file.getvalue(), tell))
    except (KnobError, TableError, Refused) as error:
        show_error(error)
        return None


def read_sweep(data: bytes, progress: Any = None) -> tuple[SweepPlan, Any]:
    """Return the sweep and the rows of a file, each checked as if a visitor had typed it."""
    frame = read_table(data, progress=progress, limits=VISITORS)
    mark = _mark(data)
    try:
        page, axes = str(mark["page"]), [str(text) for text in mark["axes"]]
        base = from_query(lookup.settings(page), str(mark["settings"]))
        sweep = plan(base, dict(axis(page, text) for text in axes))
        cells = [check_cell(sweep, value) for value in frame[CELL]]
    except (KeyError, TypeError):
        raise KnobError("This file is not of a sweep.") from None
    if len(frame) > MOST_ROWS:
        raise KnobError(f"{len(frame):,} rows are too many for a page: {MOST_ROWS:,} at most.")
    return sweep, frame.assign(**{CELL: cells})


def check_cell(sweep: SweepPlan, value: Any) -> int:
    """Return a number of a cell as an integer, or raise `KnobError`."""
    try:
        cell = int(value)
    except (TypeError, ValueError, OverflowError):
        cell = -1
    if not 0 <= cell < len(sweep):
        raise KnobError("This file has rows of no cell of its sweep.")
    return cell


def _mark(data: bytes) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from gdviz.sweep.store import MARK

    try:
        found = json.loads((pq.read_schema(io.BytesIO(data)).metadata or {})[MARK])
    except (pa.ArrowException, OSError, KeyError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise KnobError("This file is not of a sweep: python -m gdviz sweep … -o file.parquet.")
    return found


def numeric(frame: Any, sweep: SweepPlan) -> list[str]:
    """Return the columns that can be a score: numbers that are no axis."""
    axes = {axis.name for axis in sweep.axes} | {CELL}
    return [n for n in frame.columns if n not in axes and frame[n].dtype.kind in "iuf"]


def first_score(spec: Sweeping, options: list[str]) -> str:
    """Return the score that a page begins with."""
    usual = SWEPT[spec.page].score
    return usual if usual in options else options[0]
