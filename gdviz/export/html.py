"""The stage as one HTML file that plays offline."""

import base64
import json

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from gdviz.browser.bundle import bundle
from gdviz.figures.explorer import Explorer
from gdviz.figures.marks import with_marks
from gdviz.figures.scene import Scene
from gdviz.figures.wire_format import background_message, pack

_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light; background: #fff; color: #1b1f24; }}
body {{ margin: 0 auto; padding: 1rem; max-width: 75rem; font-family: sans-serif; }}
p {{ overflow-wrap: anywhere; }}
@media (max-height: 700px) {{
  .framed body {{ padding: 0.3rem; }}
  .framed :is(h1, .caption) {{ display: none; }}
}}
@media (max-width: 640px) {{
  #stage .gd-bar {{ flex-wrap: wrap; height: auto; }}
  #stage .gd-readings {{ flex: 1 1 100%; min-width: 0; padding: 0; white-space: pre-wrap; }}
}}
</style></head>
<body><h1>{title}</h1><p class="caption">{caption}</p><div id="stage"></div>
<script>{plotly}</script>
<script type="module">
{module}
const root = document.getElementById('stage');
const S = await standAlone(root, window.Plotly, {background}, "{scene}");
{explore}
</script></body></html>
"""


def html_of(
    background: go.Figure,
    scene: Scene,
    title: str,
    caption: str,
    height: int = 560,
    explorer: Explorer | None = None,
) -> bytes:
    """Return one HTML file that plays the scene offline: Plotly, the stage and the data inside.

    With an `explorer` the start is dragged and knobs are turned in the file, too.
    """
    tag, message = background_message(background)
    header = {"large": False, "echo": None, "step": None, "download": None}
    drawn = scene if explorer else with_marks(scene, background)
    packed = pack(drawn, background=tag, height=height, **header)
    return _HTML.format(
        title=_escaped(title),
        caption=_escaped(caption),
        plotly=get_plotlyjs(),
        module=bundle("standalone", *(["explore"] if explorer else [])),
        background=_in_script(message.decode()),
        scene=base64.b64encode(packed).decode(),
        explore=_call(explorer) if explorer else "",
    ).encode()


def _call(explorer: Explorer) -> str:
    """Return the call that makes the stage movable: code of ours, and plain data."""
    return f"explore(S, {explorer.code}, {_in_script(json.dumps(explorer.told))});"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _in_script(text: str) -> str:
    """JSON inside a script element must not be able to close it."""
    return json.dumps(json.loads(text)).replace("<", "\\u003c")
