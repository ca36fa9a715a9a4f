"""The tab of pitfalls: each mistake run live, beside the right way."""

from collections.abc import Sequence

import streamlit as st

from gdviz.topics.pitfall import Pitfall


def pitfalls(rows: Sequence[Pitfall]) -> None:
    """Run every pitfall and show what the tutorial's way and the right way came to."""
    for row in rows:
        st.markdown(f"**{row.row} · {row.title}**")
        wrong, right = row.compare()
        one, other = st.columns(2)
        one.error(f"Tutorial: {wrong}", icon=":material/close:")
        other.success(f"Here: {right}", icon=":material/check:")
        st.caption(row.why)
