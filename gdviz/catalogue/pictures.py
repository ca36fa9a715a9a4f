"""The picture of any page, by its settings alone."""

from importlib import import_module
from typing import Any

from gdviz.catalogue.lookup import topic_of
from gdviz.figures.scene import Picture


def picture_of(spec: Any, large: bool = False) -> Picture:
    """Return the picture of the page whose settings these are; `large` is the type of a lecture."""
    return import_module(f"gdviz.figures.{topic_of(spec)}").picture(spec, large)
