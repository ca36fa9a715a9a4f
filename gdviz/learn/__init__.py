"""Learning from data: linear models and their pipeline, tables, and what is built on them."""

from gdviz.learn.movielens import read_ratings
from gdviz.learn.ratings import Ratings
from gdviz.learn.recommender import factorize
from gdviz.learn.tables import TableError, read_table

__all__ = [
    "Ratings",
    "TableError",
    "factorize",
    "read_ratings",
    "read_table",
]
