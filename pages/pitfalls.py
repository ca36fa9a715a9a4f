"""Pitfalls: the tutorial's fifteen slides, run as they stand, beside what is right."""

from gdviz.ui import pitfalls

pitfalls.page()
