"""A page of dials for test_browser_dial.py: `uvicorn --app-dir tests/apps dial_app:app`."""

import streamlit as st

from gdviz.server import routes as server
from gdviz.ui.dial import Mark, dial


def knobs() -> bool:
    """Draw one dial of each kind and return whether a hand holds one."""
    large = "large" in st.query_params
    lr = st.number_input(
        "Learning rate η", 1e-4, 1.0, 0.1, key="lr", bind="query-params", format="%g"
    )
    marks = [Mark(0.05, "1/L"), Mark(0.1, "2/L"), Mark(5.0, "outside")]
    down = [
        dial(
            "lr",
            label="learning rate",
            lo=1e-4,
            hi=1.0,
            value=lr,
            log=True,
            marks=marks,
            large=large,
        )
    ]
    beta = st.number_input(
        "Momentum β", 0.0, 1.0, 0.9, key="beta", bind="query-params", format="%g"
    )
    optimum = [
        Mark(0.6180339887, "optimal β"),
        Mark(0.62, "crowded out by its neighbour"),
        Mark(1.0, "limit <b>β</b>"),
    ]
    down += [dial("beta", label="momentum", lo=0.0, hi=1.0, value=beta, marks=optimum, large=large)]
    steps = st.number_input("Steps", 1, 5000, 100, key="steps", bind="query-params")
    down += [
        dial(
            "steps", label="steps", lo=1, hi=5000, value=steps, log=True, integer=True, large=large
        )
    ]
    x = st.number_input("Start x", -5.0, 5.0, 1.5, key="x", bind="query-params", format="%g")
    down += [dial("x", label="start", lo=-5, hi=5, value=x, large=large)]
    st.number_input("Fixed", 0.0, 1.0, 0.3, disabled=True)
    dial(
        "fixed",
        label="fixed",
        lo=0,
        hi=1,
        value=0.3,
        marks=[Mark(0.5, "half")],
        disabled=True,
        large=large,
    )
    st.text(f"live lr={lr!r} beta={beta!r} steps={steps!r} x={x!r} down={any(down)}")
    return any(down)


@st.fragment
def live() -> None:
    """Follow the hand with this fragment only and rerun the page once it lets go."""
    held = st.session_state.get("held", False)
    st.session_state.held = knobs()
    if held and not st.session_state.held:
        st.rerun()


def page() -> None:
    """Draw the dials and, outside their fragment, what the page knew when it last ran."""
    left, _ = st.columns([1, 2])
    with left:
        live()
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    st.text(f"page runs={st.session_state.runs} lr={st.session_state.lr!r}")


if __name__ == "__main__":  # run by Streamlit as the page's script
    page()
else:  # imported by uvicorn
    app = st.App(__file__, routes=server.routes())
