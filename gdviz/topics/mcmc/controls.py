"""The knobs of the page *mcmc*: the target, the sampler with its own knobs, the chains."""

from collections.abc import Callable

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.topics.mcmc import settings as topic
from gdviz.topics.mcmc.settings import OWN, TYPED, Mcmc
from gdviz.topics.mcmc.step_sizes import good_step_sizes, step_marks
from gdviz.ui.controls import MORE_KNOBS, Controls, key_of, write
from gdviz.ui.dial import Mark

PAGE = "mcmc"
WINDOW = ("left", "right", "bottom", "top")
# What may make a run impossible; put back to the last that was possible.
FRAIL = ("target", "formula", *WINDOW, "sampler", "starts")
DIALS = {"sigma": (0.01, 30.0), "leap": (0.005, 2.0), "width": (0.1, 30.0), "scale": (0.1, 30.0)}


def start_with_target() -> None:
    """A chosen target brings steps that suit it, and random starts."""
    write(PAGE, good_step_sizes(st.session_state[key_of(PAGE, "target")]) | {"starts": ""})


def start_with_sampler() -> None:
    """A chosen sampler begins with a step that suits the target."""
    steps = good_step_sizes(st.session_state.get(key_of(PAGE, "target"), "three_modes"))
    own = OWN.get(st.session_state[key_of(PAGE, "sampler")], {})
    write(PAGE, {name: value for name, value in steps.items() if name in own})


def _play_on() -> None:
    """The stage goes on with the draws after those that it shows, from the start after the last."""
    key = key_of(PAGE, "first")
    first = int(st.session_state.get(key, 0)) + topic.PICTURES
    write(PAGE, {"first": first if first < st.session_state[key_of(PAGE, "draws")] else 0})


def controls() -> Mcmc:
    """Draw the knobs; return the settings, always runnable."""
    draw = Controls(Mcmc, PAGE, live=True)
    if draw.draw("target", on_change=start_with_target) == TYPED:
        draw.draw("formula")
        with draw.menu("window", "Window"):
            for name in WINDOW:
                draw.draw(name, with_dial=False)
    sampler = draw.draw("sampler", on_change=start_with_sampler)
    own = list(OWN.get(sampler, ()))
    for name in own[:1]:
        marks = [Mark(value, label) for value, label in step_marks(draw.spec(), name)]
        draw.draw(name, window=DIALS.get(name), marks=marks)
    draw.beside("chains", "seed")
    draw.beside("draws", "burn")
    if draw.draw("pace") == "slow":
        draw.draw("first", with_dial=False)
        st.button(f"Next {topic.PICTURES} draws", key=f"{PAGE}_next", on_click=_play_on)
    with draw.menu("more", *MORE_KNOBS):
        for name in (*own[1:], "starts", "watched"):
            draw.draw(name, with_dial=False)
    draw.keep_valid(FRAIL, topic.run)
    if topic.draws_of(draw.spec()) < draw.values["draws"]:
        st.caption(f"{topic.draws_of(draw.spec()):,} draws: as many as one run may take here.")
    return draw.spec()


def start_mover(spec: Mcmc) -> Callable[[Hand], None]:
    """Return what moves the start, or the burn-in, that the hand holds."""

    def move(hand: Hand) -> None:
        moved = topic.apply_hand(spec, hand)
        write(PAGE, {"starts": moved.starts, "burn": moved.burn})

    return move
