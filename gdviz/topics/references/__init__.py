"""The papers and books behind every page."""
