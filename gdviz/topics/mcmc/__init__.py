"""Markov chains: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.mcmc.program import as_python
from gdviz.topics.mcmc.settings import Mcmc, numbers, run, summary

__all__ = ["Mcmc", "as_python", "numbers", "run", "summary"]
