"""Learning from data: networks, recommenders, and the tables that they are fed with."""

from gdviz.learn.autograd import Value, gradients
from gdviz.learn.graph import tape
from gdviz.learn.movielens import read_ratings
from gdviz.learn.network import forward, init_params, loss_and_grads
from gdviz.learn.network_training import train
from gdviz.learn.ratings import Ratings
from gdviz.learn.recommender import factorize
from gdviz.learn.tables import TableError, read_table

__all__ = [
    "Ratings",
    "TableError",
    "Value",
    "factorize",
    "forward",
    "gradients",
    "init_params",
    "loss_and_grads",
    "read_ratings",
    "read_table",
    "tape",
    "train",
]
