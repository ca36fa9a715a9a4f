"""The former name of `gdviz.topics.geometry.results`, for programs that were copied earlier."""

from gdviz.topics.geometry.bound import bound

__all__ = ["bound"]
