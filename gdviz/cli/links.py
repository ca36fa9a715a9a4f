"""Links of the app on the command line: a field that is not understood is an error."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from gdviz.catalogue import lookup
from gdviz.cli.idle import awake
from gdviz.cli.pages import first_rooms, names, titles
from gdviz.knob_texts import parse
from gdviz.knobs import KnobError, knobs, well_formed
from gdviz.queries import IN_TAB, MOST_FIELDS, from_query

OF_THE_APP = {"lecture", "hide", "tour", "stop", "embed", "embed_options", "heard"}
OF_A_PAGE = {"pin", "tab", "view"}


class Asked(NamedTuple):
    """What stands in place of options: a page, its settings, the step, and where the app is."""

    page: str
    spec: Any = None
    step: int | None = None
    base: str = ""


def from_link(text: str) -> Asked:
    """Return what a link of the app opens.

    Raises `KnobError`, which names the field, for a link that the app would not have written: to
    another page, with a field that is unknown, damaged or out of bounds, or that another one is
    missing for.
    """
    base, page, fields = _parts(text)
    found = {name.removeprefix(f"{page}_"): texts for name, texts in fields.items()}
    room = _once(page, "room", found) if "room" in _rooms(page) else None
    step = _once(page, "step", found)
    place = _place(page, room or "")
    spec = _settings(place, page, found)
    return Asked(place, spec, None if step is None else _step(page, step), base)


def _once(page: str, name: str, found: dict[str, list[str]]) -> str | None:
    """Take a field out of those of a link, and return its text; raise `KnobError` for several."""
    texts = found.pop(name, [])
    if len(texts) > 1:
        raise KnobError(f"{page}_{name}: it is given {len(texts)} times.")
    return texts[0] if texts else None


def _parts(text: str) -> tuple[str, str, dict[str, list[str]]]:
    """Return where the app is, the page, and the fields but for those of the app as a whole."""
    try:
        parts = urlsplit(text)
        fields = parse_qs(parts.query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise KnobError(f"“{text[:60]}” is not a link.") from None
    path, _, page = parts.path.rstrip("/").rpartition("/")
    if page not in titles():
        raise KnobError(f"“{page[:40]}” is not a page with settings.")
    own = {name: texts for name, texts in fields.items() if name not in OF_THE_APP}
    for name in own:
        if not name.startswith(f"{page}_"):
            raise KnobError(f"“{name[:40]}” is not a field of a link to {page}.")
    return f"{parts.scheme}://{parts.netloc}{path}" if parts.netloc else "", page, own


def _rooms(page: str) -> set[str]:
    """Return the fields that choose a room with settings of its own."""
    return {"room"} if any(name.startswith(f"{page}_") for name in names()) else set()


def _place(page: str, room: str) -> str:
    """Return the page, or the room of it that a link names."""
    if not room or room == first_rooms().get(page):
        return page
    if f"{page}_{room}" not in names():
        raise KnobError(f"{page}_room: “{room[:40]}” is not a room of {page}.")
    return f"{page}_{room}"


def _settings(place: str, page: str, found: Mapping[str, list[str]]) -> Any:
    """Return the settings that the fields of a link say, each checked."""
    kind = lookup.settings(place)
    declared, spec = knobs(kind), from_query(kind, found)
    for name, texts in found.items():
        try:
            if name in declared:
                well_formed(declared[name], parse(declared[name], texts))
            elif name not in OF_A_PAGE and not name.startswith(IN_TAB):
                _check_more(place, spec, name, texts)
        except KnobError as error:
            raise KnobError(f"{page}_{name}: {error}") from None
    given = {name: getattr(spec, name) for name in found if name in declared}
    return awake(place, spec, given, lambda name: f"{page}_{name}", written=True)


def _check_more(place: str, spec: Any, name: str, texts: list[str]) -> None:
    """Raise `KnobError` unless a field that is no knob of the page is whole in its settings."""
    more = lookup.method_knobs(place)
    again = spec.extra_query().get(name) if hasattr(spec, "extra_query") else None
    if again is None and name in more:
        if parse(more[name], texts) != more[name].default:
            raise KnobError("nothing on the page takes it with these settings.")
    elif again is None:
        raise KnobError("it is unknown, or damaged.")
    elif isinstance(again, str) and _shape(again) != _shape(texts[-1]):
        raise KnobError("it is cut short, or damaged.")


def _shape(text: str) -> tuple[int, ...]:
    return tuple(map(text.count, ";,"))


def _step(page: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    raise KnobError(f"{page}_step: “{text[:20]}” is not a step.")
