"""Every new view of a page is drawn on the page, without a complaint, and says what it says."""

import re

from test_pages import assert_clean, open_page

from tests.cases import each


@each(
    "stem, query, wanted",
    [
        ("race", {"view": "rates", "schedule": "cosine"}, "by the schedule"),
        ("race", {"methods": "conjugate_gradient", "steps": "9"}, ""),
        ("descent", {"view": "cobweb"}, "slope of T"),
        ("descent", {"methods": "heavy_ball"}, "critical"),
        ("mcmc", {"view": "flight", "sampler": "hmc", "watched": "2"}, "Chain 2, draw"),
        ("mcmc", {"view": "flight", "sampler": "rwm"}, "choose one of them"),
        ("integration", {"view": "law", "quantity": "probability"}, "Var[X] = 1"),
        ("integration", {"view": "law"}, "no random variable"),
        ("integration", {"view": "darts"}, "hit or miss"),
        ("integration", {"view": "darts", "reach": "line"}, "need a box"),
        ("integration", {"view": "tails", "reach": "line", "function": "typed"}, "least near L"),
        ("integration", {"view": "tails"}, "no tail"),
        ("geometry", {"room": "other", "other": "poisson", "tab": "Maths"}, ""),
        ("geometry", {"room": "other", "other": "dirichlet"}, "constant speed"),
        ("geometry", {"room": "other", "view": "surface"}, "no surface"),
    ],
)
def test_a_view_is_drawn_and_told(stem: str, query: dict[str, str], wanted: str):
    asked = {"draws": "150", "burn": "20"} if stem == "mcmc" else {}
    at = open_page(stem, {f"{stem}_{name}": value for name, value in (asked | query).items()})
    assert_clean(at, f"{stem} {query}")
    told = [shown(box.value) for kind in (at.caption, at.info, at.markdown) for box in kind]
    assert any(wanted in words for words in told), told


def shown(markdown: str) -> str:
    """Return what a reader sees of Markdown whose signs are escaped."""
    return re.sub(r"\\([^A-Za-z])", r"\1", markdown)


@each(
    "stem, query, escaped",
    [
        (
            "integration",
            {"view": "law", "quantity": "expectation", "g": "x*x*2"},
            r"E\[x\*x\*2\]",
        ),
        ("recommender", {"room": "you", "user": "![a](//b) **c**"}, r"“!\[a\](//b) \*\*c\*\*”"),
    ],
)
def test_what_a_visitor_types_is_no_markdown(stem: str, query: dict[str, str], escaped: str):
    at = open_page(stem, {f"{stem}_{name}": value for name, value in query.items()})
    assert any(escaped in box.value for box in at.caption)
