"""Backpropagation: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.backprop.brought import first_params
from gdviz.topics.backprop.program import as_python
from gdviz.topics.backprop.settings import Playground, data_of, table_of
from gdviz.topics.backprop.training import run

__all__ = ["Playground", "as_python", "data_of", "first_params", "run", "table_of"]
