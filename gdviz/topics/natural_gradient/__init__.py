"""The natural gradient: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.natural_gradient.settings import (
    NaturalGradient,
    as_python,
    fits,
    nets,
    run,
    weights,
)

__all__ = ["NaturalGradient", "as_python", "fits", "nets", "run", "weights"]
