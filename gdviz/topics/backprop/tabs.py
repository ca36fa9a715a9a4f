"""The tabs of the playground: curves and views, numbers, mathematics, code."""

import inspect
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.scene import Scene
from gdviz.knobs import clamp
from gdviz.learn.activations import ACTIVATIONS
from gdviz.learn.network import unflat
from gdviz.learn.network_losses import LOSSES
from gdviz.optimize.methods import LABELS, METHODS
from gdviz.topics.backprop import charts
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop import studies as views
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.figure_one_step import slow_stage
from gdviz.topics.backprop.one_step import PACES, walk
from gdviz.topics.backprop.outputs import logits
from gdviz.topics.backprop.pitfalls import ROWS
from gdviz.topics.backprop.program import as_python
from gdviz.topics.backprop.settings import Playground, Result
from gdviz.ui.chart import chart
from gdviz.ui.controls import write
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.stage import Hand, stage
from gdviz.ui.words import words

VIEWS = {
    "losses": "Losses",
    "slow": "One step, slowly",
    "health": "Health of the layers",
    "spaces": "Hidden spaces",
    "slice": "Loss around the path",
    "map": "What trains",
    "errors": "Errors",
}
HEIGHT = 330
ZOOMS = [1, 4, 16, 64, 256]
SIZES = {"quick": 40, "fine": 128}


def curves(spec: Playground, result: Result, step: int) -> None:
    """Draw the chosen view of the training."""
    _VIEWS[view(PAGE, VIEWS)](spec, result, min(step, len(result.epochs) - 1))


def _losses(spec: Playground, result: Result, step: int) -> None:
    figure = charts.losses(spec, result, step, lecture_mode())
    words_of = "Loss and score of the training and the test set over the epochs."
    chart(figure, height=HEIGHT, key=f"{PAGE}_losses", alt=words_of)


def _slow(spec: Playground, result: Result, step: int) -> None:
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        pace = st.segmented_control(
            "Step by",
            list(PACES),
            default="sample",
            format_func=lambda name: PACES.get(name, name),
            key=f"{PAGE}_pace",
            required=True,
        )
    with right:
        sample = 0
        if pace == "sample":
            last = len(result.data.x)
            sample = int(st.number_input("sample", 1, last, 1, key=f"{PAGE}_sample", width=160)) - 1
    frames = walk(spec, result, step, str(pace or "sample"), sample)
    epoch = int(result.epochs[step])
    st.caption(
        f"From the weights at epoch {epoch} (the step of the stage above). In a box: the "
        "activation, below it δ = ∂L/∂z. Lines are weights on the way forward, then ∂L/∂w."
    )
    figure, scene = slow_stage(frames, result.sizes, lecture_mode())
    _still_stage("slow", figure, scene, 400, first=True)


def _still_stage(
    name: str, figure: go.Figure, scene: Scene, height: int, first: bool = False
) -> None:
    """Draw a stage that no hand moves."""
    stage(
        f"{PAGE}_{name}_stage",
        figure,
        scene,
        height=height,
        large=lecture_mode(),
        step=0 if first else None,
    )


def _health(spec: Playground, result: Result, step: int) -> None:
    found = views.health(spec, result)
    st.markdown(
        f"**At epoch {int(result.epochs[step])}:** {views.diagnosis(spec, result, found, step)}"
    )
    figure = charts.gradients(result, found, lecture_mode())
    alt = "Norm of the gradient of each layer, and units that stand still, over the epochs."
    chart(figure, height=HEIGHT, key=f"{PAGE}_gradients", alt=alt)
    if found.activations:
        figure = charts.histograms(result, found, lecture_mode())
        alt = "How the activations of each layer are spread, over the epochs."
        chart(figure, height=HEIGHT - 60, key=f"{PAGE}_histograms", alt=alt)


