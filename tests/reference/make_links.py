"""Record what links open and show today, so that a link that somebody kept goes on to open it.

    python tests/reference/make_links.py

writes `links.json` and `sweep.parquet` beside this file. Run it again only when what a page shows
is meant to be another: then say so in the changelog, and record no more than that.

For each link: the settings that it opens (as differences from the page's defaults) and a digest of
its numbers. Every run is repeated with each real setting moved by one unit in the last place. What
that changes, rounding on another processor may change too: `share` allows a thousand times as much,
and never less than 1e-9. Where it changes how long a run is, or more than `LARGEST`, rounding
decides the path; `share` is null, and only the names of tables and columns are kept. Numbers that
take longer than `LONGEST` are not recorded, but those of presets.
"""

import datetime
import json
import math
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]
os.environ["GDVIZ_DATA"] = os.devnull  # nothing that is not in the repository

import kept_links as kept  # noqa: E402

from gdviz.catalogue import lookup as catalogue  # noqa: E402
from gdviz.knobs import Choice, Choices, Range, Switch, knobs  # noqa: E402
from gdviz.queries import to_query  # noqa: E402

LONGEST, LARGEST, MAGNIFIED = 0.03, 1e-4, 1000
SLOWEST = 0.5  # seconds of a page
TYPED = {
    "descent": {"function": ["typed"], "formula": ["x^4 - 3x^2 + x", "exp(-x**2)*cos(5*x)", "1/0"]},
    "race": {
        "surface": ["typed"],
        "formula": ["x**4 + y**4 - 3*x*y", "log(1+x^2) + abs(y)", "x +"],
    },
    "regression": {"data": ["own"], "points": ["0,1 1,3 2,2 4,5", "0,1 0,2", "nan"]},
    "backprop": {"data": ["plane", "curve"], "formula": ["x**2/2 - 1", "exp(x)/4", "import os"]},
    "recommender": {"mine": ["1:5,2:1", "x"], "film": ["a", ""]},
    "integration": {"function": ["typed"], "formula": ["1/(1+x^2)", "sqrt(x)*log(1+x)", "x)("]},
    "importance": {"h": ["x^2", "exp(-abs(x))", "heaviside(x - 3)", "y"]},
    "mcmc": {"target": ["typed"], "formula": ["-x^2/2 - y^2/2", "-(x - y)**4", "zz"]},
    "geometry": {"room": ["transport"], "way": ["loop"], "loop": ["0,1 1,1 1,2", "?"]},
    "backprop_chain": {"expression": ["sin(a*b) + a", "(a"], "values": ["a=2, b=3", "a=1"]},
    "backprop_layer": {"weights": ["1, 2; 3, 4", "1", "x"]},
}
OWN = [  # what a link says beyond the knobs of a page
    "/race?race_gd_lr=0.002&race_adam_lr=0.2&race_adam_beta1=0.5",
    "/race?race_methods=adam&race_methods=gd&race_adam_beta2=2&race_gd_lr=nan",
    "/race?race_methods=rmsprop&race_rmsprop_centered=true&race_rmsprop_momentum=0.5",
    "/race?race_methods=lbfgs&race_lbfgs_memory=3&race_steps=20",
    "/race?race_methods=nelder_mead&race_nelder_mead_edge=0.3",
    "/race?race_nadam_lr=0.5",
    "/integration?integration_quantity=probability&integration_density=gamma"
    "&integration_gamma_shape=2.5&integration_gamma_scale=0.5",
    "/integration?integration_quantity=expectation&integration_density=student_t"
    "&integration_student_t_df=7&integration_rule=gauss_legendre&integration_n=40",
    "/integration?integration_quantity=probability&integration_density=typed"
    "&integration_density_text=exp(-x**4)&integration_low=-3&integration_high=3",
    "/backprop?backprop_data=own&backprop_unit=1.2&backprop_epochs=30",
    "/backprop?backprop_points=0.1,0.2,1;-0.4,0.5,0&backprop_data=own&backprop_epochs=30",
    "/backprop?backprop_past=40:lr=0.1&backprop_epochs=30",
]
FIRST = {  # the methods that a page is asked for beside its own defaults, where they are many
    "race_methods": "surface=rosenbrock&steps=40",
    "descent_methods": "steps=30",
}
PARTS = {  # how many rows there are: one more or less is no rounding
    ("backprop", "share"), ("regression_many", "held"), ("regression_houses", "kept"),
    ("recommender", "filled"),
}  # fmt: skip
STEPS = ["0", "3", "007", "-1", "1e3", "99999999"]
HOSTILE = {
    "nan": "nan", "infinite": "-inf", "huge": "9" * 400, "markup": "<script>", "empty": "",
    "long": "x" * 500, "unit": "1.2345678901234567", "nul": "\0", "true": "maybe",
}  # fmt: skip


def address(name: str, query: str = "") -> str:
    """Return the link to a page or a room, whose settings have the prefix of the page."""
    page, _, room = name.partition("_") if name in ROOMS else (name, "", "")
    pairs = [f"{page}_{part}" for part in query.split("&") if part]
    pairs += [f"{page}_room={room}"] if room else []
    return f"/{page}" + ("?" + "&".join(pairs) if pairs else "")


