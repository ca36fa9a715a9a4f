"""The presets of the room *a line*: settings worth seeing, and why."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.regression.settings import LineSettings

_preset = partial(preset, LineSettings)

PRESETS = (
    _preset("A good fit", True, "η is 1.7/L: it zigzags down the wall, then goes along."),
    _preset(
        "Standardised",
        True,
        "The same points, x standardised: κ = 1, the bowl is round, every step points home.",
        scale=True,
        lr=0.3,
        steps=30,
    ),
    _preset(
        "The 2/L edge",
        False,
        "Just beyond 2/L: the steps across the valley grow, and the line swings out of the window.",
        lr=0.0605,
        steps=40,
    ),
    _preset(
        "Outliers",
        False,
        "A few wild points drag the squared loss; drag one and see how far. Huber hardly minds.",
        data="outliers",
        scale=True,
        lr=0.5,
        steps=40,
    ),
    _preset(
        "Huber",
        True,
        "The same outliers under Huber's loss: beyond δ a residual pulls no harder.",
        data="outliers",
        loss="huber",
        scale=True,
        lr=0.5,
        steps=80,
    ),
    _preset(
        "SGD's cloud",
        True,
        "One seed, three kinds: single rows are noisy and never settle, all rows glide.",
        kinds=("batch", "mini", "sgd"),
        scale=True,
        lr=0.2,
        steps=100,
        statistic="gradients",
    ),
    _preset(
        "Anscombe IV",
        False,
        "One point decides the slope. Drag it: the line follows, whatever the others say.",
        data="anscombe_4",
        scale=True,
        lr=0.3,
        statistic="r2",
        w0=-0.2,
        b0=12.0,
        steps=40,
    ),
)
