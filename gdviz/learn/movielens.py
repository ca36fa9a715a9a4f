"""The former name of `gdviz.learn.recommender.movielens`, for programs that were copied earlier."""

from gdviz.learn.recommender.movielens import fetch_movielens, find_movielens, read_ratings

__all__ = ["fetch_movielens", "find_movielens", "read_ratings"]
