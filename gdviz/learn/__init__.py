"""Learning from data: linear models and their pipeline, tables, and what is built on them."""

from gdviz.learn.tables import TableError, read_table

__all__ = [
    "TableError",
    "read_table",
]