ELSEWHERE = ("regression_houses",)  # its data is not in the repository
ROOMS = ("regression_many", "regression_houses", "backprop_chain", "backprop_layer")


def queries(name: str) -> Iterator[str]:
    """Yield what a page is asked: defaults, presets, every option, extremes, formulas, nonsense."""
    kind = catalogue.settings(name)
    yield ""
    yield from (to_query(kind(**preset.values)) for preset in catalogue.presets(name))
    for key, knob in knobs(kind).items():
        if isinstance(knob.kind, Choice | Choices):
            base = FIRST.get(f"{name}_{key}", "")
            yield from ("&".join(filter(None, (base, f"{key}={o}"))) for o in knob.kind.options)
        if isinstance(knob.kind, Switch):
            yield f"{key}={str(not knob.default).lower()}"
        if isinstance(knob.kind, Range):
            yield from _numbers(key, knob)
    yield from _typed(TYPED.get(name, {}))
    number = next(key for key, knob in knobs(kind).items() if not isinstance(knob.kind, Choice))
    yield from (urlencode({number: text, "unknown": text}) for text in HOSTILE.values())
    yield from (f"step={step}" for step in STEPS)
    yield "&".join(f"{number}={text}" for text in ("1", "2"))


def _numbers(key: str, knob: Any) -> Iterator[str]:
    """Yield both bounds of a number, one beyond, and one with all digits."""
    lo, hi = knob.kind.lo, knob.kind.hi
    within = lo + (hi - lo) * 0.1234567890123456
    for value in (lo, hi, hi + 1 + abs(hi), round(within) if knob.type is int else within):
        yield f"{key}={value!r}"


def _typed(texts: dict[str, list[str]]) -> Iterator[str]:
    *before, last = texts or [""]
    fixed = [(key, value) for key in before for value in texts[key][:1]]
    for text in texts.get(last, []):
        yield urlencode([*fixed, (last, text)])
    for key in before:
        yield from (urlencode({key: text}) for text in texts[key])


def links() -> Iterator[str]:
    """Yield every link, once."""
    found = [address(name, query) for name in kept.names() for query in queries(name)]
    for page in (name for name in kept.names() if name not in ROOMS):
        some = catalogue.presets(page)[:2]
        pins = [to_query(catalogue.settings(page)(**preset.values)) for preset in some]
        found.append(f"/{page}?" + urlencode([(f"{page}_pin", p) for p in [*pins, "lr=nan"]]))
    yield from dict.fromkeys(found + OWN)


TABS = ("Curves", "Numbers", "Maths", "Code", "Pitfalls")
VIEWS = {
    "descent": "curves cobweb bifurcation basins map",
    "race": "curves board relief basins knobs sensitivity phase",
    "regression": "loss scaling floor",
    "regression_many": "path",
    "backprop": "losses slow health spaces slice map errors",
    "recommender": "who grid rates solvers ladder lists",
    "integration": "errors tree romberg maps failures means dimensions",
    "importance": "repeats tail dimension ways",
    "mcmc": "diagnosis fit energy sweep samplers errors",
    "geometry": "lengths surface ladders",
    "references": "all race mcmc",
}
OTHERS = [
    "/home",
    "/pitfalls?pitfalls_3=true",
    "/references?references_view=nobody",
    "/sweep?sweep_page=descent&sweep_view=best",
    "/sweep?sweep_page=descent&sweep_view=code&sweep_highest=true",
    "/sweep?sweep_page=mcmc&sweep_view=words&sweep_knob_a=draws&sweep_values_a=200,300",
    "/sweep?sweep_page=descent&sweep_knob_a=lr&sweep_values_a=0.1,0.2&sweep_knob_b=none",
    "/sweep?sweep_page=importance&sweep_seeds=2",
]


def places() -> Iterator[str]:
    """Yield links to tabs, views and rooms, and to the pages that have no settings."""
    here = [name for name in kept.names() if name not in ELSEWHERE]
    for name in here:
        yield from (address(name, f"tab={tab}") for tab in TABS)
    for name, views in VIEWS.items():
        yield from (address(name, f"view={view}") for view in views.split())
    yield from (address(room) for room in ROOMS if room in here)
    yield from OTHERS


def place(link: str) -> dict[str, Any] | None:
    """Return what a page shows, None if it takes too long; a table that measures time is null."""
    before = kept.shown(link)
    start = time.process_time()
    kept.shown(link)
    if time.process_time() - start > SLOWEST:
        return None
    forget()
    about = kept.shown(link)
    pairs = zip(before["tables"], about["tables"], strict=True)
    about["tables"] = [one if one == other else None for one, other in pairs]
    return {"link": link} | about


# --- what they show -------------------------------------------------------------------------------


def moved(spec: Any) -> list[Any]:
    """Return settings with every real number moved by one unit in the last place, up and down."""
    return [replace(spec, **dict(_beside(spec, way))) for way in (math.inf, -math.inf)]


