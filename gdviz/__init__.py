"""See the calculus under machine learning: gradient descent and its relatives, live.

    import gdviz as gd

    spec = gd.Race(surface="rosenbrock", methods=("gd", "adam", "bfgs"), x0=-1.5, y0=2.0)
    for name, run in gd.run(spec).items():
        print(name, run.verdict)
    gd.figure(spec)                                # the Plotly figure of the page
    gd.save(spec, "race.pdf", style="paper")       # or svg, png, gif, mp4, webm, html, csv, parquet
    print(gd.verify("race.pdf"))                   # the same numbers? gd.reopen gives the settings

A page of the app is a dataclass of settings here, by the same names: `settings("race")` is its
class, `preset("race", "The banana")` one of its presets, The optimizers
alone are in `gdviz.optimize`. Names are imported when they are first used.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "gdviz.optimize": (
        *("FUNCTIONS", "LABELS", "METHODS", "SURFACES", "descend", "function", "race", "surface"),
    ),
    "gdviz.catalogue.lookup": ("as_python", "page_of", "preset", "run", "settings"),
    "gdviz.topics.descent.settings": ("Descent",),
    "gdviz.topics.race.settings": ("Race",),
    "gdviz.knobs": ("KnobError", "replace"),
    "gdviz.knob_texts": ("docs_table",),
    "gdviz.export": (
        *("ExportError", "bibtex", "caption", "figure", "reopen", "save", "tables", "to_bytes"),
        *("Part", "forecast", "save_grid", "save_tour", "show", "verify"),
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}
__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"gdviz has no “{name}”; it has {', '.join(__all__)}.")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
