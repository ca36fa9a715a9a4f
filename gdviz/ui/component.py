"""Our browser components: modules served by a route of the app, mounted by a loader of one line.

Streamlit sends a component's inline source with every answer; a loader keeps that at 300 bytes
and lets the browser cache the module.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

MODULES = {path.name: path for path in Path(__file__).parent.rglob("*.js")}

_LOADER = """
const url = new URL('assets/{name}?v={tag}', document.baseURI).href;
export default (mount) => {{
  let unmount, gone = false;
  import(url).then((module) => {{ if (!gone) unmount = module.default(mount); }});
  return () => {{ gone = true; unmount?.(); }};
}};
"""


def component(name: str, isolate_styles: bool = False) -> Callable[..., Any]:
    """Return the component whose module is `<name>.js`, in a shadow root if styles are isolated."""
    file = MODULES[f"{name}.js"]
    tag = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    loader = _LOADER.format(name=file.name, tag=tag)
    return st.components.v2.component(f"gdviz_{name}", js=loader, isolate_styles=isolate_styles)
