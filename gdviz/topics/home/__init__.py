"""The home page: cards, first steps, tours and the search."""
