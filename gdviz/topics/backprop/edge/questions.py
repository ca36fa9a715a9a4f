"""What the room of the edge of stability asks before a training is seen."""

from gdviz.catalogue.question import Questions, ask_choice, ask_place
from gdviz.numerals import number
from gdviz.topics.backprop.edge.settings import EdgeOfStability, EdgeRun, run
from gdviz.topics.backprop.edge.verdict import CLOSE, Stay, stay_of, verdict_on

SHARP, LOSS = 0, 2  # the panels
WHERE = (
    "Below its limit",
    "At it, within 5 %",
    "Beyond it, or not steadily at it",
    "The training is lost",
)


def questions(spec: EdgeOfStability) -> Questions:
    """Return what can be asked: where the sharpness stays, when it gets there, the last loss."""
    done = run(spec)
    stay = stay_of(done)
    return (*_where(done, stay), *_when(done, stay), *_loss(done))


def _where(done: EdgeRun, stay: Stay) -> Questions:
    right = 3 if done.lost else 1 if stay.hovers else 0 if stay.high < 1 - CLOSE else 2
    text = f"Where is λmax in the last third, beside {done.edge.over('η')}?"
    return ask_choice("where", text, WHERE, {right}, verdict_on(done))


def _when(done: EdgeRun, stay: Stay) -> Questions:
    """Ask when the sharpness is at its limit first, where it is and was not from the start."""
    if stay.reached < 1:
        return ()
    limit = done.edge.over("η")
    text = f"At which step does λmax come within 5 % of {limit}?"
    told = f"It is there at step {stay.reached} for the first time."
    return ask_place("when", text, "x", (float(stay.reached),), told, SHARP)


def _loss(done: EdgeRun) -> Questions:
    if done.lost:
        return ()
    loss = float(done.losses[-1])
    text = f"What is the loss after {len(done.losses) - 1} steps?"
    return ask_place("loss", text, "y", (loss,), f"The loss is {number(loss, 3)}.", LOSS)