def _spaces(spec: Playground, result: Result, step: int) -> None:
    if len(result.sizes) < 3:
        st.info("There is no hidden layer: the plane stays as it is. Add one on the stage.")
        return
    found = views.spaces(spec, result)
    parts = [f"{share:.0%} in layer {i}" for i, share in enumerate(found.share, 1) if share < 1]
    st.caption(
        "A hidden layer moves the plane, with its samples, until a straight cut separates them. "
        + (
            f"More than two units are seen in their principal plane: {', '.join(parts)}."
            if parts
            else ""
        )
    )
    figure, scene = charts.spaces_stage(result, found, lecture_mode())
    _still_stage(f"spaces_{len(found.grid)}", figure, scene, 380)


def _slice(spec: Playground, result: Result, step: int) -> None:
    if len(result.path) < 3:
        st.info("The path has too few steps to span a plane.")
        return
    found = views.loss_slice(spec, result)
    st.caption(
        f"The training loss in the plane of the path's two main directions; {found.share:.0%} of "
        "the way lies in it. The path seems to cross contours where it leaves the plane."
    )
    figure, scene = charts.slice_stage(found, lecture_mode())
    _still_stage("slice", figure, scene, 400)


def _map(spec: Playground, result: Result, step: int) -> None:
    left, right = st.columns(2)
    zoom = left.segmented_control(
        "Zoom around η and factor", ZOOMS, default=1, key=f"{PAGE}_zoom", required=True
    )
    size = right.segmented_control(
        "Pixels", list(SIZES), default="quick", key=f"{PAGE}_pixels", required=True
    )
    zoom, pixels = int(zoom or 1), SIZES[str(size or "quick")]
    where = (spec.lr, spec.scale) if zoom > 1 else ()
    settings = [
        getattr(spec, n)
        for n in vars(spec)
        if n not in ("lr", "scale", "epochs", "unit", "past", "test")
    ]
    key = ("map", zoom, pixels, where, repr(settings))
    values = run_job(PAGE, key, lambda: views.trainability(spec, zoom, pixels))
    if values is None:
        return
    method = LABELS[views.map_method(spec)]
    st.caption(
        f"Each pixel is a training of {views.MAP_EPOCHS} epochs by {method}: blue where the loss "
        "fell, orange where it rose. Click one to load it; zoom into the border, it is a fractal."
    )
    ends = views.window(spec, zoom)
    figure, scene = charts.map_stage(values, ends, (spec.lr, spec.scale), lecture_mode())
    stage(f"{PAGE}_map_stage", figure, scene, height=430, on_hand=_load, large=lecture_mode())


def _load(hand: Hand) -> None:
    if not hand.down:
        found = {"lr": clamp(Playground, "lr", hand.x), "scale": clamp(Playground, "scale", hand.y)}
        write(PAGE, {name: float(f"{value:.4g}") for name, value in found.items()})


def _errors(spec: Playground, result: Result, step: int) -> None:
    sets = [
        ("training", result.data.x, result.data.y),
        ("test", result.data.x_test, result.data.y_test),
    ]
    for column, (name, x, y) in zip(st.columns(2), sets, strict=True):
        if not len(y):
            continue
        z = logits(spec, result.path[step : step + 1], result.sizes, x)[0]
        title = f"{name}, epoch {int(result.epochs[step])}"
        if topic.is_regression(spec):
            figure = charts.predictions(y, z[:, 0], title, lecture_mode())
        else:
            said = z[:, 0] > 0 if z.shape[1] == 1 else z[:, 1] > z[:, 0]
            table = np.array([[np.sum((y == i) & (said == j)) for j in (0, 1)] for i in (0, 1)])
            figure = charts.confusion(table, title, lecture_mode())
        alt = f"Errors on the {name} set."
        with column:
            chart(figure, height=HEIGHT, key=f"{PAGE}_errors_{name}", alt=alt)


_VIEWS: dict[str, Callable[[Playground, Result, int], None]] = {
    "losses": _losses,
    "slow": _slow,
    "health": _health,
    "spaces": _spaces,
    "slice": _slice,
    "map": _map,
    "errors": _errors,
}


