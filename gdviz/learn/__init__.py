"""Learning from data: what a notebook imports."""

from gdviz.learn.movielens import read_ratings as read_ratings
from gdviz.learn.ratings import Ratings as Ratings
from gdviz.learn.recommender import factorize as factorize
