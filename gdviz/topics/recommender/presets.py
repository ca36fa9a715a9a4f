"""The presets of the page *recommender*, and the page as Python."""

from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.learn.recommender.baselines import bias_only
from gdviz.topics.recommender.course import TrainingCourse
from gdviz.topics.recommender.settings import MOVIELENS, NOISE, Recommender


def _comes_close(spec: Recommender, course: TrainingCourse) -> bool:
    return bool(course.data.floor is not None and course.test.min() < 1.15 * course.data.floor)


def _turns_up(spec: Recommender, course: TrainingCourse) -> bool:
    return bool(
        course.train[-1] < 0.1 * course.train[0] and course.test[-1] > 1.05 * course.test.min()
    )


def _diverges(spec: Recommender, course: TrainingCourse) -> bool:
    return len(course.train) - 1 < spec.epochs and bool(np.isfinite(course.train).all())


def _only_rises(spec: Recommender, course: TrainingCourse) -> bool:
    rises = bool((np.diff(course.test) >= 0).all())
    return rises and bool(course.train[-1] < 0.8 * course.train[0])


def _starts_at_nothing(spec: Recommender, course: TrainingCourse) -> bool:
    return not spec.biases and abs(course.predicted[0]).max() < 1


def _beats_biases(spec: Recommender, course: TrainingCourse) -> bool:
    biases = bias_only(course.data.train).rmse(course.data.test)
    return bool(course.test.min() < biases < 1.05 * course.test.min())


_preset = partial(preset, Recommender)

PRESETS = (
    _preset(
        "As planted",
        True,
        "As many factors as were planted, and a penalty: the test error comes close to the floor.",
        _comes_close,
        factors=3,
        reg=0.05,
    ),
    _preset(
        "Too many factors",
        False,
        "40 factors and no penalty to speak of: the training part is learnt by heart, noise and "
        "all, and the test error turns up on the way.",
        _turns_up,
        factors=40,
        reg=0.0001,
    ),
    _preset(
        "Rate 0.3",
        False,
        "Each step overshoots its rating, the next one overshoots the overshoot: it diverges in "
        "the first epochs, and what is kept is the last finite state.",
        _diverges,
        factors=20,
        lr=0.3,
    ),
    _preset(
        "Pure noise",
        False,
        "Stars drawn by a die: the training error falls as if there were something to learn, the "
        "test error only rises. No prediction can expect less than the floor.",
        _only_rises,
        data=NOISE,
        factors=20,
        lr=0.02,
    ),
    _preset(
        "No biases",
        False,
        "Prediction p·q alone starts at 0 stars and spends its factors on the mean.",
        _starts_at_nothing,
        biases=False,
        factors=3,
        reg=0.05,
    ),
    _preset(
        "Real films",
        True,
        "MovieLens small: biases alone are hard to beat, and 64 well-penalised factors do.",
        _beats_biases,
        data=MOVIELENS,
        factors=64,
        lr=0.02,
        reg=0.1,
        epochs=40,
    ),
)
