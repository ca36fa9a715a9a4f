"""The views of a sweep: heat map, parallel coordinates, best of, code; and the picked cell."""

import os
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode

import streamlit as st

from gdviz.catalogue.pages import entry_of
from gdviz.knob_texts import format_value
from gdviz.knobs import Choice, Knob
from gdviz.numerals import number
from gdviz.queries import to_query
from gdviz.sweep import (
    Backend,
    Store,
    SweepError,
    SweepPlan,
    csv_of,
    dask_cluster,
    in_process,
    parquet_of,
    steps,
)
from gdviz.sweep.run_cell import CELL, ERROR, METHOD, VERDICT
from gdviz.topics.sweep import charts as sweep_charts
from gdviz.topics.sweep import settings as topic
from gdviz.topics.sweep.controls import PAGE, SweepRequest, first_score, numeric
from gdviz.topics.sweep.settings import Sweeping
from gdviz.ui import lecture, qr
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import show_program
from gdviz.ui.controls import key_of, restore_from_query, set_query_param, show_error, sync_query
from gdviz.ui.jobs import run_job
from gdviz.ui.rooms import view
from gdviz.ui.share import share_menu
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {
    "heat": "Heat map",
    "parallel": "Parallel coordinates",
    "best": "Best of",
    "code": "Code",
    "words": "What it tells",
}
OWN = ("score", "cell", "go")  # what the page says in its link beside the settings
HEIGHT = 400
BEST = 50


def backend() -> Backend:
    """Return who runs a visitor's sweep: the operator's cluster, or this process."""
    address = os.environ.get("GDVIZ_DASK")
    return dask_cluster(address) if address else in_process()


def result_of(asked: SweepRequest) -> Any:
    """Return the table of a sweep, run when it is short or asked for; None if it has no rows yet.

    What was run before the visitor stopped it is there, and is not run again.
    """
    sweep, mark = asked.sweep, asked.sweep.fingerprint()[:12]
    go, store = key_of(PAGE, "go"), _store_of(sweep)
    if len(sweep) <= topic.AT_ONCE or st.query_params.get(go) == mark:
        try:
            found = run_job(PAGE, ("sweep", sweep.fingerprint()), partial(_work, store))
        except SweepError as error:
            show_error(error)
            return None
        if found is not None:
            return found
        st.query_params.pop(go, None)  # it was stopped, and waits to be asked for again
    there = f"{len(store.done)} are there; stopped" if store.done else "stopped"
    st.info(f"{len(sweep)} runs, {there} after {topic.LONGEST:.0f} s at the latest.")
    st.button(
        "Go on" if store.done else "Run",
        key=f"{PAGE}_run",
        icon=":material/play_arrow:",
        type="primary",
        on_click=st.query_params.__setitem__,
        args=(go, mark),
    )
    return store.rows() if store.done else None


def _store_of(sweep: SweepPlan) -> Store:
    """Return a store that begins with what the visitor's last one of the same sweep has."""
    last: Store | None = st.session_state.get(f"{PAGE}_store")
    same = last and last.sweep.fingerprint() == sweep.fingerprint()
    store = Store(sweep, rows=last.rows() if last and same else None)
    st.session_state[f"{PAGE}_store"] = store
    return store


def _work(store: Store) -> Iterator[tuple[float, Any]]:
    """Yield the share done, and at the end the table."""
    for count in steps(store, backend(), topic.LONGEST):
        yield count / len(store.sweep), None
    yield 1.0, store.rows()


def show(asked: SweepRequest, table: Any, rows: Any) -> None:
    """Draw the chosen view of the rows, and the picked cell below it."""
    spec, sweep = asked.spec, asked.sweep
    shown = view(PAGE, VIEWS)
    options = numeric(rows, sweep)
    _say_what_is_missing(sweep, rows)
    if shown == "code":
        return _code(spec, sweep)
    if shown == "words":
        return words(PAGE)
    if not options:
        st.warning("Not one cell could be run.")
        return None
    score = _score(spec, options)
    axes = [a.name for a in sweep.axes if len(a.values) > 1] or [sweep.axes[0].name]
    large = lecture.lecture_mode()
    if shown == "best":
        picked = _best(rows, axes, score, spec.highest)
    elif shown == "parallel":
        names = axes + ([METHOD] if rows[METHOD].nunique() > 1 and "methods" not in axes else [])
        figure = sweep_charts.parallel(rows, names[:7], score, spec.highest, large)
        alt = f"A line for each run, through its settings to {score}."
        picked = chart(figure, height=HEIGHT, key=f"{PAGE}_parallel", alt=alt, clicks=True)
    else:
        figure = sweep_charts.heat(rows, axes, score, spec.highest, large)
        alt = f"{score} over {' and '.join(axes[:2])}."
        picked = chart(figure, height=HEIGHT, key=f"{PAGE}_heat", alt=alt, clicks=True)
        rest = [*axes[2:], *([METHOD] if rows.groupby(CELL).size().max() > 1 else [])]
        over = f" The median over {', '.join(rest)}." if rest else ""
        st.caption(f"Click a square to see its best run below, and to open it.{over}")
    _cell(sweep, rows, score, spec.highest, picked)
    return None


def _score(spec: Sweeping, options: list[str]) -> str:
    """Draw the choice of the column that is looked at."""
    kind = Choice({name: name for name in options}, "Score")
    knob = Knob("score", str, kind, first_score(spec, options))
    key = key_of(PAGE, "score")
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    restore_from_query(knob, key)
    value = st.selectbox(
        "Score",
        options,
        options.index(knob.default),
        key=key,
        label_visibility="collapsed",
        width=260,
        help="The column of the results that is compared.",
    )
    shown = value if value in options else knob.default
    set_query_param(key, [] if shown == knob.default else [shown])
    return shown


