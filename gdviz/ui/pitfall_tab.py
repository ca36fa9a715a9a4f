"""The tab of pitfalls: each mistake run live, beside the right way."""

from collections.abc import Sequence

import streamlit as st

from gdviz.catalogue.pitfall import Pitfall


def pitfalls(found: Sequence[Pitfall]) -> None:
    """Run every pitfall, and show the results of the tutorial's way and of the right way."""
    for row in found:
        st.markdown(f"**{row.row} · {row.title}**")
        draw_comparison(*row.compare())
        st.caption(row.why)


def draw_comparison(wrong: str, right: str) -> None:
    """Show the results of the tutorial's way and of the right way."""
    one, other = st.columns(2)
    one.error(f"Tutorial: {wrong}", icon=":material/close:")
    other.success(f"Here: {right}", icon=":material/check:")
