"""See the calculus under machine learning: gradient descent and its relatives, live."""

__version__ = "0.1.0"
