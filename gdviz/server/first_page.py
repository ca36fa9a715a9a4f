"""The first HTML of a visit, which says at once what it is and that it loads; Home shows its cards.

Streamlit's own is empty until its scripts are there, which takes a slow line a while. The page
replaces our words.
"""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gdviz.browser.bundle import MODULES, OF_FILES, OF_HALLS, OF_HANDS, TAG
from gdviz.catalogue.lookup import has_card
from gdviz.catalogue.pages import PAGES, Entry
from gdviz.server import packing, warmup
from gdviz.server.assets import PLOTLY_URL

STATIC = Path(streamlit.__file__).parent / "static"
KINDS = {"js": "text/javascript", "css": "text/css"}
ROOT = '<div id="root"></div>'
COVER, FIRST_ROW = ("cover.js", "numerals.js"), 5  # what Home shows at once, and how many cards
_STYLE_SHEET = re.compile(r'<link rel="stylesheet"[^>]*>')
_WORDS = """<div id="root"><style>
.first {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto 0;
  padding: 1rem; }}
.first a {{ color: inherit; }}
.first:has(nav) {{ margin-top: 8vh; max-width: 75rem; }}
.first nav {{ display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr)); }}
.first nav img {{ display: block; width: 100%; aspect-ratio: 16 / 9; border-radius: 6px; }}
:root {{ color-scheme: light dark; }}
</style><main class="first">{name}
<h1>{title}</h1><p>{sentence}</p>
<p role="status">Loading. On a slow line the first visit takes some seconds,
the next ones do not.</p>{cards}
</main></div>"""
_NAME = "<p><b>gdviz</b> lets you see the calculus under machine learning.</p>"
_CARD = '<a href="./{stem}"><img src="./card/{stem}" alt="">{title}</a>'


# Streamlit's grey bars shimmer until what they stand for is there. A machine without a graphics
# card then draws sixty pictures a second, in the time in which it has a page to make.
_STILL = "<style>[data-testid=stSkeleton] { &, & * { animation: none !important } }</style>"


def html_of(entry: Entry) -> str:
    """Return Streamlit's first HTML with the words of a page in it.

    Its style sheet comes behind the words, or they would wait for it; Plotly is asked for early.
    """
    html = (STATIC / "index.html").read_text("utf-8")
    sheets = "".join(_STYLE_SHEET.findall(html))
    home = entry == PAGES[0]
    words = _WORDS.format(
        name="" if home else _NAME,
        title="gdviz" if home else escape(entry.title),
        sentence=escape(entry.sentence),
        cards=_cards() if home else "",
    )
    html = _STYLE_SHEET.sub("", html).replace(ROOT, words + sheets)
    title = f"{entry.title} · gdviz"
    head = f'<meta name="description" content="{escape(entry.sentence)}">{_STILL}'
    head += "".join(_early(entry))
    html = html.replace("<title>Streamlit</title>", f"<title>{escape(title)}</title>")
    return html.replace("</head>", f"{head}</head>")


def _cards() -> str:
    """Return the first row of the cards of Home, as links that need nothing else."""
    first = [page for page in PAGES if has_card(page.stem)][:FIRST_ROW]
    cards = (_CARD.format(stem=page.stem, title=escape(page.title)) for page in first)
    return f'<nav aria-label="Pages">{"".join(cards)}</nav>'


def _early(entry: Entry) -> Iterator[str]:
    """Give the links that ask early for what a page will need."""
    # Modules import each other, and each step of that would be one way there and back.
    own = sorted(MODULES.keys() - OF_FILES - OF_HALLS - set(OF_HANDS))
    modules = own if entry.has_settings else COVER if entry == PAGES[0] else ()
    for name in modules:
        yield f'<link rel="modulepreload" href="./assets/{TAG}/{name}">'
    if entry.has_settings:
        yield f'<link rel="preload" as="script" fetchpriority="low" href=".{PLOTLY_URL}">'


def _page(entry: Entry) -> Route:
    html = html_of(entry)

    async def first(request: Request) -> Response:
        if entry == PAGES[0] and "hall" in request.query_params:
            return RedirectResponse(f"hall?{urlencode({'code': request.query_params['hall']})}")
        warmup.ask_for(entry.stem, request.url.query)
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    return Route("/" if entry == PAGES[0] else f"/{entry.stem}", first)


class Scripts:
    """ASGI middleware that answers with Streamlit's scripts and style sheets, packed.

    Their names have a hash. Streamlit sends them as they are, and reserves their path.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.files = {
            f"/static/{kind}/{file.name}": file
            for kind in KINDS
            for file in (STATIC / "static" / kind).glob(f"*.{kind}")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self.files.get(scope["path"]) if scope["type"] == "http" else None
        if file is None or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        response = await packing.answer(
            Request(scope), file, KINDS[file.suffix[1:]], packing.A_YEAR
        )
        await response(scope, receive, send)


def routes() -> list[BaseRoute]:
    """Return the routes of the first HTML of every page."""
    return [_page(entry) for entry in PAGES]
