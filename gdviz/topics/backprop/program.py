"""The playground as a program on the public API."""

from collections.abc import Sequence

from gdviz.topics.backprop.brought import fits
from gdviz.topics.backprop.link import Edit, Leg
from gdviz.topics.backprop.settings import SEARCHES, TRAINING, Playground, epochs_of
from gdviz.topics.backprop.training import is_of, run, settings


def as_python(spec: Playground) -> str:
    """Return a program on the public API that prints the losses of the page at its last frame."""
    result, brought = run(spec), fits(spec)
    first = "first_params, " if brought else ""
    lines = [
        f"from gdviz.learn import {'' if brought else 'init_params, '}loss_and_grads, train",
        *(["from gdviz.optimize.schedules import factors"] if spec.schedule != "constant" else []),
        f"from gdviz.topics.backprop import Playground, data_of, {first}table_of",
        "",
        f"spec = {_data_words(spec, brought)}",
        "data = data_of(spec)",
        "X, X_test = table_of(spec, data.x), table_of(spec, data.x_test)",
        "params = first_params(spec)"
        if brought
        else f"params = init_params({list(result.sizes)}, {spec.scheme!r}, {spec.seed}, "
        f"{spec.scale!r})",
    ]
    whole = epochs_of(spec, spec.epochs)
    last = (
        int(result.epochs[-1]) - sum(leg.epochs for leg in spec.past) if result.stopped else whole
    )
    legs = (*spec.past, Leg(last, *(getattr(spec, n) for n in TRAINING)))
    memory = ""
    for number, leg in enumerate(legs):
        lines += [_edit_words(e, result.sizes) for e in leg.edits if is_of(e, result.sizes)]
        words = ", ".join(f"{k}={v!r}" for k, v in settings(spec, leg, number).items())
        planned = whole if leg is legs[-1] else leg.epochs
        words += _schedule_words(spec, leg, len(result.data.x), planned)
        lines.append(f"done = train(params, X, data.y, {words}{memory})")
        lines.append("params = [(W.copy(), b.copy()) for W, b in done.params]")
        memory = ", memory=done.memory"
    activation = settings(spec, legs[-1])["activation"]
    loss = f"activation={activation!r}, loss={result.loss!r}"
    lines.append(f'print("train", loss_and_grads(params, X, data.y, {loss})[0])')
    if len(result.data.x_test):
        lines.append(f'print("test", loss_and_grads(params, X_test, data.y_test, {loss})[0])')
    return "\n".join(lines)


def _edit_words(edit: Edit, sizes: Sequence[int]) -> str:
    """Return the line that sets a weight, or a bias, which stands behind the weights."""
    weight = f"0][{edit.source}, {edit.unit}]"
    place = weight if edit.source < sizes[edit.layer] else f"1][{edit.unit}]"
    return f"params[{edit.layer}][{place} = {edit.value!r}"


def _data_words(spec: Playground, brought: bool) -> str:
    names: tuple[str, ...] = (
        "data",
        "formula",
        "n",
        "noise",
        "share",
        "data_seed",
        "features",
        "points",
    )
    names += ("hidden", "loss", "brought") if brought else ()
    plain = Playground()
    changed = [(n, getattr(spec, n)) for n in names if getattr(spec, n) != getattr(plain, n)]
    return f"Playground({', '.join(f'{name}={value!r}' for name, value in changed)})"


def _schedule_words(spec: Playground, leg: Leg, n: int, planned: int) -> str:
    if spec.schedule == "constant" or leg.method in SEARCHES:
        return ""
    each = -(-n // leg.batch) if leg.batch else 1
    cut = f"[:{leg.epochs * each}]" if leg.epochs < planned else ""
    return f", rates=factors({spec.schedule!r}, {planned * each}){cut}"
