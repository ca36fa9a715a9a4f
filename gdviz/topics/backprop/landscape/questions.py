"""What the room of the loss landscape asks before the path and its plane are seen."""

import numpy as np

from gdviz.catalogue.question import Questions, ask_choice
from gdviz.catalogue.usual_questions import ask_share
from gdviz.topics.backprop.landscape.settings import Landscape, LandscapeRun, run
from gdviz.topics.backprop.landscape.verdict import FLAT, between_networks, off_the_plane

SHARES = (0.05, 0.5, 0.95)


def questions(spec: Landscape) -> Questions:
    """Return what can be asked: what share the plane leaves out, and whether matching helps."""
    done = run(spec)
    return () if done.lost else (*_outside(done), *_matching(done))


def _outside(done: LandscapeRun) -> Questions:
    if not np.any(done.seen.distances > 0):
        return ()
    text = "What share of the path's squared distances from its end lies outside this plane?"
    return ask_share("outside", text, done.seen.outside, SHARES, off_the_plane(done))


def _matching(done: LandscapeRun) -> Questions:
    """Ask whether a matching of hidden units lowers the barrier, where it moves it at all."""
    if done.twin is None:
        return ()
    before, after = done.twin.barriers
    if abs(after.height - before.height) <= FLAT * done.losses[0]:
        return ()
    text = "Is the barrier between A and B lower once B's hidden units are matched to A's?"
    right = {0 if after.height < before.height else 1}
    return ask_choice("matching", text, ("Yes", "No"), right, between_networks(done))
