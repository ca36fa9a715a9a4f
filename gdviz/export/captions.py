"""What stands beside a figure: its title, all its settings, and an entry for a bibliography."""

from collections.abc import Iterator
from typing import Any

from gdviz import __version__
from gdviz.catalogue.lookup import page_of
from gdviz.catalogue.pages import entry_of
from gdviz.knobs import knobs, to_query

_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX |= {mark: "\\" + mark for mark in "&%$#_{}"}


def title(spec: Any, page: str = "") -> str:
    """Return the title of the page of these settings; `page` names it where it is known.

    >>> from gdviz.topics.race import Race
    >>> title(Race())
    'The optimizer race'
    """
    return entry_of(page or page_of(spec)).title


def settings(spec: Any) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of every setting, those at their default too."""
    for name in knobs(spec.__class__):
        value = getattr(spec, name)
        yield name, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    for name, value in spec.extra_query().items() if hasattr(spec, "extra_query") else ():
        yield name, str(value)


def caption(spec: Any, step: int | None = None, page: str = "") -> str:
    """Return a caption that says everything the figure depends on."""
    said = [f"{name} = {value}" for name, value in settings(spec)]
    said += [f"step = {step}"] if step is not None else []
    return f"{title(spec, page)}: {'; '.join(said)}. Made with gdviz {__version__}."


def bibtex(spec: Any, step: int | None = None, base: str = "", page: str = "") -> str:
    """Return an entry for a bibliography, with all settings in its title and the link to them.

    `base` is the address of the app; without it the link begins with the page.
    """
    page = page or page_of(spec)
    extra = {} if step is None else {f"{page}_step": step}
    query = to_query(spec, f"{page}_", extra)
    key = "-".join(["gdviz", page, *([f"step{step}"] if step is not None else [])])
    said = "; ".join(f"{name} = {value}" for name, value in settings(spec))
    fields = {
        "title": f"{{{_tex(title(spec, page))} ({_tex(said)})}}",
        "author": "{gdviz contributors}",
        "note": f"gdviz {__version__}",
        "howpublished": _tex(f"{base}/{page}{'?' if query else ''}{query}"),
    }
    rows = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{key},", *rows, "}", ""])


def _tex(text: str) -> str:
    return "".join(_TEX.get(mark, mark) for mark in text)


def link(base: str, page: str, spec: Any, extra: Any = None) -> str:
    """Return the address that opens a page at these settings; defaults are left out of it."""
    query = to_query(spec, prefix=f"{page}_", extra=extra or {})
    return f"{base}?{query}" if query else base
