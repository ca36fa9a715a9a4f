"""Home: what gdviz is, and a card for each page."""

import streamlit as st

from gdviz.ui.pages import PAGES, by_section

COLUMNS = 3

st.title("See the calculus under machine learning")
st.markdown(
    "Move one thing with your hand, and the mathematics answers at once: every picture here is "
    "computed as you look at it, from the formula beside it."
)

for section, pages in by_section().items():
    pages = [p for p in pages if p != PAGES[0]]
    if pages:
        st.subheader(section)
    for row in range(0, len(pages), COLUMNS):
        for column, page in zip(st.columns(COLUMNS), pages[row : row + COLUMNS], strict=False):
            with column.container(border=True, height="stretch"):
                st.page_link(page.path, label=f"**{page.title}**", icon=page.icon)
                st.markdown(page.sentence)
