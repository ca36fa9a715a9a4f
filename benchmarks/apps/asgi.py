"""The apps for uvicorn: `uvicorn --factory benchmarks.apps.asgi:echo`."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent


def echo() -> st.App:
    """A bare slider and a text."""
    return st.App(HERE / "echo.py")


def chart() -> st.App:
    """A slider and the same picture by `st.plotly_chart`."""
    return st.App(HERE / "chart.py")


def empty() -> st.App:
    """Nothing."""
    return st.App(HERE / "empty.py")