def numbers(spec: Playground, result: Result, step: int) -> None:
    """Draw the table of the run, and the weights of the frame shown."""
    table = {
        "epoch": result.epochs,
        "train loss": result.train_loss,
        "test loss": result.test_loss,
        "train score": result.train_score,
        "test score": result.test_score,
    }
    left, right = st.columns([3, 2])
    left.dataframe(table, height=HEIGHT, hide_index=True, key=f"{PAGE}_table")
    row = min(step, len(result.epochs) - 1)
    params = unflat(result.path[row], result.sizes)
    with right:
        st.markdown(f"Weights at epoch {int(result.epochs[row])}; the last row are the biases.")
        for i, (W, b) in enumerate(params, start=1):
            st.caption(f"Layer {i}: {W.shape[0]} inputs, {W.shape[1]} units")
            rows = [*[f"from {j + 1}" for j in range(len(W))], "bias"]
            columns = {f"unit {j + 1}": np.vstack([W, b])[:, j] for j in range(W.shape[1])}
            st.dataframe({"": rows, **columns}, hide_index=True, key=f"{PAGE}_weights_{i}")


def maths(spec: Playground, result: Result, step: int) -> None:
    """Show what a layer computes forward and backward, with the numbers of one weight."""
    row = min(step, len(result.epochs) - 1)
    loss, activation = LOSSES[result.loss], ACTIVATIONS[spec.activation]
    st.latex(
        rf"z_\ell = a_{{\ell-1}} W_\ell + b_\ell, \qquad "
        rf"a_\ell = f(z_\ell), \qquad f(z) = {activation.latex}"
    )
    st.latex(
        rf"L = \operatorname{{mean}}\left({loss.latex}\right), \qquad "
        rf"\delta_{{last}} = \frac{{1}}{{n}}\left({loss.delta_latex}\right)"
    )
    st.latex(
        r"\delta_{\ell-1} = \left(\delta_\ell W_\ell^\top\right) \odot f'(z_{\ell-1}), \qquad "
        r"\frac{\partial L}{\partial W_\ell} = a_{\ell-1}^\top \delta_\ell, \qquad "
        r"\frac{\partial L}{\partial b_\ell} = \sum \delta_\ell"
    )
    grads = unflat(views.slopes(spec, result)[row], result.sizes)
    W, dW = unflat(result.path[row], result.sizes)[-1][0], grads[-1][0]
    st.markdown(f"At epoch {int(result.epochs[row])}, the first weight of the last layer:")
    st.latex(
        rf"w = {W[0, 0]:.4g}, \qquad "
        rf"\frac{{\partial L}}{{\partial w}} = \sum_s a_s \delta_s = {dW[0, 0]:.4g}"
    )
    words(PAGE)


def code(spec: Playground, result: Result, step: int) -> None:
    """Show the page as Python, and the source of what ran."""
    from gdviz.learn import network

    st.markdown("This prints the losses on this page:")
    st.code(as_python(spec), language="python")
    with st.expander(f"The source of {LABELS[spec.method]}"):
        st.code(inspect.getsource(inspect.unwrap(METHODS[spec.method])), language="python")
    with st.expander("The source of the backward pass"):
        st.code(inspect.getsource(network.backward), language="python")


def csv_of(result: Result) -> bytes:
    """Return the run as a table: losses, scores and every parameter of every frame."""
    names = [f"theta{i}" for i in range(result.path.shape[1])]
    head = ["epoch", "train_loss", "test_loss", "train_score", "test_score", *names]
    columns = np.column_stack([*result[4:9], result.path])
    lines = [",".join(map(repr, row)) for row in columns.tolist()]
    return "\n".join([",".join(head), *lines, ""]).encode()


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, found, step = drawn.spec, drawn.runs, drawn.step
    panels = {
        "Curves": lambda: curves(spec, found, step),
        "Numbers": lambda: numbers(spec, found, step),
        "Maths": lambda: maths(spec, found, step),
        "Code": lambda: code(spec, found, step),
        "Pitfalls": lambda: pitfalls(ROWS),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv_of(found))
