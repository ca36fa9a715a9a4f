"""Tours: ordered links with a sentence each, for a lecture or a first visit."""

from typing import Any, NamedTuple

from gdviz.catalogue import lookup
from gdviz.queries import to_query


class TourStop(NamedTuple):
    """A page at a preset (or as it opens), and what to say there."""

    page: str
    preset: str
    sentence: str

    def spec(self) -> Any:
        """Return the settings of the stop."""
        if self.preset:
            return lookup.preset(self.page, self.preset)
        return lookup.settings(self.page)()

    def query(self) -> str:
        """Return the settings as in a link."""
        return to_query(self.spec(), f"{self.page}_")


class Tour(NamedTuple):
    """A title, and the stops."""

    title: str
    stops: tuple[TourStop, ...]


TOURS = {
    "rate": Tour(
        "What the learning rate decides",
        (
            TourStop("descent", "A safe rate", "Below 1/f″ every step shrinks the error."),
            TourStop("descent", "One step", "At 1/f″ a parabola takes one step: Newton's."),
            TourStop("descent", "2-cycle", "At 2/f″ it jumps for ever, and f does not tell."),
            TourStop("descent", "Divergence", "Beyond 2/f″ every step is longer than the last."),
            TourStop(
                "descent", "Chaos", "A bent curve can keep it bounded, and never let it settle."
            ),
            TourStop(
                "descent", "Four at once", "Momentum rolls over a hill that stops the others."
            ),
        ),
    ),
    "race": Tour(
        "Why so many optimizers",
        (
            TourStop(
                "race", "Ill-conditioned", "Gradient descent zigzags where one axis is steep."
            ),
            TourStop("race", "The banana", "Following a bent valley is harder than finding it."),
            TourStop("race", "Four valleys", "Guess first: not all end in the same minimum."),
            TourStop("race", "Saddle", "A saddle is flat, and not a minimum."),
            TourStop("race", "Too fast", "The same η for all is not fair to all."),
            TourStop("race", "Noise", "With noisy gradients, only a rate that decays settles."),
        ),
    ),
    "chance": Tour(
        "When to trust a simulation",
        (
            TourStop(
                "integration", "Spike missed", "A rule sees what it asks, and nothing between."
            ),
            TourStop("integration", "No mean at all", "Some integrals do not exist; a sum does."),
            TourStop("importance", "Too light tails", "A few huge weights decide everything."),
            TourStop("mcmc", "Too small", "Nearly all is accepted, and nothing is explored."),
            TourStop("mcmc", "Just right", "Accepting under half explores best in one dimension."),
            TourStop("mcmc", "Two modes", "Each chain looks fine; together they disagree."),
        ),
    ),
    "shape": Tour(
        "The space of distributions",
        (
            TourStop("geometry", "Up and over", "The shortest path between two normals is an arc."),
            TourStop("geometry", "The tutorial's way", "A straight line in its numbers is longer."),
            TourStop("geometry", "Holonomy", "Carried around a loop, an arrow comes back turned."),
            TourStop("natural_gradient", "One natural path", "One path, whatever the coordinates."),
            TourStop(
                "natural_gradient", "Empirical misleads", "The empirical Fisher is another matrix."
            ),
        ),
    ),
}
