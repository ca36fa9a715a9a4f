"""What stands beside a figure: its title, all its settings, and an entry for a bibliography."""

from collections.abc import Iterator, Mapping
from typing import Any

from gdviz import __version__
from gdviz.catalogue.lookup import page_of, topic_of
from gdviz.catalogue.pages import entry_of
from gdviz.expressions.update_rule import one_line
from gdviz.knobs import idle, knobs
from gdviz.queries import to_query

HERE = "http://localhost:8501"  # where the app is on the machine of who runs it
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX |= {mark: "\\" + mark for mark in "&%$#_{}"}


def title(spec: Any, page: str = "") -> str:
    """Return the title of the page of these settings, and of the room if they are of one.

    `page` names the page where it is known.

    >>> from gdviz.topics.race import Race
    >>> title(Race())
    'The optimizer race'
    """
    entry = entry_of(page or page_of(spec))
    room = topic_of(spec).removeprefix(entry.stem).removeprefix("_")
    return f"{entry.title}: {entry.rooms[room]}" if room in entry.rooms else entry.title


def settings(spec: Any) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of every setting that counts, those at their default too.

    A value of several lines stands in one.
    """
    unused = set(idle(spec))
    for name in knobs(spec.__class__):
        value = getattr(spec, name)
        if name not in unused:
            text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            yield name, one_line(text) if "\n" in text else text
    for name, value in spec.extra_query().items() if hasattr(spec, "extra_query") else ():
        yield name, str(value)


def caption(spec: Any, step: int | None = None, page: str = "") -> str:
    """Return a caption that says everything the figure depends on."""
    said = [f"{name} = {value}" for name, value in settings(spec)]
    said += [f"step = {step}"] if step is not None else []
    return f"{title(spec, page)}: {'; '.join(said)}. Made with gdviz {__version__}."


def bibtex(spec: Any, step: int | None = None, base: str = HERE, page: str = "") -> str:
    """Return an entry for a bibliography, with the settings in its title and the link to them.

    `base` is the address of the app: where `gdviz run` has it, if it is not known.
    """
    page = page or page_of(spec)
    key = "-".join(["gdviz", topic_of(spec), *([f"step{step}"] if step is not None else [])])
    said = "; ".join(f"{name} = {value}" for name, value in settings(spec))
    extra = {} if step is None else {f"{page}_step": step}
    fields = {
        "title": f"{{{_tex(title(spec, page))} ({_tex(said)})}}",
        "author": "{gdviz contributors}",
        "note": f"gdviz {__version__}",
        "howpublished": _tex(link(f"{base}/{page}", page, spec, extra)),
    }
    rows = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{key},", *rows, "}", ""])


def _tex(text: str) -> str:
    return "".join(_TEX.get(mark, mark) for mark in text)


def link(base: str, page: str, spec: Any, extra: Mapping[str, Any] | None = None) -> str:
    """Return the address that opens a page at these settings; defaults are left out of it.

    A room with settings of its own is named in it.
    """
    room = topic_of(spec).removeprefix(page).removeprefix("_")
    place = {f"{page}_room": room} if room else {}
    query = to_query(spec, prefix=f"{page}_", extra={**place, **(extra or {})})
    return f"{base}?{query}" if query else base
