"""The parts of the page of references."""

import inspect

import streamlit as st

from gdviz.catalogue.pages import PAGES
from gdviz.optimize import LABELS, METHODS
from gdviz.topics.references.bibliography import (
    RECOMMENDED,
    SITES,
    WRONG_LINKS,
    Reference,
    bibtex,
    cited_in,
    reference,
    references,
)
from gdviz.ui import frame
from gdviz.ui.rooms import view

PAGE = "references"


def heading() -> None:
    """Draw the title, the sentence, and the button that saves them all."""
    with frame.heading(PAGE)[0]:
        st.download_button(
            "BibTeX",
            bibtex(references()),
            "gdviz.bib",
            "text/plain",
            icon=":material/download:",
            help="Every source on this page as one file.",
            on_click="ignore",
        )


def wrong_links() -> None:
    """Show where the links of the tutorial's last slide lead, and where they should."""
    st.markdown("## Three links of the tutorial, put right")
    st.markdown("Its last slide names three papers. None of its three arXiv ids is the paper's.")
    known = {source.key: source for source in references()}
    rows = ["| its link | says it is | is | what it should be |", "|---|---|---|---|"]
    for wrong in WRONG_LINKS:
        address = f"[{wrong.arxiv}](https://arxiv.org/abs/{wrong.arxiv})"
        right = known.get(wrong.right)
        mended = f"[{right.arxiv}]({right.link})" if right else _named(wrong.right, known)
        rows.append(f"| {address} | {wrong.claimed} | {wrong.found} | {mended} |")
    st.markdown("\n".join(rows))


def recommended_books() -> None:
    """List the books and sites that the tutorial's last slide recommends."""
    books = "\n".join(f"- {_line(reference(key))}" for key in RECOMMENDED)
    sites = ", ".join(f"[{name}]({url})" for name, url in SITES.items())
    st.markdown(f"It also recommends three textbooks and three sites ({sites}).\n\n{books}")
    st.caption("One of the three is no textbook: Bottou et al. is a review in a journal.")


def _named(text: str, known: dict[str, Reference]) -> str:
    """Return a text with the keys of sources in it replaced by links to them."""
    for key, source in known.items():
        if key in text:
            name = f"{source.people} {source.year}"
            text = text.replace(key, f"[{name}]({source.link})" if source.link else name)
    return text


def sources() -> None:
    """List the sources of a page, or of all."""
    st.markdown("## Sources")
    titles = {entry.stem: entry.title for entry in PAGES}
    used = {page for source in references() for page in source.pages}
    options = {"all": "All pages"} | {p: titles[p] for p in titles if p in used}
    page = view(PAGE, options)
    shown = [s for s in references() if page == "all" or page in s.pages]
    st.markdown("\n".join(f"- {_line(source)}" for source in shown))


def _line(source: Reference) -> str:
    title = f"[{source.title}]({source.link})" if source.link else f"*{source.title}*"
    return f"{source.authors.replace(' and ', ' · ')} ({source.year}). {title}. {source.where}."


def methods() -> None:
    """Show the source of each optimizer, as its own documentation cites it."""
    st.markdown("## Which method is from where")
    rows = ["| method | source |", "|---|---|"]
    for name, method in METHODS.items():
        cited = cited_in(inspect.unwrap(method).__doc__ or "")
        rows.append(f"| {LABELS[name]} | {', '.join(map(_short, cited))} |")
    st.markdown("\n".join(rows))


def _short(source: Reference) -> str:
    name = f"{source.people} {source.year}"
    return f"[{name}]({source.link})" if source.link else name


def last_slide() -> None:
    """Show what the tutorial's last slide gets wrong, and the books and sites that it names."""
    wrong_links()
    recommended_books()
