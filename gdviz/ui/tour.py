"""The bar of a tour: a sentence, forward and back, by button, key or a presenter's remote."""

from urllib.parse import parse_qs

import streamlit as st

from gdviz.catalogue.pages import entry_of
from gdviz.catalogue.tours import TOURS, TourStop
from gdviz.ui.history import set_knobs
from gdviz.ui.lecture import lecture_mode

ROOM = 56  # pixels of a stage that the bar takes
_CSS = """<style>
.st-key-tour_bar { position: fixed; left: 50%; bottom: 0.6rem; transform: translateX(-50%);
  z-index: 1000; width: max-content !important; max-width: calc(100vw - 1.5rem);
  padding: 0.3rem 0.8rem; border-radius: 1.6rem; border: 1px solid rgba(128, 128, 128, 0.4);
  background: var(--st-background-color, Canvas); box-shadow: 0 2px 12px rgba(0, 0, 0, 0.18); }
.stMainBlockContainer { padding-bottom: 5rem; }
</style>"""


def under_way() -> tuple[str, int] | None:
    """Return the tour that the link names and the number of its stop, None without one."""
    name = st.query_params.get("tour")
    if name in TOURS:
        stop = st.query_params.get("stop", "1")
        number = int(stop) if stop.isdecimal() and len(stop) < 4 else 1
        st.session_state["tour"] = (name, max(1, min(number, len(TOURS[name].stops))))
    return st.session_state.get("tour")


def stop_shown() -> TourStop | None:
    """Return the stop of the tour at which we are, None without one."""
    now = under_way()
    return TOURS[now[0]].stops[now[1] - 1] if now else None


def query_of(name: str, number: int) -> dict[str, list[str]]:
    """Return the query of a stop: its settings, and the tour itself."""
    stop = TOURS[name].stops[number - 1]
    return {**parse_qs(stop.query()), "tour": [name], "stop": [str(number)]}


def go_if_asked(page: str) -> None:
    """Before the page is drawn, go to the stop that the link names, unless we are there."""
    now = under_way()
    if now is None or st.session_state.get("tour_at") == now:
        return
    st.session_state["tour_at"] = now
    stop = TOURS[now[0]].stops[now[1] - 1]
    if page == stop.page:
        return _set(stop)
    forget(stop.page)
    query = query_of(*now)
    if lecture_mode():
        query["lecture"] = ["1"]
    path = entry_of(stop.page).path
    st.switch_page(path, query_params=query)


def _set(stop: TourStop) -> None:
    """Set every knob of a page, as a preset does."""
    set_knobs(stop.page, stop.page, stop.spec())


def _ask(name: str, number: int) -> None:
    st.query_params["tour"], st.query_params["stop"] = name, str(number)
    stop = TOURS[name].stops[number - 1]
    if st.session_state.get("page_shown") == stop.page:
        st.session_state["tour_at"] = (name, number)
        _set(stop)


def forget(page: str) -> None:
    """Forget the session's settings of a page, so that a link decides everything."""
    for key in [k for k in st.session_state if str(k).startswith(f"{page}_")]:
        del st.session_state[key]


def _leave() -> None:
    for key in ("tour", "tour_at"):
        st.session_state.pop(key, None)
    for name in ("tour", "stop"):
        if name in st.query_params:
            del st.query_params[name]


def bar() -> None:
    """Draw the bar, if a tour is under way."""
    now = under_way()
    if now is None:
        return
    name, number = now
    stops = TOURS[name].stops
    st.html(_CSS)
    with st.container(horizontal=True, vertical_alignment="center", key="tour_bar", gap="small"):
        st.button(
            "Back",
            icon=":material/chevron_left:",
            key="tour_back",
            shortcut="PageUp",
            disabled=number == 1,
            on_click=_ask,
            args=(name, number - 1),
        )
        stop = stops[number - 1]
        said = f"**{number}/{len(stops)}**  {stop.sentence} *{stop.question}*"
        st.markdown(said, width="content")
        st.button(
            "Next",
            icon=":material/chevron_right:",
            key="tour_next",
            shortcut="PageDown",
            disabled=number == len(stops),
            on_click=_ask,
            args=(name, number + 1),
        )
        slides = not lecture_mode() and st.button(
            "Slides", icon=":material/download:", key="tour_slides"
        )  # a lecture has them already, and no room
        if slides:
            _show_slides(name)
        st.button("Leave the tour", icon=":material/close:", key="tour_leave", on_click=_leave)


def _show_slides(name: str) -> None:
    from gdviz.export.captions import HERE  # a page without a tour need not wait for exports
    from gdviz.ui.tour_dialog import show_slides

    show_slides(name, (st.context.url or f"{HERE}/").split("?")[0].rpartition("/")[0])
