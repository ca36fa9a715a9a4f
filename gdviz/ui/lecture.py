"""Lecture mode: larger type and no navigation, for a projector."""

from collections.abc import Sequence

import streamlit as st


def lecture_mode() -> bool:
    """Tell whether `?lecture=1` was asked for in this session.

    It is kept in the session, because Streamlit clears the URL when the page changes.
    """
    asked = st.query_params.get("lecture")
    if asked in ("0", "1"):
        st.session_state["lecture"] = asked == "1"
    return bool(st.session_state.get("lecture", False))


LETTERS = "letter_keys"

# What `hide=controls,tabs` hides, for a projector or a frame on another page.
PARTS = {
    "controls": '.st-key-live > * > [data-testid="stHorizontalBlock"] > '
    '[data-testid="stColumn"] + [data-testid="stColumn"]',
    "presets": ".st-key-presets",
    "share": ".st-key-share_bar",
    "tabs": ".stTabs",
    "text": '.st-key-reason, [data-testid="stMarkdown"]:has(h1), '
    '[data-testid="stCaptionContainer"]',
    "menu": "header.stAppHeader",
}
GUESS = "answer"  # is hidden too, until somebody asks for it
NAMES = {
    "controls": "knobs",
    "presets": "presets",
    "share": "buttons",
    "tabs": "tabs",
    "text": "words",
    "menu": "menu",
    GUESS: "the run, to be guessed",
}


def hidden() -> list[str]:
    """Return the parts of a page that the link hides (`?hide=controls,tabs`), kept in the session.

    An empty `hide=` shows them again.
    """
    asked = st.query_params.get("hide")
    if asked is not None:
        st.session_state["hide"] = [part for part in asked.split(",") if part in (*PARTS, GUESS)]
    return st.session_state.get("hide", [])


def hiding_css() -> str:
    """Return the style that hides what the link hides."""
    parts = [PARTS[part] for part in hidden() if part in PARTS]
    return f"<style>{', '.join(parts)} {{ display: none }}</style>" * bool(parts)


def link_for(here: str, parts: Sequence[str]) -> str:
    """Return a link as one for a lecture that hides parts of the page."""
    hide = f"&hide={','.join(parts)}" if parts else ""
    return f"{here}{'&' if '?' in here else '?'}lecture=1{hide}"


def link_maker(here: str) -> None:
    """Draw the choice of what a link for a lecture hides, and the link."""
    hides = st.pills(
        "Link for a lecture, which hides",
        list(NAMES),
        selection_mode="multi",
        format_func=lambda part: NAMES.get(part, part),
        key="lecture_hides",
    )
    st.code(link_for(here, hides), language=None, wrap_lines=True)


def open_hall() -> None:
    """Draw the button that opens a hall, which the browser does."""
    st.button(
        "Open a hall",
        icon=":material/groups:",
        help="Phones follow this stage, guess how a run ends, and see it together.",
        key="hall_open",
        on_click=_ask_for_hall,
    )


def _ask_for_hall() -> None:
    st.session_state["halls_asked"] = halls_asked() + 1


def halls_asked() -> int:
    """Return how often a hall was asked for in this session."""
    return int(st.session_state.get("halls_asked", 0))


def fills_window() -> bool:
    """Tell whether the stage fills the window: in a lecture, and where nothing follows it."""
    return lecture_mode() or "tabs" in hidden()


def letter_keys() -> bool:
    """Tell whether single letters and digits are keys."""
    return bool(st.session_state.get(LETTERS, True))


def letters() -> None:
    """Draw the switch of the keys that are single letters, which a voice may press unasked."""
    st.toggle(
        "Keys of one letter",
        True,
        key=LETTERS,
        persist_state="session",
        help="L switches lecture mode, digits press presets. Switch it off if you speak to your "
        "computer, for example.",
    )


def button() -> None:
    """Draw the button that switches lecture mode."""
    st.button(
        "Leave" if lecture_mode() else "Lecture",
        icon=":material/present_to_all:",
        help="Larger type and thicker lines for a projector (key L).",
        shortcut="l" if letter_keys() else None,
        key="lecture_toggle",
        on_click=toggle,
    )


def toggle() -> None:
    """Switch lecture mode, as a callback."""
    on = not lecture_mode()
    st.session_state["lecture"] = on
    if on:
        st.query_params["lecture"] = "1"
    elif "lecture" in st.query_params:
        del st.query_params["lecture"]
