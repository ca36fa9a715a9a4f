"""Measurements against the obvious alternative, side by side: `python -m benchmarks [groups]`."""
