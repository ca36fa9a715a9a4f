"""Markov chains: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.mcmc.settings import Mcmc, as_python, numbers, run, summary

__all__ = ["Mcmc", "as_python", "numbers", "run", "summary"]
