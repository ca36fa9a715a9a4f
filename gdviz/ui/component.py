"""Our browser components: modules served by a route of the app, mounted by a loader of one line.

Streamlit sends a component's inline source with every answer; a loader keeps that at 300 bytes
and lets the browser cache the modules. They import each other by relative names, and the address
of them all carries one hash of them all, so that no browser mixes old and new ones.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

MODULES = {path.name: path for path in Path(__file__).parent.rglob("*.js")}
TAG = hashlib.sha256(b"".join(MODULES[n].read_bytes() for n in sorted(MODULES))).hexdigest()[:12]

_LOADER = """
const url = new URL('assets/{tag}/{name}.js', document.baseURI).href;
export default (mount) => {{
  let unmount, gone = false;
  import(url).then((module) => {{ if (!gone) unmount = module.default(mount); }});
  return () => {{ gone = true; unmount?.(); }};
}};
"""
_IMPORT = re.compile(r"^import .* from '\./(.+)';\n", re.MULTILINE)


def component(name: str, isolate_styles: bool = False) -> Callable[..., Any]:
    """Return the component whose module is `<name>.js`, in a shadow root if styles are isolated."""
    loader = _LOADER.format(name=name, tag=TAG)
    return st.components.v2.component(f"gdviz_{name}", js=loader, isolate_styles=isolate_styles)


def bundle(name: str) -> str:
    """Return a module and all that it imports as one text, for a file that stands alone."""
    order: dict[str, str] = {}

    def collect(file: str) -> None:
        if file not in order:
            order[file] = ""  # seen: two modules may import each other
            text = MODULES[file].read_text("utf-8")
            for imported in _IMPORT.findall(text):
                collect(imported)
            order[file] = order.pop(file) + _IMPORT.sub("", text)

    collect(f"{name}.js")
    return "\n".join(order.values())
