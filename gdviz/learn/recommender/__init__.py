"""Recommenders: ratings, the models of them, and how these are trained, chosen and ranked."""

from gdviz.learn.recommender.data import Groups
from gdviz.learn.recommender.factorize import choose, cross_validate, factorize, training

__all__ = ["Groups", "choose", "cross_validate", "factorize", "training"]