def _say_what_is_missing(sweep: SweepPlan, rows: Any) -> None:
    there = rows[CELL].nunique()
    said = []
    if there < len(sweep):
        said.append(f"{there} of {len(sweep)} settings were run; the others are missing here.")
    if ERROR in rows.columns and rows[ERROR].notna().any():
        first = rows[rows[ERROR].notna()].iloc[0]
        said.append(f"{rows[ERROR].notna().sum()} runs failed. The first of them: {first[ERROR]}")
    if said:
        show_error(ValueError(" ".join(said)))


def _best(rows: Any, axes: list[str], score: str, highest: bool) -> int | None:
    """Draw the best rows; return the cell of the one that was chosen."""
    front = [CELL, *axes, METHOD, VERDICT, score]
    names = list(dict.fromkeys([n for n in front if n in rows.columns] + list(rows.columns)))
    best = rows.dropna(subset=[score]).sort_values(score, ascending=not highest, kind="stable")
    best = best[names].head(BEST)
    six_digits = st.column_config.NumberColumn(format="%.6g")
    event: Any = show_table(
        best,
        height=HEIGHT,
        hide_index=True,
        key=f"{PAGE}_best",
        column_config=dict.fromkeys(best.select_dtypes("float").columns, six_digits),
        on_select="rerun",
        selection_mode="single-row",
    )
    chosen = event["selection"]["rows"] if event else []
    return int(best[CELL].iloc[chosen[0]]) if chosen and 0 <= chosen[0] < len(best) else None


def _cell(sweep: SweepPlan, rows: Any, score: str, highest: bool, picked: int | None) -> None:
    """Draw the picked cell, the one in the link, or the best, with the link that opens its page."""
    key = key_of(PAGE, "cell")
    if picked is not None and picked < len(sweep):
        st.query_params[key] = str(picked)
    text = st.query_params.get(key, "")
    known = rows.dropna(subset=[score])
    if not len(known):
        return
    best = known[CELL][known[score].idxmax() if highest else known[score].idxmin()]
    asked = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1
    cell = asked if asked in set(rows[CELL]) else int(best)
    said = ", ".join(f"{name} = {_short(value)}" for name, value in sweep.at(cell).items())
    values = known[known[CELL] == cell][score]
    found = f": {score} = {', '.join(f'{number(v, 6)}' for v in values[:4])}" if len(values) else ""
    entry = entry_of(sweep.page)
    query = to_query(sweep.settings(cell), f"{sweep.page}_")
    with st.container(horizontal=True, vertical_alignment="center", key=f"{PAGE}_cell"):
        st.page_link(
            entry.path,
            label="Open this run" if cell == asked else "Open the best run",
            icon=entry.icon,
            width="content",
            query_params=parse_qs(query) or None,
        )
        st.text(f"{said}{found}", width="content")


def _short(value: Any) -> str:
    """Return a value for the eye; the link beside it has all digits."""
    return number(value, 6) if isinstance(value, float) else format_value(value)


def _code(spec: Sweeping, sweep: SweepPlan) -> None:
    st.caption("In this process; `rows(…, processes(4))` and `cluster(address)` find the same.")
    show_program(code_of(sweep))
    st.caption("The same on the command line, which takes a hundred thousand cells, and `--dask`.")
    st.code(topic.as_command(spec, sweep.spec), language="bash")


def code_of(sweep: SweepPlan) -> str:
    """Return the sweep as Python."""
    return topic.as_python(sweep.spec, {a.name: a.values for a in sweep.axes}, 1)


def share(place: Any, asked: SweepRequest | None, table: Any) -> None:
    """Fill the menu: lecture, link, files, code."""
    with place:
        lecture.button()
        if asked is None:
            return
        sync_query(PAGE, told_of(asked.spec), OWN)
        menu = share_menu(PAGE)
        if not menu.open:
            return
        address = link_of(asked.spec)
        with menu:
            st.caption("Link to exactly this")
            st.code(address, language=None, wrap_lines=True)
            with st.container(horizontal=True):
                if table is not None:
                    _files(table)
                if st.button("QR", key=f"{PAGE}_qr", icon=":material/qr_code:"):
                    qr.show_qr(address)
            st.caption("Copy as Python")
            show_program(code_of(asked.sweep))


def told_of(spec: Sweeping) -> dict[str, list[str]]:
    """Return what a link says: every knob, for the defaults depend on the page that is swept."""
    told = {name: getattr(spec, name) for name in ("page", "base", "seeds")}
    told |= {f"{n}_{a}": getattr(spec, f"{n}_{a}") for a in topic.AXES for n in ("knob", "values")}
    told["highest"] = str(spec.highest).lower()
    return {key_of(PAGE, name): [str(value)] for name, value in told.items() if value != ""}


def link_of(spec: Sweeping) -> str:
    """Return the link to exactly this, with what is shown of it."""
    shown = {key: [st.query_params[key]] for key in (key_of(PAGE, n) for n in ("view", *OWN))
             if key in st.query_params}  # fmt: skip
    query = urlencode(told_of(spec) | shown, doseq=True)
    return f"{(st.context.url or f'/{PAGE}').split('?')[0]}?{query}"


def _files(table: Any) -> None:
    for label, make, mime in (
        ("CSV", csv_of, "text/csv"),
        ("Parquet", parquet_of, "application/vnd.apache.parquet"),
    ):
        st.download_button(
            label,
            partial(make, table),
            f"gdviz_sweep.{label.lower()}",
            mime,
            key=f"{PAGE}_{label}",
            on_click="ignore",
            icon=":material/download:",
        )
