"""Calculus under machine learning, computed."""
