"""The playground as a program on the public API."""

from gdviz.topics.backprop.link import Leg
from gdviz.topics.backprop.settings import SEARCHES, TRAINING, Playground, epochs_of
from gdviz.topics.backprop.training import run, settings


def as_python(spec: Playground) -> str:
    """Return a program on the public API that prints the losses of the page at its last frame."""
    result = run(spec)
    lines = [
        "from gdviz.learn import init_params, loss_and_grads, train",
        *(["from gdviz.optimize.schedules import factors"] if spec.schedule != "constant" else []),
        "from gdviz.topics.backprop import Playground, data_of, table_of",
        "",
        f"spec = {_data_words(spec)}",
        "data = data_of(spec)",
        "X, X_test = table_of(spec, data.x), table_of(spec, data.x_test)",
        f"params = init_params({list(result.sizes)}, {spec.scheme!r}, {spec.seed}, {spec.scale!r})",
    ]
    legs = (*spec.past, Leg(epochs_of(spec, spec.epochs), *(getattr(spec, n) for n in TRAINING)))
    memory = ""
    for number, leg in enumerate(legs):
        for e in leg.edits:
            part = (
                f"0][{e.source}, {e.unit}]" if e.source < result.sizes[e.layer] else f"1][{e.unit}]"
            )
            lines.append(f"params[{e.layer}][{part} = {e.value!r}")
        words = ", ".join(f"{k}={v!r}" for k, v in settings(spec, leg, number).items())
        words += _schedule_words(spec, leg, len(result.data.x))
        lines.append(f"done = train(params, X, data.y, {words}{memory})")
        lines.append("params = [(W.copy(), b.copy()) for W, b in done.params]")
        memory = ", memory=done.memory"
    loss = f"activation={spec.activation!r}, loss={result.loss!r}"
    lines.append(f'print("train", loss_and_grads(params, X, data.y, {loss})[0])')
    if len(result.data.x_test):
        lines.append(f'print("test", loss_and_grads(params, X_test, data.y_test, {loss})[0])')
    return "\n".join(lines)


def _data_words(spec: Playground) -> str:
    names = ("data", "formula", "n", "noise", "share", "data_seed", "features", "points")
    plain = Playground()
    changed = [(n, getattr(spec, n)) for n in names if getattr(spec, n) != getattr(plain, n)]
    return f"Playground({', '.join(f'{name}={value!r}' for name, value in changed)})"


def _schedule_words(spec: Playground, leg: Leg, n: int) -> str:
    if spec.schedule == "constant" or leg.method in SEARCHES:
        return ""
    steps = leg.epochs * (-(-n // leg.batch) if leg.batch else 1)
    return f", rates=factors({spec.schedule!r}, {steps})"
