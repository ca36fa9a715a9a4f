"""Pitfalls: the tutorial's fifteen slides, run as they stand, beside what is right."""

from gdviz.topics.pitfalls.screen import page
from gdviz.topics.references.screen import last_slide

page({15: last_slide})
