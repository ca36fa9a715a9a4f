"""The list of all methods, by groups: what each one is, and whether it runs."""

import streamlit as st

from gdviz.knobs import knobs
from gdviz.optimize import LABELS, Problem
from gdviz.optimize.method_notes import NOTES, find_methods
from gdviz.optimize.methods import why_not
from gdviz.topics.race.racers import METHODS_HERE
from gdviz.topics.race.settings import Race
from gdviz.ui.controls import key_of, write

PAGE = "race"
MOST = knobs(Race)["methods"].kind.most  # type: ignore[union-attr]


def method_list(chosen: tuple[str, ...], problem: Problem) -> None:
    """Draw a field to search in, and the methods it finds, each with a box that lets it run."""
    words = st.text_input("Search", key=f"{PAGE}_find", placeholder="adam, 2024, slow mean …")
    st.caption(f"{len(chosen)} of at most {MOST} run; at least one does.")
    groups = find_methods(words[:100])
    for group, names in groups.items():
        shown = [name for name in names if name in METHODS_HERE]
        if shown:
            st.markdown(f"**{group}**")
        for name in shown:
            _box(name, group, chosen, why_not(name, problem))
    if not any(name in METHODS_HERE for names in groups.values() for name in names):
        st.caption("No method has all these words.")


def _box(name: str, group: str, chosen: tuple[str, ...], reason: str) -> None:
    note, key, runs = NOTES[group][name], f"{PAGE}_runs_{name}", name in chosen
    st.session_state[key] = runs
    kept = (chosen == (name,)) if runs else (len(chosen) >= MOST or bool(reason))
    st.checkbox(
        f"**{LABELS[name]}** ({note.year}): {note.sentence}"
        + (f" *Not here: {reason}.*" if reason else ""),
        key=key,
        disabled=kept,
        on_change=_toggle,
        args=(name,),
    )


def _toggle(name: str) -> None:
    """Let a method run, as the last of the list, or take it out.

    Quick ticks come in one run of the page: those beyond the most are left.
    """
    now = [n for n in st.session_state.get(key_of(PAGE, "methods"), ()) if n != name]
    if st.session_state[f"{PAGE}_runs_{name}"]:
        now.append(name)
    if now:
        write(PAGE, {"methods": tuple(now[:MOST])})
