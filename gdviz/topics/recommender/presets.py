"""The presets of the page *recommender*, and the page as Python."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.recommender.settings import MOVIELENS, NOISE, Recommender

_preset = partial(preset, Recommender)

PRESETS = (
    _preset(
        "Known good",
        True,
        "As many factors as were planted, and a penalty: the test error comes close to the floor.",
        factors=3,
        reg=0.05,
    ),
    _preset(
        "Too many factors",
        False,
        "40 factors and no penalty to speak of: the training part is learnt by heart, noise and "
        "all, and the test error turns up on the way.",
        factors=40,
        reg=0.0001,
    ),
    _preset(
        "Rate 0.3",
        False,
        "Each step overshoots its rating, the next one overshoots the overshoot: it diverges in "
        "the first epochs, and what is kept is the last finite state.",
        factors=20,
        lr=0.3,
    ),
    _preset(
        "Pure noise",
        False,
        "Stars drawn by a die: the training error falls as if there were something to learn, the "
        "test error only rises. No prediction can expect less than the floor.",
        data=NOISE,
        factors=20,
        lr=0.02,
    ),
    _preset(
        "No biases",
        False,
        "Prediction p·q alone starts at 0 stars and spends its factors on the mean.",
        biases=False,
        factors=3,
        reg=0.05,
    ),
    _preset(
        "Real films",
        True,
        "MovieLens small: biases alone are hard to beat, and 64 well-penalised factors do.",
        data=MOVIELENS,
        factors=64,
        lr=0.02,
        reg=0.1,
        epochs=40,
    ),
)
