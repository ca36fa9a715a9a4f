"""What a kept link opens and shows: its settings, a digest of its numbers, what a program prints.

`tests/reference/make_links.py` records it, and `tests/test_links_kept.py` compares it.
"""

import ast
import contextlib
import io
import math
import re
import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from zlib import crc32

import numpy as np

from gdviz import cli
from gdviz.catalogue import lookup
from gdviz.cli.pages import names
from gdviz.export import tables
from gdviz.knobs import knobs
from gdviz.queries import from_query

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\b(?:nan|inf)\b")
FULL = 1e-9  # how near a norm must be, as a share, where rounding is not magnified

__all__ = ["FULL", "asked", "command_line", "digest", "from_query", "names", "opened",
           "lookup", "pinned", "printed", "settings_of", "unlike", "unlike_text"]  # fmt: skip


class Asked(NamedTuple):
    """The page or room that a link opens, its settings, and the step."""

    page: str
    spec: Any
    step: int | None


def asked(link: str) -> Asked:
    """Return what a link opens as the app reads it: what is not valid becomes the default.

    The command line is stricter: it refuses a link that is damaged.
    """
    path, _, query = link.partition("?")
    page = path.rpartition("/")[2]
    fields = {
        name.removeprefix(f"{page}_"): texts
        for name, texts in parse_qs(query, keep_blank_values=True).items()
        if name.startswith(f"{page}_")
    }
    room, text = (fields.get(name, [""])[0] for name in ("room", "step"))
    place = f"{page}_{room}" if f"{page}_{room}" in names() else page
    step = int(text) if text.isdecimal() and len(text) < 7 else None
    return Asked(place, from_query(lookup.settings(place), fields), step)


def settings_of(spec: Any) -> dict[str, Any]:
    """Return settings as plain values, by the names that stand in links."""
    own = {name: getattr(spec, name) for name in knobs(type(spec))}
    more = spec.extra_query() if hasattr(spec, "extra_query") else {}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in (own | more).items()}


def opened(link: str) -> dict[str, Any]:
    """Return what a link opens: page, step, settings, and the settings of each pin."""
    page, spec, step = asked(link)
    return {"page": page, "step": step, "settings": settings_of(spec), "pins": pinned(link)}


def pinned(link: str) -> list[dict[str, Any]]:
    """Return the settings of the pins of a link."""
    path, _, query = link.partition("?")
    page = path.rpartition("/")[2]
    pins = parse_qs(query).get(f"{page}_pin", [])
    return [settings_of(from_query(lookup.settings(page), pin)) for pin in pins]


# --- numbers --------------------------------------------------------------------------------------


@cache
def digest(spec: Any) -> dict[str, Any]:
    """Return the digest of each table of what settings show, or the sentence that says why none."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = tables(lookup.numbers(spec))
        except ValueError as error:
            return {"refused": type(error).__name__}
    return {name: _of_table(columns) for name, columns in found.items()}


def _of_table(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return names, rows, how many numbers are not finite, a scale, and two sums at that scale.

    The second sum has a weight for each place, so that it knows an order from another. The scale
    is the largest magnitude: a norm of numbers near 1e300 would overflow.
    """
    values = np.concatenate([np.ravel(v).astype(float) for v in columns.values()])
    finite = values[np.isfinite(values)]
    scale = float(np.abs(finite).max(initial=0.0)) or 1.0
    weights = np.cos(np.arange(len(finite)))
    return {
        "columns": _named(columns),
        "rows": len(next(iter(columns.values()))),
        "nan": int(np.isnan(values).sum()),
        "infinite": int(np.isinf(values).sum()),
        "scale": _short(scale),
        "norm": _short(np.linalg.norm(finite / scale)),
        "weighted": _short(weights @ (finite / scale)),
    }


def _short(value: Any) -> float:
    return float(f"{value:.12g}")


def _named(columns: Iterable[str]) -> str:
    """Return the names of columns; of many, their number and a sum that knows each letter."""
    text = " ".join(columns)
    return text if len(text) < 150 else f"{len(text.split())} columns, {crc32(text.encode()):08x}"


