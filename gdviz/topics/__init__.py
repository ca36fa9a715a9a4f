"""One folder a page: everything of it, and nothing else."""
