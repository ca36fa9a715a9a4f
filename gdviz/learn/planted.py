"""The former name of `gdviz.learn.recommender.synthetic`, for programs that were copied earlier."""

from gdviz.learn.recommender.synthetic import low_rank_ratings as planted
from gdviz.learn.recommender.synthetic import pure_noise

__all__ = ["planted", "pure_noise"]
