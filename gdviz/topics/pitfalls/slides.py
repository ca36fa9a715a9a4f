"""The tutorial that the pages come from: what each of its slides says, and which rows are wrong."""

from typing import NamedTuple

from gdviz.catalogue import lookup
from gdviz.catalogue.pitfall import Pitfall
from gdviz.queries import to_query


class Slide(NamedTuple):
    """A slide: its topic, what it says, what its code does as it stands, the pages on it."""

    number: int
    topic: str
    says: str
    pasted: str
    pages: tuple[str, ...]


SLIDES = (
    Slide(
        1,
        "Gradient descent",
        "Walk against the derivative until f hardly changes; what you hold then is the minimum.",
        "It runs, and stops too soon.",
        ("descent",),
    ),
    Slide(
        2,
        "A straight line by gradient descent",
        "Two partial derivatives of the mean squared error are all that a regression needs.",
        "It crashes: the target is a column, the prediction is not.",
        ("regression",),
    ),
    Slide(
        3,
        "The chain rule",
        "The gradient of every weight is a product of factors, from the loss back to the input.",
        "It runs; its formulas are garbled, and hold only where output and loss match.",
        ("backprop",),
    ),
    Slide(
        4,
        "One layer, forward and backward",
        "A layer remembers its input, and turns the gradient behind it into the one before it.",
        "It runs, and trains nothing.",
        ("backprop",),
    ),
    Slide(
        5,
        "Stochastic gradients",
        "A few rows at a time are cheaper than all of them, and lead to the same place.",
        "It runs, and drops the rows that fill no batch.",
        ("regression",),
    ),
    Slide(
        6,
        "Adam",
        "Momentum and a rate of its own for every coordinate, corrected for their start at zero.",
        "It runs; the update is right, but all parameters share one memory.",
        ("race",),
    ),
    Slide(
        7,
        "Expectations are integrals",
        "Probabilities and expectations come out of a density by numerical integration.",
        "It runs; both numbers are right, because its limits suit its density.",
        ("integration",),
    ),
    Slide(
        8,
        "Backpropagation from scratch",
        "Forward, backward, subtract: the same three lines train a network of any depth.",
        "It runs, and trains nothing.",
        ("backprop",),
    ),
    Slide(
        9,
        "House prices",
        "Scale the features, descend, and report how much of the variance is explained.",
        "It runs; on data so kind none of its mistakes shows.",
        ("regression",),
    ),
    Slide(
        10,
        "Recommendations",
        "A user and a film are short vectors; their product is the rating that is missing.",
        "It runs for seconds on ratings drawn at random: there is nothing to learn.",
        ("recommender",),
    ),
    Slide(
        11,
        "Monte Carlo",
        "What has no formula is the mean over draws: weighted ones, or those of a chain.",
        "It runs, and prints nothing.",
        ("importance", "mcmc"),
    ),
    Slide(
        12,
        "The natural gradient",
        "Divide the gradient by the Fisher matrix, and the parametrisation no longer matters.",
        "It crashes on the last batch.",
        ("natural_gradient",),
    ),
    Slide(
        13,
        "Information geometry",
        "Distributions are points of a curved space, with distances, geodesics and transport.",
        "It runs; of its four functions only the metric is right.",
        ("geometry",),
    ),
    Slide(
        14,
        "AdamW",
        "Adam with weight decay that is decoupled from the gradient.",
        "It runs, and its decay is in the gradient.",
        ("race",),
    ),
    Slide(
        15,
        "Where to read on",
        "Three papers on arXiv, three sites, and three textbooks.",
        "None of its three links leads to its paper, and one of the textbooks is a review.",
        ("references",),
    ),
)


class Row(NamedTuple):
    """A pitfall, and the page that it belongs to."""

    page: str
    pitfall: Pitfall

    def query(self) -> str:
        """Return the settings of the page that show it, empty where none do."""
        setting = self.pitfall.setting
        if not setting or "=" in setting:
            return setting
        return to_query(lookup.preset(self.page, setting), f"{self.page}_")


def rows(number: int) -> list[Row]:
    """Return the pitfalls of a slide, in order; only its own pages are read."""
    found = [
        Row(page, pitfall)
        for page in filter(lookup.has_topic, SLIDES[number - 1].pages)
        for pitfall in lookup.pitfalls(page)
        if pitfall.slide == number
    ]
    return sorted(found, key=lambda row: row.pitfall.row)
