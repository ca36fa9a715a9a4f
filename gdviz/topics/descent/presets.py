"""The presets of the page descent, each with the reason why it is worth seeing."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.descent.settings import Descent

_preset = partial(preset, Descent)


PRESETS = (
    _preset(
        "A safe rate",
        True,
        "η below 1/f″: every step shrinks the error by the same factor, without overshooting.",
        function="parabola",
        lr=0.15,
    ),
    _preset(
        "One step",
        True,
        "η = 1/f″ lands on the minimum of a parabola at once; that is Newton's step.",
        function="parabola",
        lr=0.5,
    ),
    _preset(
        "2-cycle",
        False,
        "η = 2/f″ exactly: f never changes, so a rule that watches f calls this converged.",
        function="parabola",
        lr=1.0,
    ),
    _preset(
        "Divergence",
        False,
        "η beyond 2/f″: every step is longer than the last. Watch the arrow leave the window.",
        function="parabola",
        lr=1.1,
        x0=0.3,
        steps=30,
    ),
    _preset(
        "Chaos",
        False,
        "Still bounded, never settling: beyond the 2-cycle the map x − ηf′(x) turns chaotic.",
        function="double_well",
        lr=0.21,
        x0=-1.0,
        steps=200,
    ),
    _preset(
        "Wrong valley",
        False,
        "A careful rate stays in the valley it starts in, though the other is deeper.",
        function="double_well",
        lr=0.02,
        x0=1.8,
        methods=("gd", "heavy_ball"),
        steps=200,
    ),
    _preset(
        "Newton climbs",
        False,
        "Plain Newton solves f′ = 0 and finds the maximum; the safeguarded one descends.",
        function="double_well",
        x0=0.3,
        methods=("newton_plain", "newton"),
    ),
    _preset(
        "Flat fools |Δf|",
        False,
        "The tutorial's rule stops after one step at x = 5: f hardly changes where f is flat.",
        function="flat",
        x0=5.0,
        lr=0.1,
        stop="value",
    ),
    _preset(
        "Four at once",
        True,
        "The same start and η: only the heavy ball is fast enough to roll over the hill.",
        function="wavy",
        x0=4.5,
        lr=0.05,
        methods=("gd", "heavy_ball", "nesterov", "adam"),
        steps=120,
    ),
)
