"""The scenes of the recommender, one a room, over their backgrounds."""

import plotly.graph_objects as go

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Picture, Scene
from gdviz.learn.recommender.ratings import RatingsError
from gdviz.queries import from_query
from gdviz.topics.recommender import figure_films as films
from gdviz.topics.recommender import figure_rooms as pictures
from gdviz.topics.recommender import rooms
from gdviz.topics.recommender import settings as topic
from gdviz.topics.recommender.block import cell_of
from gdviz.topics.recommender.course import TrainingCourse, run, seconds_needed
from gdviz.topics.recommender.figure_training import training_background, training_scene
from gdviz.topics.recommender.ratings_source import data_of
from gdviz.topics.recommender.settings import Recommender


def background(spec: Recommender, course: TrainingCourse, large: bool = False) -> go.Figure:
    """Return the background of the room: its panels, axes and baselines."""
    if spec.room == "matrix":
        return pictures.matrix_background(course, large)
    if spec.room == "one":
        return pictures.walk_background(rooms.walk(spec, course.data), course.data, large)
    if spec.room == "you":
        return films.background(course, large)
    return training_background(course.data, spec.epochs, large)


def scene(spec: Recommender, course: TrainingCourse) -> Scene:
    """Return what plays in the room."""
    if spec.room == "matrix":
        return pictures.matrix_scene(course, *cell_of(spec, course.data))
    if spec.room == "one":
        return pictures.walk_scene(rooms.walk(spec, course.data))
    if spec.room == "you":
        return films.films_scene(spec, course)
    return training_scene(course)


def picture(spec: Recommender, large: bool = False) -> Picture:
    """Return the picture of the page at its settings."""
    course = run(spec)
    return Picture(background(spec, course, large), scene(spec, course))


def live_scene(query: str, hand: Hand | None) -> Scene:
    """Return the scene of the settings of a query, with you where a hand holds you."""
    spec = from_query(Recommender, query)
    if seconds_needed(spec, data_of(spec)) > topic.LONG:
        raise RatingsError("This training is too long to follow the hand.")
    course = run(spec)
    return scene(rooms.apply_hand(spec, hand, course) if hand else spec, course)