def _beside(spec: Any, way: float) -> Iterator[tuple[str, float]]:
    """Yield the real settings, moved; a bound stays, and a zero, which has no last place."""
    owner = catalogue.home_of(spec)
    for name, knob in knobs(type(spec)).items():
        if knob.type is float and isinstance(knob.kind, Range) and (owner, name) not in PARTS:
            value = getattr(spec, name)
            if value not in (0, knob.kind.lo, knob.kind.hi):
                yield name, math.nextafter(value, way)


def share_of(now: dict[str, Any], others: list[dict[str, Any]]) -> float | None:
    """Return how far numbers may move: the smallest power of ten that allows what rounding does."""
    for power in range(-9, round(math.log10(LARGEST)) + 1):
        if not any(kept.unlike(other, now, 10.0**power / MAGNIFIED) for other in others):
            return 10.0**power
    return None


def entry(link: str, always: set[str]) -> dict[str, Any]:
    """Return the record of a link."""
    about = kept.opened(link)
    page, spec, _ = kept.asked(link)
    plain = kept.settings_of(catalogue.settings(page)())
    about["settings"] = {k: v for k, v in about["settings"].items() if plain.get(k) != v}
    about = {"link": link} | {k: v for k, v in about.items() if v not in (None, [], {})}
    kept.digest(spec)  # compiles
    forget()
    start = time.process_time()
    now = kept.digest(spec)
    slow = time.process_time() - start > LONGEST and link not in always
    if slow or now.get("refused") in ("RatingsError", "TableError"):  # data that is not here
        return about
    return about | {"numbers": now, "share": share_of(now, [kept.digest(s) for s in moved(spec)])}


def forget() -> None:
    """Empty the memory of results, so that a run is measured, not remembered."""
    from gdviz.cache import clear as all_of_them

    all_of_them()


def programs() -> Iterator[dict[str, Any]]:
    """Yield the program of each preset, and what it prints where it needs no download."""
    from gdviz.topics.sweep import settings as sweeping

    for name in kept.names():
        for preset in catalogue.presets(name):
            spec = catalogue.preset(name, preset.label)
            yield program(f"{name}: {preset.label}", catalogue.as_python, spec)
    for name in sweeping.SWEPT:
        over = {"seed": (0, 1)} if "seed" in knobs(catalogue.settings(name)) else {"x0": (0.1, 0.2)}
        code = lambda spec, over=over: sweeping.as_python(spec, over, 1)  # noqa: E731
        yield program(f"sweep: {name}", code, catalogue.settings(name)())


def program(label: str, code: Any, spec: Any) -> dict[str, Any]:
    """Return a program, what it prints, and how near that must be."""
    text = None
    try:
        text = code(spec)
        out = kept.printed(text)
    except (ValueError, OSError) as error:
        print(f"{label}: not run, {type(error).__name__}", flush=True)
        return {"label": label, "code": text}
    others = [kept.printed(code(one)) for one in moved(spec)]
    powers = range(-7, round(math.log10(LARGEST)) + 1)
    near = (
        10.0**p for p in powers if not any(kept.unlike_text(o, out, 10.0**p / 100) for o in others)
    )
    return {"label": label, "code": text, "prints": out, "share": next(near, None)}


def sweep() -> dict[str, Any]:
    """Leave a finished sweep in a file, and return the words that made it."""
    words = ["sweep", "descent", "--over", "lr=0.01,0.1,0.2", "--over", "methods=gd,adam"]
    file = HERE / "sweep.parquet"
    kept.cli.main([*words, "--workers", "0", "--fresh", "-o", str(file)], standalone_mode=False)
    return {"words": words, "version": kept.cli.__version__}


def lines_of(record: dict[str, Any]) -> str:
    """Return a record as JSON, a line for each item of its lists."""
    parts = []
    for name, part in record.items():
        text = json.dumps(part, ensure_ascii=False)
        if isinstance(part, list):
            items = ",\n".join(json.dumps(item, ensure_ascii=False) for item in part)
            text = f"[\n{items}\n]"
        parts.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Write the record."""
    kept_sweep = sweep()
    always = {address(n, to_query(catalogue.settings(n)(**p.values)))
              for n in kept.names() for p in catalogue.presets(n)}  # fmt: skip
    always |= {address(name) for name in kept.names()}
    found = [entry(link, always) for link in links()]
    record = {
        "recorded": datetime.date.today().isoformat(),
        "versions": {n: version(n) for n in ("numpy", "scipy", "numba", "scikit-learn")}
        | {"python": platform.python_version(), "machine": platform.machine()},
        "defaults": {n: kept.settings_of(catalogue.settings(n)()) for n in kept.names()},
        "links": found,
        "places": [about for link in places() if (about := place(link))],
        "programs": list(programs()),
        "command_line": kept.command_line(),
        "sweep": kept_sweep,
    }
    (HERE / "links.json").write_text(lines_of(record), "utf-8")
    print(len(found), "links,", sum("numbers" in e for e in found), "with numbers,",
          sum(e.get("share", 1) is None for e in found), "chaotic")  # fmt: skip


if __name__ == "__main__":
    main()
