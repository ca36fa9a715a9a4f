"""The knobs of importance sampling: target, proposal, h."""

from collections.abc import Callable

from gdviz.figures.hand import Hand
from gdviz.topics.importance import settings as topic
from gdviz.topics.importance.settings import Weighing
from gdviz.ui.controls import Controls, write

PAGE = "importance"


def controls() -> Weighing:
    """Draw the knobs; return the settings, always sound."""
    draw = Controls(Weighing, PAGE)
    for shape, place, width in (("target", "mu", "sigma"), ("proposal", "nu", "tau")):
        draw.draw(shape)
        draw.beside(place, width)
    if "student_t" in (draw.values["target"], draw.values["proposal"]):
        draw.draw("df", with_dial=False)
    draw.draw("h")
    draw.beside("n", "seed")
    names = [name for name in draw.knobs if name not in ("n", "seed", "gamma")]
    draw.keep_valid(names, topic.check)
    return draw.spec()


def curve_mover(spec: Weighing) -> Callable[[Hand], None]:
    """Return what moves the curve that the hand holds."""

    def move(hand: Hand) -> None:
        moved = topic.apply_hand(spec, hand)
        write(PAGE, {name: getattr(moved, name) for name in ("mu", "sigma", "nu", "tau")})

    return move
