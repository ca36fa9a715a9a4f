"""The picture of any page, by its settings alone."""

from importlib import import_module
from typing import Any

from gdviz.figures.scene import Picture
from gdviz.topics.catalogue import home_of


def picture_of(spec: Any, large: bool = False) -> Picture:
    """Return the picture of the page whose settings these are; `large` is the type of a lecture."""
    return import_module(f"gdviz.figures.{home_of(spec)}").picture(spec, large)
