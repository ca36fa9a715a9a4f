"""The natural gradient: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.natural_gradient.nets import nets
from gdviz.topics.natural_gradient.program import as_python
from gdviz.topics.natural_gradient.settings import NaturalGradient, alike, fits, weights
from gdviz.topics.natural_gradient.tables import run

__all__ = ["NaturalGradient", "alike", "as_python", "fits", "nets", "run", "weights"]
