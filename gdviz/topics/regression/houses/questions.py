"""What the room of house prices asks before the predictions are seen."""

from gdviz.catalogue.question import Questions, ask_choice
from gdviz.catalogue.usual_questions import ask_share
from gdviz.topics.regression.houses.settings import Houses, Priced, run

PARTS = (0.2, 0.4, 0.6, 0.8)  # of the variance: the limits between the choices
LOOKS = ("Worse", "As good, to a hundredth", "Better")
SAME, OTHER = 0.008, 0.012  # differences of R²: surely under a hundredth, and over


def questions(spec: Houses) -> Questions:
    """Return what can be asked: how much is predicted, and what a leak pretends."""
    done = run(spec)
    honest = done.honest.on_test.r2
    if honest is None:
        return ()
    text = "What share of the variance of the prices held out is predicted, R²?"
    told = f"R² of the honest model is {honest:.3f} on the rows held out."
    return (*ask_share("predicted", text, honest, PARTS, told), *_leak(done, honest))


def _leak(done: Priced, honest: float) -> Questions:
    """Ask what the leak makes of R², unless that is near to a hundredth."""
    shown = done.shown.on_test.r2
    if done.shown is done.honest or shown is None or SAME < abs(shown - honest) < OTHER:
        return ()
    right = 1 if abs(shown - honest) <= SAME else 2 if shown > honest else 0
    text = "How good does the leak make the predictions look?"
    told = f"R² is {shown:.3f} with the leak, and {honest:.3f} without."
    return ask_choice("leak", text, LOOKS, {right}, told)
