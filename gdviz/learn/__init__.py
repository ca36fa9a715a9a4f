"""Learning from data: linear models, networks, recommenders, and the tables they are fed with."""

from gdviz.learn.autograd import Value, gradients
from gdviz.learn.column_types import TableError
from gdviz.learn.fit_result import Fit
from gdviz.learn.graph import tape
from gdviz.learn.linear import closed_form, fit_linear
from gdviz.learn.metrics import Scores, scores
from gdviz.learn.network import forward, init_params, loss_and_grads
from gdviz.learn.network_training import train
from gdviz.learn.objective import FitError
from gdviz.learn.recommender.factorize import factorize
from gdviz.learn.recommender.movielens import read_ratings
from gdviz.learn.recommender.ratings import Ratings
from gdviz.learn.spectrum import largest_stable_rate
from gdviz.learn.tables import read_table

__all__ = [
    "Fit",
    "FitError",
    "Ratings",
    "Scores",
    "TableError",
    "Value",
    "closed_form",
    "factorize",
    "fit_linear",
    "forward",
    "gradients",
    "init_params",
    "largest_stable_rate",
    "loss_and_grads",
    "read_ratings",
    "read_table",
    "scores",
    "tape",
    "train",
]
