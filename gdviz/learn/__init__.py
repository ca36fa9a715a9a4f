"""Learning from data: linear models and their pipeline, tables, and what is built on them."""

from gdviz.learn.columns import TableError
from gdviz.learn.linear import closed_form, fit_linear
from gdviz.learn.objective import FitError
from gdviz.learn.scoring import Scores, scores
from gdviz.learn.spectrum import largest_stable_rate
from gdviz.learn.tables import read_table
from gdviz.learn.verdict import Fit

__all__ = [
    "Fit",
    "FitError",
    "Scores",
    "TableError",
    "closed_form",
    "fit_linear",
    "largest_stable_rate",
    "read_table",
    "scores",
]
