"""Our browser components: modules served by a route of the app, mounted by a loader of one line.

Streamlit sends a component's inline source with every answer. A loader keeps that small, and lets
the browser cache the modules. They import each other by relative names. Their address has one
hash of all of them, so that no browser mixes old and new ones.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gdviz.browser.bundle import TAG

_LOADER = """
const url = new URL('assets/{tag}/{name}.js', document.baseURI).href;
export default (mount) => {{
  let unmount, gone = false;
  import(url).then((module) => {{ if (!gone) unmount = module.default(mount); }});
  return () => {{ gone = true; unmount?.(); }};
}};
"""


def component(name: str, isolate_styles: bool = False) -> Callable[..., Any]:
    """Return the component whose module is `<name>.js`, in a shadow root if styles are isolated."""
    loader = _LOADER.format(name=name, tag=TAG)
    return st.components.v2.component(f"gdviz_{name}", js=loader, isolate_styles=isolate_styles)
