"""What the page of the recommender asks before a training is seen."""

import numpy as np

from gdviz.catalogue.question import Questions, ask_choice, ask_place
from gdviz.catalogue.usual_questions import ask_lost, ask_turn
from gdviz.learn.recommender.ratings import RatingsError
from gdviz.numerals import number
from gdviz.topics.recommender.course import TrainingCourse, run, seconds_needed
from gdviz.topics.recommender.ratings_source import data_of
from gdviz.topics.recommender.settings import LONG, Recommender

CLEAR = 0.005  # of an error: surely lower, and surely higher
ANSWERS = ("Yes", "No")


def questions(spec: Recommender) -> Questions:
    """Return what can be asked: where the test error turns, its end, and what it beats."""
    if seconds_needed(spec, data_of(spec)) > LONG:
        raise RatingsError("This training is too long to be asked about.")
    course = run(spec)
    lost = course.model.status == "diverged"
    whether = ask_lost("the training", lost, course.model.reason)
    if lost:
        return whether
    return (*(_curves(course) if spec.room == "train" else ()), *_beats(course), *whether)


def _curves(course: TrainingCourse) -> Questions:
    """Ask for places on the curves of the errors, which the room *Train* shows."""
    last, end = len(course.test) - 1, float(course.test[-1])
    text = f"What is the test error after epoch {last}?"
    ends = ask_place("test", text, "y", (end,), f"The test error is {number(end, 3)} stars.")
    about = "At which epoch is the test error least?"
    return (*ask_turn("turn", about, np.arange(last + 1), course.test, 0), *ends)


def _beats(course: TrainingCourse) -> Questions:
    """Ask whether the factors are worth more than the biases alone, where that is clear."""
    best, usual = float(course.test.min()), course.data.bias_rmse
    if abs(best - usual) < CLEAR * usual:
        return ()
    told = f"The least test error is {number(best, 3)}, that of the biases {number(usual, 3)}."
    text = "Does the test error fall below that of the biases alone?"
    return ask_choice("beats", text, ANSWERS, {0 if best < usual else 1}, told)
