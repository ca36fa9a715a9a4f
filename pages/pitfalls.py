"""Pitfalls: the tutorial's fifteen slides, run as they stand, beside what is right."""

from gdviz.ui import pitfall_tab

pitfall_tab.page()
