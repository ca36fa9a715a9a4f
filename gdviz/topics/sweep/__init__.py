"""Sweeps: a page run over many settings."""
