"""All JavaScript: the stage, its player, dials and films, and the bundle of them."""
