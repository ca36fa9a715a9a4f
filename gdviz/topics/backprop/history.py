"""Earlier stretches of a training: how a change of a knob on the way becomes history."""

from dataclasses import replace

from gdviz.topics.backprop.link import MOST_LEGS, Edit, Leg
from gdviz.topics.backprop.settings import HELD, TRAINING, Playground, can_precede

KEEPS = {
    *TRAINING,
    *HELD,
    "epochs",
    "past",
    "unit",
    "test",
    "near",
}  # change without a new start


def history_until(spec: Playground, epoch: int) -> tuple[Leg, ...]:
    """Return the stretches of a spec up to an epoch, the present settings among them."""
    now = Leg(spec.epochs, *(getattr(spec, name) for name in TRAINING))
    legs, before = [], 0
    for leg in (*spec.past, now):
        here = min(leg.epochs, epoch - before)
        if here < 0 or (here == 0 and not leg.edits):
            break
        legs.append(leg._replace(epochs=int(here)))
        before += leg.epochs
    return tuple(legs)


def extend_history(
    spec: Playground, last: Playground | None, epoch: int, goes_on: bool
) -> Playground:
    """Return a spec with its history, after the spec shown before, `last`, at an epoch.

    A change of what may change on the way becomes a new stretch where the visitor wants to go on;
    any change of data or network starts afresh.
    """
    if last is None or spec == last:
        return spec
    changed = {name for name in vars(spec) if getattr(spec, name) != getattr(last, name)}
    if changed - KEEPS:
        return replace(spec, past=())
    if "past" in changed or not changed & set(TRAINING):
        return spec
    if not goes_on:
        return replace(spec, past=())
    past = history_until(last, epoch)
    fits = len(past) <= MOST_LEGS and can_precede(spec, past)
    return replace(spec, past=past if fits else last.past)


def with_weight(spec: Playground, epoch: int, edit: Edit) -> Playground:
    """Return a spec whose training goes on from an epoch with a weight set by hand."""
    past = history_until(spec, epoch)
    if past and past[-1].epochs == 0:
        last = past[-1]
        return replace(spec, past=(*past[:-1], last._replace(edits=(*last.edits, edit))))
    now = Leg(0, *(getattr(spec, name) for name in TRAINING))._replace(edits=(edit,))
    fits = len(past) < MOST_LEGS and can_precede(spec, past)
    return replace(spec, past=(*past, now) if fits else spec.past)