def unlike(found: Mapping[str, Any], kept: Mapping[str, Any], share: float | None) -> str:
    """Return how the digest of settings differs from a kept one, nothing if it does not.

    `share` is how far a number may move, as a share of all; None where rounding decides the path,
    so that only the names of tables and columns are held.
    """
    if found.keys() != kept.keys() or "refused" in kept:
        return "" if found == kept else f"{sorted(found)} instead of {sorted(kept)}"
    for name, table in kept.items():
        if found[name]["columns"] != table["columns"]:
            return f"{name}: the columns are {found[name]['columns'][:200]}"
        if share is not None and (why := _unlike_numbers(found[name], table, share)):
            return f"{name}: {why}"
    return ""


def _unlike_numbers(found: Mapping[str, Any], kept: Mapping[str, Any], share: float) -> str:
    for name in ("rows", "nan", "infinite"):
        if found[name] != kept[name]:
            return f"{name} {found[name]} instead of {kept[name]}"
    if not math.isclose(found["scale"], kept["scale"], rel_tol=share):
        return f"scale {found['scale']!r} instead of {kept['scale']!r}"
    for name in ("norm", "weighted"):
        if abs(found[name] - kept[name]) > share * kept["norm"]:
            return f"{name} {found[name]!r} instead of {kept[name]!r}"
    return ""


# --- pages ----------------------------------------------------------------------------------------


def shown(link: str) -> dict[str, Any]:
    """Open a link as a page: return the link that the page then says, and its tables' digests.

    Also how many sentences stand there in red.
    """
    from test_pages import open_page

    path, _, query = link.partition("?")
    at = open_page(path.strip("/"), parse_qs(query), menus=False)
    assert not at.exception, f"{link}: {at.exception[0].message}"
    return {
        "says": {name: at.query_params[name] for name in sorted(at.query_params)},
        "tables": [_of_frame(element.value) for element in at.dataframe],
        "errors": len(at.error),
    }


def _of_frame(frame: Any) -> dict[str, Any]:
    """Return the digest of the columns of numbers of a table on a page; words may be reworded."""
    plain = getattr(frame, "data", frame)
    numbers = [plain[name].to_numpy() for name in plain if plain[name].dtype.kind in "iuf"]
    about = {str(i): values for i, values in enumerate(numbers)}
    return _of_table(about or {"0": np.zeros(len(plain))})


# --- programs and the command line ----------------------------------------------------------------


def imports(program: str) -> str:
    """Return the imports of a program, and no more of it."""
    lines = ast.parse(program).body
    return "\n".join(
        ast.unparse(one) for one in lines if isinstance(one, ast.Import | ast.ImportFrom)
    )


def printed(program: str) -> str:
    """Run a program and return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(program, {"__name__": "copied"})
    return out.getvalue()


def unlike_text(found: str, kept: str, share: float | None) -> str:
    """Return how a print differs from a kept one: words must be the same, numbers near."""
    if NUMBER.sub("#", found).split() != NUMBER.sub("#", kept).split():
        return "" if share is None else f"it prints {found[:300]!r} instead of {kept[:300]!r}"
    numbers = [list(map(float, NUMBER.findall(text))) for text in (found, kept)]
    for one, other in zip(*numbers, strict=True):
        near = math.isclose(one, other, rel_tol=share or 1, abs_tol=share or math.inf)
        if not near and not (math.isnan(one) and math.isnan(other)):
            return f"it prints {one!r} instead of {other!r}"
    return ""


def command_line() -> dict[str, list[str]]:
    """Return the options of each command and of each page, hidden ones too, by name."""
    from click import Context, Group

    found = {}
    for name, command in cli.main.commands.items():
        found[name] = _options(command)
        if isinstance(command, Group):
            about = Context(command)
            pages: Iterable[str] = command.list_commands(about)
            found |= {
                f"{name} {page}": _options(command.get_command(about, page)) for page in pages
            }
    return found


def _options(command: Any) -> list[str]:
    return sorted(text for p in command.params for text in [*p.opts, *p.secondary_opts])
