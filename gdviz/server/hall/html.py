"""The pages of a phone: the door, where a code is typed, and the hall itself.

No page of Streamlit: five hundred of those would run a script each time the lecturer lets go, and
load eight times as much. The stage, its player and its colours are the same modules.
"""

from html import escape

from gdviz.browser.bundle import TAG
from gdviz.server.assets import PLOTLY_URL
from gdviz.server.hall.hall import LENGTH, spell

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} · gdviz</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; --st-text-color: #31333f; --st-background-color: #fff;
  --st-border-color: #ccc; --st-primary-color: #0067b0; --st-font: system-ui, sans-serif; }}
@media (prefers-color-scheme: dark) {{ :root {{ --st-text-color: #fafafa;
  --st-background-color: #0e1117; --st-border-color: #555; --st-primary-color: #6cb6ff; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 0.6rem 1rem 1rem; max-width: 75rem; color: var(--st-text-color);
  background: var(--st-background-color); font: 1rem/1.4 var(--st-font); }}
h1 {{ font-size: 1.15rem; margin: 0.4rem 0; }}
a {{ color: var(--st-primary-color); }}
header {{ display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 1rem; }}
header [role=status] {{ order: 1; flex: 1 1 100%; min-height: 1.4em; }}
header b {{ flex: 1 1 auto; }}
header a, button, input {{ min-height: 44px; font: inherit; }}
header a {{ display: inline-flex; align-items: center; }}
.asking :is(.gd-bar, .gd-reveal) {{ display: none !important; }}
input {{ padding: 0 0.6rem; font-size: 1.2rem; max-width: 100%; }}
</style></head>
"""
_DOOR = """<body><main><h1>Join a hall</h1>
<p role="status">{words}</p>
<form action="{action}"><p><label for="code">The code that the lecturer shows</label></p>
<p><input id="code" name="code" required autocomplete="off" autocapitalize="characters"
 spellcheck="false" maxlength="20" size="{size}" placeholder="K7MP-2QR0"> <button>Join</button></p>
</form></main></body></html>"""
_HALL = """<body>
<header><b>Hall {spaced}</b><span id="said" role="status">One moment …</span>
<a id="roam" hidden>Roam on your own</a></header>
<main><h1 id="title">gdviz</h1><div id="asked"></div><div id="stage"></div></main>
<script type="module" src="../assets/{tag}/hall_page.js"></script>
<script type="application/json" id="hall">{{"plotly": "..{plotly}", "code": "{code}"}}</script>
</body></html>"""


def html_of_door(words: str, action: str = "hall") -> str:
    """Return the page where a code is typed, with a sentence on the last one."""
    door = _DOOR.format(words=escape(words), action=action, size=LENGTH + 3)
    return _HEAD.format(title="Join a hall") + door


def html_of_hall(code: str) -> str:
    """Return the page of a phone that follows a hall."""
    about = {"spaced": spell(code), "code": code, "tag": TAG, "plotly": PLOTLY_URL}
    return _HEAD.format(title=f"Hall {spell(code)}") + _HALL.format(**about)
