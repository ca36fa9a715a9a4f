"""What leaves the app: the link, the trace as CSV, and the stage as one HTML file that plays."""

import base64
import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from gdviz.figures.message import pack
from gdviz.figures.scene import Scene
from gdviz.knobs import to_query
from gdviz.ui.component import bundle
from gdviz.ui.stage import background_message

_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body {{ margin: 1rem auto; max-width: 75rem; font-family: sans-serif; }}</style></head>
<body><h1>{title}</h1><p>{caption}</p><div id="stage"></div>
<script>{plotly}</script>
<script type="module">
{module}
const background = {background};
const bytes = Uint8Array.from(atob("{scene}"), (c) => c.charCodeAt(0));
const scene = {{ ...unpack(bytes), handles: [] }};
const S = create(document.getElementById('stage'), scene.height);
await show(S, window.Plotly, background, scene);
</script></body></html>
"""


def link(base: str, page: str, spec: Any, extra: Mapping[str, Any]) -> str:
    """Return the address that opens the page at these settings; defaults are left out of it."""
    query = to_query(spec, prefix=f"{page}_", extra=extra)
    return f"{base}?{query}" if query else base


def csv_of(runs: Mapping[str, Any]) -> bytes:
    """Return traces as CSV: one row per method and step, every number in full precision."""
    out = io.StringIO()
    writer = csv.writer(out)
    for name, run in runs.items():
        columns = _columns(run)
        writer.writerow(["method", *columns])
        rows = zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True)
        writer.writerows([name, *map(repr, row)] for row in rows)
    return out.getvalue().encode()


def _columns(run: Any) -> dict[str, Any]:
    """Return the numbers of a run by name, one value a step each; a vector is several columns."""
    fields = {"k": run.t} | {
        n: getattr(run.trace, n) for n in run.trace._fields if n not in ("t", "trials")
    }
    tables = {name: values.reshape(len(run.t), -1) for name, values in fields.items()}
    return {
        f"{name}{i}" if table.shape[1] > 1 else name: table[:, i]
        for name, table in tables.items()
        for i in range(table.shape[1])
    }


def html_of(
    background: go.Figure, scene: Scene, title: str, caption: str, height: int = 560
) -> bytes:
    """Return one HTML file that plays the scene offline: Plotly, the stage and the data inside."""
    tag, message = background_message(background)
    packed = pack(
        scene, background=tag, height=height, large=False, echo=None, step=None, download=None
    )
    return _HTML.format(
        title=_escaped(title),
        caption=_escaped(caption),
        plotly=get_plotlyjs(),
        module=bundle("stage"),
        background=_in_script(message.decode()),
        scene=base64.b64encode(packed).decode(),
    ).encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _in_script(text: str) -> str:
    """JSON inside a script element must not be able to close it."""
    return json.dumps(json.loads(text)).replace("<", "\\u003c")
