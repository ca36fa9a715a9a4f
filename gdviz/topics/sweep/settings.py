"""The page of sweeps: what can be swept on it, what a visitor may ask, and that as Python."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from gdviz.catalogue import lookup
from gdviz.knob_texts import format_value
from gdviz.knobs import Choice, Knob, KnobError, Range, Switch, Text, knobs
from gdviz.queries import from_query, to_query

MOST_CELLS, AT_ONCE = 400, 64  # that a visitor may run, and that are run without being asked for
LONGEST = 60.0  # seconds of a visitor's sweep
NONE = "none"
AXES = ("a", "b", "c")


class Swept(NamedTuple):
    """A page that can be swept here: its knobs worth it with values to begin with, its score."""

    label: str
    values: Mapping[str, str]
    first: tuple[str, str]
    score: str
    highest: bool = False


SWEPT = {
    "race": Swept(
        "The optimizer race",
        {
            "methods": "gd,heavy_ball,nesterov,rmsprop,adam",
            "lr": "0.001:0.3:12:log",
            "momentum": "0:0.95:8",
            "surface": "three_hump_camel,rosenbrock,bowl,himmelblau",
            "x0": "-2:2:12",
            "y0": "-1.5:1.5:12",
            "steps": "25,50,100,200",
            "schedule": "constant,exponential,cosine",
            "noise": "0,0.1,0.3,1",
        },
        ("lr", "methods"),
        "f",
    ),
    "descent": Swept(
        "Descent in one dimension",
        {"lr": "0.01:1:10:log", "x0": "-2:2:6", "steps": "10,20,50"},
        ("lr", "x0"),
        "f",
    ),
    "mcmc": Swept(
        "Markov chains",
        {
            "sampler": "rwm,slice,mala,hmc",
            "target": "correlated,banana,three_modes",
            "sigma": "0.3:12:8:log",
            "leap": "0.05:1:6:log",
            "leaps": "4,12,36",
            "draws": "500,1000,2000",
            "chains": "2,4,8",
        },
        ("sigma", "draws"),
        "ess_bulk",
        True,
    ),
    "recommender": Swept(
        "The recommender",
        {
            "factors": "0,2,4,8,16",
            "reg": "0.001:0.3:5:log",
            "lr": "0.01:0.1:4:log",
            "solver": "sgd,adagrad,als",
            "epochs": "20,60",
            "noise": "0.1,0.4,1",
            "spread": "0.01,0.1,0.5",
        },
        ("factors", "reg"),
        "best_test",
    ),
}
_KNOB = Choice({NONE: "nothing"}, "knob")
_VALUES = Text("values", "0.1,0.2 or 0.001:1:20 or, by equal factors, 0.001:1:20:log.", most=300)


@dataclass(frozen=True)
class Sweeping:
    """Everything that the page *sweep* can be asked."""

    page: Annotated[str, Choice({k: s.label for k, s in SWEPT.items()}, "page")] = "race"
    base: Annotated[
        str, Text("its settings", "A link copied from that page; empty: its defaults.", most=2000)
    ] = ""
    knob_a: Annotated[str, _KNOB] = NONE
    values_a: Annotated[str, _VALUES] = ""
    knob_b: Annotated[str, _KNOB] = NONE
    values_b: Annotated[str, _VALUES] = ""
    knob_c: Annotated[str, _KNOB] = NONE
    values_c: Annotated[str, _VALUES] = ""
    seeds: Annotated[int, Range(1, 20, "seeds", "Each mixture so often, by its own luck.")] = 1
    highest: Annotated[bool, Switch("the highest is best")] = False


def declared_knobs(page: str, plain: Mapping[str, Knob]) -> dict[str, Knob]:
    """Return the knobs of the page *sweep*, with the options and defaults of a swept page."""
    swept, found = SWEPT[page], dict(plain)
    names = lookup.method_knobs(page) | knobs(lookup.settings(page))
    options = {NONE: "nothing"} | {k: names[k].kind.label for k in swept.values}
    for place, axis in enumerate(AXES):
        first = swept.first[place] if place < len(swept.first) else NONE
        knob, values = found[f"knob_{axis}"], found[f"values_{axis}"]
        label = ("Over", "and over", "and over")[place]
        kind = _KNOB._replace(options=options, label=label)
        found[knob.name] = knob._replace(kind=kind, default=first)
        found[values.name] = values._replace(default=swept.values.get(first, ""))
    found["highest"] = found["highest"]._replace(default=swept.highest)
    return found


def defaults(page: str) -> dict[str, Any]:
    """Return what a newly chosen page begins with."""
    known = declared_knobs(page, knobs(Sweeping))
    return {n: k.default for n, k in known.items() if n not in ("page", "seeds")}


def base_of(spec: Sweeping) -> Any:
    """Return the settings that are swept around; raise `KnobError` for another page's link."""
    text = spec.base.strip()
    kind = lookup.settings(spec.page)
    if not text:
        return kind()
    try:
        parts = urlsplit(text)
    except ValueError:
        raise KnobError("That is not a link.") from None
    if parts.path.rstrip("/").rpartition("/")[2] != spec.page:
        raise KnobError(f"That is not a link copied from “{SWEPT[spec.page].label}”.")
    start = f"{spec.page}_"
    own = [f.removeprefix(start) for f in parts.query.split("&") if f.startswith(start)]
    return from_query(kind, "&".join(own))


def axes_of(spec: Sweeping) -> dict[str, str]:
    """Return the knobs that are swept, with the texts of their values."""
    chosen = {getattr(spec, f"knob_{a}"): getattr(spec, f"values_{a}") for a in AXES}
    return {name: values for name, values in chosen.items() if name != NONE}


def as_link(page: str, settings: Any) -> str:
    """Return what the field of settings holds for settings."""
    query = to_query(settings, f"{page}_")
    return f"/{page}?{query}" if query else ""


def as_python(settings: Any, over: Mapping[str, tuple[Any, ...]], seeds: int) -> str:
    """Return a short program on the public API that prints the rows of a sweep."""
    kind = type(settings)
    plain = kind()
    told = [
        f"{f.name}={getattr(settings, f.name)!r}"
        for f in fields(settings)
        if getattr(settings, f.name) != getattr(plain, f.name)
    ]
    lines = [f"    {name!r}: {list(values)!r}," for name, values in over.items()]
    more = f", seeds={seeds}" if seeds != 1 else ""
    return "\n".join(
        [
            "from gdviz.sweep import plan, rows",
            f"from {kind.__module__} import {kind.__name__}",
            "",
            "over = {",
            *lines,
            "}",
            f"for row in rows(plan({kind.__name__}({', '.join(told)}), over{more})):",
            "    print(*row.values())",
        ]
    )


def as_command(spec: Sweeping, settings: Any) -> str:
    """Return the command that runs the same sweep."""
    page = as_link(spec.page, settings) or spec.page
    over = " ".join(
        f'--over "{name}={format_value(values)}"' for name, values in axes_of(spec).items()
    )
    seeds = f" --seeds {spec.seeds}" if spec.seeds != 1 else ""
    return f'python -m gdviz sweep "{page}" {over}{seeds} -o sweep.parquet'
