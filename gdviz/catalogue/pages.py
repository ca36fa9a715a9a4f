"""The table of pages: the one place that the menu, the home page and the tests read."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from gdviz.app_folder import APP_FOLDER

FOLDER = APP_FOLDER / "pages"
SECTIONS = ("", "Descend", "Learn", "Integrate and sample", "Geometry", "About")


class Entry(NamedTuple):
    """A page: its file is `pages/<stem>.py`, its address `/<stem>`.

    `rooms` are those with settings of their own: their topic is `<stem>_<room>`. A page without
    settings is about other pages, and has no run and no picture.
    """

    stem: str
    title: str
    icon: str
    section: str
    sentence: str
    rooms: Mapping[str, str] = MappingProxyType({})
    has_settings: bool = True

    @property
    def path(self) -> Path:
        """The page's script."""
        return FOLDER / f"{self.stem}.py"


PAGES = [
    Entry(
        "home",
        "Home",
        ":material/home:",
        "",
        "See the calculus under machine learning: move one thing, and the mathematics answers.",
        has_settings=False,
    ),
    Entry(
        "descent",
        "Descent in one dimension",
        ":material/trending_down:",
        "Descend",
        "Roll down a curve step by step, and see when the learning rate converges, oscillates "
        "or throws you out.",
    ),
    Entry(
        "race",
        "The optimizer race",
        ":material/sports_score:",
        "Descend",
        "Up to twelve optimizers on one surface, from one start, each step explained.",
        {"compare": "Compare"},
    ),
    Entry(
        "regression",
        "Regression fits",
        ":material/show_chart:",
        "Learn",
        "Drag a point, and the line follows; then price real houses.",
        {
            "many": "Many features",
            "houses": "House prices",
            "double_descent": "Double descent",
        },
    ),
    Entry(
        "backprop",
        "Backpropagation",
        ":material/hub:",
        "Learn",
        "From one chain rule to a trained network: every number on its way forward and back.",
        {
            "chain": "Chain rule",
            "layer": "One layer",
            "edge": "Edge of stability",
            "landscape": "Loss landscape",
            "matrices": "Matrices",
        },
    ),
    Entry(
        "recommender",
        "The recommender",
        ":material/recommend:",
        "Learn",
        "Factorise ratings, watch the test error turn while the training error falls, and be "
        "recommended something.",
    ),
    Entry(
        "integration",
        "Integration",
        ":material/area_chart:",
        "Integrate and sample",
        "Lay strips, parabolas or nodes under a curve, and see where each rule is wrong, and when.",
    ),
    Entry(
        "importance",
        "Importance sampling",
        ":material/balance:",
        "Integrate and sample",
        "Weigh the samples of one distribution to speak for another, and see when that fails.",
    ),
    Entry(
        "mcmc",
        "Markov chains",
        ":material/casino:",
        "Integrate and sample",
        "Propose, accept or reject: watch chains explore a density, and see whether to trust them.",
    ),
    Entry(
        "geometry",
        "Fisher geometry",
        ":material/language:",
        "Geometry",
        "Distributions are points of a curved space, with shortest paths and parallel vectors.",
    ),
    Entry(
        "natural_gradient",
        "The natural gradient",
        ":material/explore:",
        "Geometry",
        "Steepest descent in the space of distributions: it sets out alike in all parameters.",
    ),
    Entry(
        "sweep",
        "Sweeps",
        ":material/grid_on:",
        "About",
        "A page run over many settings at once, compared, and opened at the best of them.",
        has_settings=False,
    ),
    Entry(
        "pitfalls",
        "Pitfalls",
        ":material/report:",
        "About",
        "What fifteen slides of a tutorial get wrong: short programs that run, beside right ones.",
        has_settings=False,
    ),
    Entry(
        "references",
        "References",
        ":material/menu_book:",
        "About",
        "The papers and books behind every page, and three wrong links put right.",
        has_settings=False,
    ),
]


def entry_of(stem: str) -> Entry:
    """Return the page of that name."""
    return next(page for page in PAGES if page.stem == stem)


def by_section() -> dict[str, list[Entry]]:
    """Return the pages under their section, sections in the order of `SECTIONS`."""
    groups = {s: [p for p in PAGES if p.section == s] for s in SECTIONS}
    return {section: pages for section, pages in groups.items() if pages}
