"""Tours: ordered links with a sentence each, for a lecture or a first visit."""

from dataclasses import replace
from typing import Any, NamedTuple

from gdviz.catalogue import lookup
from gdviz.queries import to_query


class TourStop(NamedTuple):
    """A page at a preset (or as it opens), what to say and to ask; `hidden` where one guesses."""

    page: str
    preset: str
    sentence: str
    question: str
    hidden: bool = False

    def with_run(self) -> Any:
        """Return the settings of the stop with its run in sight."""
        if not self.preset:
            return lookup.settings(self.page)()
        return lookup.preset(self.page, self.preset)

    def spec(self) -> Any:
        """Return the settings with which the stop opens."""
        found = self.with_run()
        by_setting = self.hidden and getattr(found, "hidden", None) is False
        return replace(found, hidden=True) if by_setting else found

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
            TourStop(
                "descent",
                "A safe rate",
                "Below 1/f″ every step shrinks the error.",
                "What if η were twice as large?",
            ),
            TourStop(
                "descent",
                "One step",
                "At 1/f″ a parabola takes one step: Newton's.",
                "Why not on a curve that bends otherwise?",
            ),
            TourStop(
                "descent",
                "2-cycle",
                "At 2/f″ it jumps for ever, and f does not tell.",
                "What would you plot to notice it?",
            ),
            TourStop(
                "descent",
                "Divergence",
                "Beyond 2/f″ every step is longer than the last.",
                "Which step first tells you?",
            ),
            TourStop(
                "descent",
                "Chaos",
                "A bent curve can keep it bounded, and never let it settle.",
                "Does a smaller start save it?",
            ),
            TourStop(
                "descent",
                "Four at once",
                "Momentum rolls over a hill that stops the others.",
                "What stops momentum in the end?",
            ),
        ),
    ),
    "race": Tour(
        "Why so many optimizers",
        (
            TourStop(
                "race",
                "Ill-conditioned",
                "Gradient descent zigzags where one axis is steep.",
                "Which η would suit the other axis?",
            ),
            TourStop(
                "race",
                "The banana",
                "Following a bent valley is harder than finding it.",
                "Who reaches the bend first?",
            ),
            TourStop(
                "race",
                "Four valleys",
                "Guess where each ends, then show the paths: not all end alike.",
                "Do any two end in one valley?",
                hidden=True,
            ),
            TourStop(
                "race",
                "Saddle",
                "A saddle is flat, and not a minimum.",
                "What would get them away from it?",
            ),
            TourStop(
                "race",
                "Too fast",
                "The same η for all is not fair to all.",
                "Which η would you give each?",
            ),
            TourStop(
                "race",
                "Noise",
                "With noisy gradients, only a rate that decays settles.",
                "How fast may η fall?",
            ),
        ),
    ),
    "chance": Tour(
        "When to trust a simulation",
        (
            TourStop(
                "integration",
                "Spike missed",
                "A rule sees what it asks, and nothing between.",
                "Which n would have seen it?",
            ),
            TourStop(
                "integration",
                "No mean at all",
                "An integral may be infinite; the sum of a rule never is.",
                "What does n = 1000 say, and 2000?",
            ),
            TourStop(
                "importance",
                "Too light tails",
                "Ten weights of a thousand carry half of the total.",
                "Which proposal would be safe?",
            ),
            TourStop(
                "mcmc",
                "Too small",
                "Nearly all is accepted, and nothing is explored.",
                "What do you change, and which way?",
            ),
            TourStop(
                "mcmc",
                "Just right",
                "Accepting a third explores about best in two dimensions.",
                "What of ten dimensions?",
            ),
            TourStop(
                "mcmc",
                "Two modes",
                "No chain leaves its island; together they disagree.",
                "Which number tells?",
            ),
        ),
    ),
    "shape": Tour(
        "The space of distributions",
        (
            TourStop(
                "geometry",
                "Up and over",
                "The shortest path between two normals is an arc.",
                "Why does σ grow on the way?",
            ),
            TourStop(
                "geometry",
                "The tutorial's way",
                "A straight line in its numbers is longer.",
                "By how much is it longer?",
            ),
            TourStop(
                "geometry",
                "Holonomy",
                "Carried around a loop, an arrow comes back turned.",
                "And around half the loop?",
            ),
            TourStop(
                "natural_gradient",
                "One natural path",
                "Nearly one path in all coordinates; smaller steps, nearer still.",
                "Where do the plain paths go?",
            ),
            TourStop(
                "natural_gradient",
                "Empirical misleads",
                "The empirical Fisher is another matrix.",
                "With more samples, too?",
            ),
        ),
    ),
    "learn": Tour(
        "From a line to a network",
        (
            TourStop(
                "regression",
                "A good fit",
                "Down the wall at once, then along the valley.",
                "Why is the valley slow?",
            ),
            TourStop(
                "regression",
                "The 2/L edge",
                "Guess where the line goes, then press Space.",
                "Does it settle?",
                hidden=True,
            ),
            TourStop(
                "regression",
                "Outliers",
                "A few wild points drag the squared loss.",
                "Which loss would you take?",
            ),
            TourStop(
                "backprop",
                "XOR",
                "Guess how the plane will be cut, then press Space.",
                "How many units does it need?",
                hidden=True,
            ),
            TourStop(
                "backprop",
                "Stuck at ln 2",
                "Weights of 0.01: all units say the same.",
                "What would wake them up?",
            ),
            TourStop(
                "backprop",
                "Learning by heart",
                "The training loss falls, the test loss rises.",
                "When would you stop?",
            ),
            TourStop(
                "recommender",
                "As planted",
                "As many factors as were planted, and a penalty.",
                "Can any model beat the floor?",
            ),
            TourStop(
                "recommender",
                "Too many factors",
                "40 factors learn the noise by heart.",
                "Which curve tells?",
            ),
        ),
    ),
}
