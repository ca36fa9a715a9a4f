"""The ASGI app: `gdviz run` serves it by uvicorn, `streamlit run app.py` works too."""

from pathlib import Path

import streamlit as st

from gdviz import ui
from gdviz.server import routes as server
from gdviz.server import security
from gdviz.server.warmup import ready

app = st.App(
    Path(ui.__file__).with_name("shell.py"),
    lifespan=server.lifespan,
    routes=server.routes(),
    middleware=security.middleware(ready),
    on_script_error=server.on_script_error,
)
