"""Tours: a handful of links in an order, each with a sentence, for a lecture or a first visit."""

from typing import Any, NamedTuple

from gdviz.knobs import to_query
from gdviz.topics import catalogue


class Stop(NamedTuple):
    """A page at a preset (or as it opens), and what to say there."""

    page: str
    preset: str
    sentence: str

    def spec(self) -> Any:
        """Return the settings of the stop."""
        if self.preset:
            return catalogue.preset(self.page, self.preset)
        return catalogue.settings(self.page)()

    def query(self) -> str:
        """Return the settings as in a link."""
        return to_query(self.spec(), f"{self.page}_")


class Tour(NamedTuple):
    """A title, and the stops."""

    title: str
    stops: tuple[Stop, ...]


TOURS = {
    "rate": Tour(
        "What the learning rate decides",
        (
            Stop("descent", "A safe rate", "Below 1/f″ every step shrinks the error."),
            Stop("descent", "One step", "At 1/f″ a parabola takes one step: Newton's."),
            Stop("descent", "2-cycle", "At 2/f″ it jumps for ever, and f does not tell."),
            Stop("descent", "Divergence", "Beyond 2/f″ every step is longer than the last."),
            Stop("descent", "Chaos", "A bent curve can keep it bounded, and never let it settle."),
            Stop("descent", "Four at once", "Momentum rolls over a hill that stops the others."),
        ),
    ),
    "race": Tour(
        "Why so many optimizers",
        (
            Stop("race", "Ill-conditioned", "Gradient descent zigzags where one axis is steep."),
            Stop("race", "The banana", "Following a bent valley is harder than finding it."),
            Stop("race", "Four valleys", "Guess first: not all end in the same minimum."),
            Stop("race", "Saddle", "A saddle is flat, and not a minimum."),
            Stop("race", "Too fast", "The same η for all is not fair to all."),
            Stop("race", "Noise", "With noisy gradients, only a rate that decays settles."),
        ),
    ),
    "chance": Tour(
        "When to trust a simulation",
        (
            Stop("integration", "Spike missed", "A rule sees what it asks, and nothing between."),
            Stop("integration", "No mean at all", "Some integrals do not exist; a sum does."),
            Stop("importance", "Too light tails", "A few huge weights decide everything."),
            Stop("mcmc", "Too small", "Nearly all is accepted, and nothing is explored."),
            Stop("mcmc", "Just right", "Accepting under half explores best in one dimension."),
            Stop("mcmc", "Two modes", "Each chain looks fine; together they disagree."),
        ),
    ),
    "shape": Tour(
        "The space of distributions",
        (
            Stop("geometry", "Up and over", "The shortest path between two normals is an arc."),
            Stop("geometry", "The tutorial's way", "A straight line in its numbers is longer."),
            Stop("geometry", "Holonomy", "Carried around a loop, an arrow comes back turned."),
            Stop("natural_gradient", "One natural path", "One path, whatever the coordinates."),
            Stop(
                "natural_gradient", "Empirical misleads", "The empirical Fisher is another matrix."
            ),
        ),
    ),
}
