"""The presets of the page importance."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.importance.settings import Weighing

_preset = partial(preset, Weighing)


PRESETS = (
    _preset(
        "A fair proposal",
        True,
        "q is wider than p and reaches all of it: the weights are bounded, the error is honest.",
    ),
    _preset(
        "Too light tails",
        False,
        "N(0, 0.5) for N(0, 1.5): far out p/q grows without bound, and the variance is infinite.",
        mu=0.0,
        nu=0.0,
        tau=0.5,
        h="x**2",
    ),
    _preset(
        "Elsewhere",
        False,
        "The proposal lies beside the target: a handful of samples carry all the weight.",
        mu=5.0,
        sigma=1.0,
        nu=0.0,
        tau=1.0,
    ),
    _preset(
        "Heavy tails are safe",
        True,
        "A t proposal has heavier tails than any normal target: no weight can run away.",
        target="normal",
        mu=0.0,
        sigma=1.0,
        proposal="student_t",
        nu=0.0,
        tau=1.2,
        h="x**2",
    ),
    _preset(
        "A far tail",
        True,
        "P(X > 4) from samples around 4: each counts a little, and none is wasted.",
        mu=0.0,
        sigma=1.0,
        nu=4.0,
        tau=1.0,
        h="heaviside(x - 4)",
    ),
    _preset(
        "One hump missed",
        False,
        "Every sample sits on one hump: the ESS looks splendid, and the other hump is not there.",
        target="two_humps",
        mu=0.0,
        sigma=4.0,
        nu=6.0,
        tau=1.8,
        n=200,
    ),
    _preset(
        "Cauchy from normal",
        False,
        "No normal has tails heavy enough for a Cauchy: the variance is infinite at any width.",
        target="cauchy",
        mu=0.0,
        sigma=1.0,
        nu=0.0,
        tau=3.0,
        h="1/(1 + x**2)",
    ),
)
