"""The tabs of the playground: curves and views, numbers, mathematics, code."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.scene import Scene
from gdviz.knobs import Choice, Range, clamp
from gdviz.learn.activations import ACTIVATIONS
from gdviz.learn.network import unflat
from gdviz.learn.network_losses import LOSSES
from gdviz.optimize.methods import LABELS, METHODS
from gdviz.topics.backprop import charts, tabs_rates
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop import studies as views
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.figure_one_step import slow_stage
from gdviz.topics.backprop.one_step import PACES, walk
from gdviz.topics.backprop.outputs import logits
from gdviz.topics.backprop.program import as_python
from gdviz.topics.backprop.settings import Playground, Result
from gdviz.topics.backprop.tabs_files import files
from gdviz.topics.backprop.tabs_numbers import numbers
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import write
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import tab_knob, view
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
    "rate": "η over the steps",
    "range": "Range test",
}
HEIGHT = 330
ZOOMS = {str(z): f"{z}×" for z in (1, 4, 16, 64, 256)}
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
        pace = tab_knob(PAGE, "pace", Choice(PACES, "step by"), "sample")
    with right:
        sample = 0
        if pace == "sample":
            last = len(result.data.x)
            sample = min(tab_knob(PAGE, "sample", Range(1, 500, "sample"), 1), last) - 1
    frames = walk(spec, result, step, pace, sample)
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
    stage(f"{PAGE}_{name}_stage", figure, scene, height=height, step=0 if first else None)


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
        "the way lies in it. The path seems to cross contours where it leaves the plane: the room "
        "*Loss landscape* shows how far, and the loss there."
    )
    figure, scene = charts.slice_stage(found, lecture_mode())
    _still_stage("slice", figure, scene, 400)


def _map(spec: Playground, result: Result, step: int) -> None:
    left, right = st.columns(2)
    with left:
        zoom = int(tab_knob(PAGE, "zoom", Choice(ZOOMS, "zoom around η and factor"), "1"))
    with right:
        pixels = SIZES[tab_knob(PAGE, "pixels", Choice({n: n for n in SIZES}, "pixels"), "quick")]
    where = (spec.lr, spec.scale) if zoom > 1 else ()
    settings = [
        getattr(spec, n)
        for n in vars(spec)
        if n not in ("lr", "scale", "epochs", "unit", "past", "test", "near", *topic.HELD)
    ]
    key = ("map", zoom, pixels, where, repr(settings))
    values = run_job(PAGE, key, lambda: views.trainability(spec, zoom, pixels))
    if values is None:
        return
    method = LABELS[views.map_method(spec)]
    st.caption(
        f"Each pixel is a training of {views.MAP_EPOCHS} epochs by {method}: blue where the loss "
        "fell, orange where it rose. Click one to load it; zoom into the border, which keeps its "
        "detail like a fractal."
    )
    ends = views.window(spec, zoom)
    figure, scene = charts.map_stage(values, ends, (spec.lr, spec.scale), lecture_mode())
    stage(f"{PAGE}_map_stage", figure, scene, height=430, on_hand=_load)


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
    "rate": tabs_rates.rate_steps,
    "range": tabs_rates.range_test,
}


def maths(spec: Playground, result: Result, step: int) -> None:
    """Show what a layer computes forward and backward, with the numbers of one weight."""
    row = min(step, len(result.epochs) - 1)
    loss, names = LOSSES[result.loss], topic.hidden_activations(spec) or (spec.activation,)
    marks = [f"_{k}" for k in range(1, len(names) + 1)] if len(set(names)) > 1 else [""]
    shapes = [
        f"f{mark}(z) = {ACTIVATIONS[name].latex}" for mark, name in zip(marks, names, strict=False)
    ]
    layer = r"_\ell" if marks[0] else ""
    st.latex(
        r"z_\ell = a_{\ell-1} W_\ell + b_\ell, \qquad "
        rf"a_\ell = f{layer}(z_\ell), \qquad " + r",\quad ".join(shapes)
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

    sources = {LABELS[spec.method]: METHODS[spec.method], "the backward pass": network.backward}
    program_and_sources(as_python(spec), sources)
    files(spec, result, step)


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
        "Pitfalls": lambda: pitfalls("backprop"),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv_of(found))
