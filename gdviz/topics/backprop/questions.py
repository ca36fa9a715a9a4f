"""What the playground asks before a training is seen."""

from gdviz.catalogue.question import Questions, ask_place
from gdviz.catalogue.usual_questions import ask_lost, ask_share, ask_turn
from gdviz.numerals import number
from gdviz.topics.backprop.settings import Playground, Result, is_regression
from gdviz.topics.backprop.training import run

LOSSES = 2  # the panel of the losses over the epochs
RIGHT = (0.6, 0.8, 0.9, 0.97)  # of the samples: the limits between the choices


def questions(spec: Playground) -> Questions:
    """Return what can be asked of a training: where the test loss turns, how the end is."""
    found = run(spec)
    lost = ask_lost("the training", found.lost, found.reason)
    return lost if found.lost else (*_turn(found), *_loss(found), *_right(spec, found), *lost)


def _turn(found: Result) -> Questions:
    """Ask at which epoch of those shown the test loss is least."""
    text = "At which epoch does the test loss turn?"
    return ask_turn("turn", text, found.epochs, found.test_loss, LOSSES)


def _loss(found: Result) -> Questions:
    loss = float(found.train_loss[-1])
    text = f"What is the training loss after epoch {int(found.epochs[-1])}?"
    return ask_place("loss", text, "y", (loss,), f"The training loss is {number(loss, 3)}.", LOSSES)


def _right(spec: Playground, found: Result) -> Questions:
    """Ask what share of the samples is right in the end: of the test, where there is one."""
    if is_regression(spec):
        return ()
    part, score = ("test", found.test_score) if len(found.data.x_test) else ("", found.train_score)
    text = f"What share of the {part} samples is right in the end?".replace("  ", " ")
    return ask_share("right", text, float(score[-1]), RIGHT, f"{score[-1]:.1%} are right.")
