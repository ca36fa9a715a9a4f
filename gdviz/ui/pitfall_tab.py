"""The tab of pitfalls: each mistake as code beside the right code, run when asked."""

from collections.abc import Callable, Sequence

import streamlit as st

from gdviz.catalogue import lookup
from gdviz.catalogue.pitfall import Pitfall, lines_that_differ, output_of

# A line of code is marked by colour and by a sign before it, which is not copied.
_MARK = """{at} {{ background: color-mix(in srgb, {colour} 22%, transparent); }}
{at}::before {{ content: "{sign}"; position: absolute; left: 0.2rem; font-weight: bold; }}"""
_KINDS = {"wrong": ("#c8374a", "−"), "right": ("#1a8754", "+")}
_LABELS = {"wrong": "Goes wrong", "right": "Is right"}
_CSS = """<style>
[class*="st-key-pitfall_"] [data-testid="stAlert"] :is(pre, code)
{ white-space: pre-wrap !important; overflow-wrap: anywhere; border: 0; padding: 0; margin: 0;
  background: none; }
</style>"""


def pitfalls(page: str, *slides: int) -> None:
    """Show the pitfalls of a page, or those of some slides, and a button that runs all of them."""
    found = [row for row in lookup.pitfalls(page) if not slides or row.slide in slides]
    head(found)
    for row in found:
        draw_row(row)


def head(found: Sequence[Pitfall]) -> None:
    """Say once what Run does, and draw the button that runs all rows."""
    st.caption(
        "Figures are computed now, on this server, by the code that you see; asked again, they "
        "come from memory. Lines that differ are marked. What imports gdviz needs it: "
        "`pip install .` in its folder."
    )
    st.html(_CSS)
    names = [row.row for row in found]
    label = f"Run all {len(names)}"
    st.button(
        label, icon=":material/play_arrow:", key=f"run_{names[0]}_on", on_click=_ask, args=names
    )


def draw_row(row: Pitfall, link: Callable[[], None] | None = None) -> None:
    """Draw a pitfall: its title, both programs, and what they print once it was run.

    `link` draws what opens its setting, beside the title.
    """
    with st.container(border=True, key=f"pitfall_{row.row}"):
        title, button = st.columns([4, 2], vertical_alignment="center")
        title.markdown(f"**{row.row} · {row.title}**")
        with button.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center"
        ):
            if link:
                link()
            icon = ":material/play_arrow:"
            st.button("Run", icon=icon, key=f"run_{row.row}", on_click=_ask, args=[row.row])
        st.caption(row.why)
        _programs(row, row.row in st.session_state.get("pitfalls_run", ()))


def _ask(*names: str) -> None:
    st.session_state["pitfalls_run"] = st.session_state.get("pitfalls_run", set()) | set(names)


def _programs(row: Pitfall, ran: bool) -> None:
    if not row.wrong:
        st.markdown("The tutorial is right as it stands:")
        _program("right", row, row.right, [], ran)
        return
    marks = lines_that_differ(row.wrong, row.right)
    for place, kind, code, lines in zip(
        st.columns(2), _KINDS, (row.wrong, row.right), marks, strict=True
    ):
        with place:
            st.markdown(f"*{_LABELS[kind]}*")
            _program(kind, row, code, lines, ran)


def _program(kind: str, row: Pitfall, code: str, lines: Sequence[int], ran: bool) -> None:
    key = f"code_{row.row}_{kind}"
    with st.container(key=key):
        st.code(code.rstrip(), language="python", wrap_lines=True)
    if lines:
        st.html(_marks(key, kind, lines))
    if ran:
        wrong = kind == "wrong"
        show, icon = (st.error, ":material/close:") if wrong else (st.success, ":material/check:")
        show(f"```text\n{output_of(code)}\n```", icon=icon)


def _marks(key: str, kind: str, lines: Sequence[int]) -> str:
    at = ", ".join(f".st-key-{key} code > span:nth-child({n})" for n in lines)
    colour, sign = _KINDS[kind]
    return f"<style>{_MARK.format(at=f':is({at})', colour=colour, sign=sign)}</style>"
