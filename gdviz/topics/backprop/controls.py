"""The knobs of the playground, and what its stage and its link keep beside them."""

from dataclasses import replace

import streamlit as st

from gdviz.catalogue.preset import Preset
from gdviz.knobs import knobs
from gdviz.learn.point_tables import PointTable
from gdviz.learn.toy_datasets import FEATURES
from gdviz.topics.backprop import figure as figures
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop.hand import apply_hand, with_axis
from gdviz.topics.backprop.history import extend_history
from gdviz.topics.backprop.inputs import MORE
from gdviz.topics.backprop.link import MOST_POINTS, FeatureRange
from gdviz.topics.backprop.settings import CURVE, EXTRA, HELD, OWN, SEARCHES, Playground
from gdviz.topics.backprop.training import run
from gdviz.ui.controls import (
    MORE_KNOBS,
    Controls,
    key_of,
    restore_from_query,
    set_query_param,
    show_error,
    write,
)
from gdviz.ui.stage import Hand, stage

PAGE = "backprop"
TRAINING_MENU = ("epochs", "batch", "stop", "level", "schedule", "l1", "l2", "dropout", "clip")
NETWORK_MENU = ("activations", "layer_rates", "loss", "scheme", "scale", "seed")
SOUND = (
    *("hidden", "activations", "layer_rates", "data", "formula", "features"),
    *("method", "loss", "l1", "l2", "batch", "dropout"),
)
DATA_MENU = ("n", "noise", "share", "data_seed")


def kept_settings(name: str) -> str:
    """Return a text that is no widget's: of the session, or of the link that opened it."""
    key = f"{PAGE}_{name}_text"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(key_of(PAGE, name), "")
    return st.session_state[key]


def told_beyond() -> Playground:
    """Return what the session, or the link, says beyond the knobs."""
    return Playground().with_extra_query({name: [kept_settings(name)] for name in EXTRA})


def keep(spec: Playground) -> None:
    """Keep what a spec says beyond its knobs, in the session and in the link."""
    texts = spec.extra_query()
    for name in EXTRA:
        text = texts.get(name, "")
        st.session_state[f"{PAGE}_{name}_text"] = text
        set_query_param(key_of(PAGE, name), [text] if text else [])


def forget(preset: Preset) -> None:
    """Forget history, points and the unit shown, before a preset writes its knobs."""
    keep(Playground())
    st.session_state.pop(f"{PAGE}_shown", None)
    st.session_state.pop(f"{PAGE}_weight", None)


def on_hand(hand: Hand) -> None:
    """A click on the stage: a weight is chosen to be typed, anything else changes the spec."""
    if hand.down:
        return
    spec = present()
    if hand.id[:2] in ("w_", "b_"):
        st.session_state[f"{PAGE}_weight"] = hand.id
        return
    label = 0.0 if st.session_state.get(f"{PAGE}_class") == "0" else 1.0
    apply(spec, apply_hand(spec, hand, label))


def chosen_data(hand: Hand) -> None:
    """A click on a thumbnail chooses the data."""
    name = hand.id.removeprefix("data_")
    if not hand.down and name in topic.DATA:
        write(PAGE, {"data": name})


def apply(before: Playground, after: Playground) -> None:
    """Write what has changed between two specs, before the widgets of the next run are drawn."""
    changed = {
        name: getattr(after, name)
        for name in knobs(Playground)
        if getattr(after, name) != getattr(before, name)
    }
    write(PAGE, changed)
    keep(after)


def present() -> Playground:
    """Return the spec that the page shows, as a callback sees it."""
    shown = st.session_state.get(f"{PAGE}_shown")
    return shown[0] if shown else Playground()


def controls() -> Playground:
    """Draw the knobs; return settings that can be run."""
    draw = Controls(Playground, PAGE, live=True)
    _data(draw)
    draw.beside("activation", "method")
    if (
        draw.values["method"] not in SEARCHES | {"adadelta"}
        or draw.values["method"] == "backtracking"
    ):
        draw.draw("lr", window=(1e-3, 10.0))
    else:
        draw.values["lr"] = draw.knobs["lr"].default
    draw.draw("near", with_dial=False)
    with draw.menu("more", *MORE_KNOBS):
        for names in (TRAINING_MENU, NETWORK_MENU):
            for i in range(0, len(names), 2):
                draw.beside(*names[i : i + 2])
        draw.draw("hidden")
        draw.draw("features")
    st.toggle(
        "changes go on from the step shown",
        key=f"{PAGE}_go_on",
        help="A change of η, optimizer, batch or penalties goes on training from the step that the "
        "stage shows. Off: it starts again, from the same weights.",
    )
    texts = {name: [kept_settings(name)] for name in EXTRA}
    draw.keep_valid(SOUND, lambda spec: run(spec.with_extra_query(texts)))
    return _with_history(draw.spec())


def _data(draw: Controls) -> None:
    restore_from_query(draw.knobs["data"], key_of(PAGE, "data"))  # the ring comes before the choice
    figure, scene = figures.thumbnails(str(st.session_state.get(key_of(PAGE, "data"), "circle")))
    stage(f"{PAGE}_data_stage", figure, scene, height=96, on_hand=chosen_data)
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        data = draw.draw("data")
    with right, draw.menu("samples", "Samples"):
        for name in DATA_MENU:
            draw.draw(name, with_dial=False)
        draw.draw("test")
    if data == CURVE:
        draw.draw("formula")
    if data == OWN:
        own_points()
        axes_of_table()
    _held(draw, told_beyond().columns if data == OWN else ())


def _held(draw: Controls, columns: tuple[FeatureRange, ...]) -> None:
    """Draw what the coordinates beyond the picture are held at, of those that are inputs."""
    key = key_of(PAGE, "features")
    restore_from_query(draw.knobs["features"], key)
    for k, name in enumerate(HELD, 2):
        short = name.removeprefix("held_")
        if short in st.session_state.get(key, ()):
            known = f"{columns[k].name} ({FEATURES[short][0]}) held at" if k < len(columns) else ""
            draw.draw(name, label=known)


def own_points() -> None:
    """Draw the choice of the class that a click adds, and the file that may be brought."""
    st.segmented_control(
        "A click adds class",
        ["0", "1"],
        default=None if f"{PAGE}_class" in st.session_state else "1",
        key=f"{PAGE}_class",
        help="Click the large picture; with Shift the nearest point goes.",
    )
    with st.popover("Bring a CSV", icon=":material/upload_file:", width="stretch"):
        file = st.file_uploader(
            "Two to six features, and a class in the last column",
            type=["csv", "txt"],
            key=f"{PAGE}_csv",
            max_upload_size=1,
        )
        if file is not None:
            take_file(file.getvalue(), file.file_id)


def take_file(data: bytes, name: str) -> None:
    """Take the points of a file, once."""
    from gdviz.learn.point_tables import read_csv

    if st.session_state.get(f"{PAGE}_file") != name:
        st.session_state[f"{PAGE}_file"] = name
        try:
            table = read_csv(data, MOST_POINTS)
        except ValueError as error:
            st.session_state[f"{PAGE}_told"] = error
            return
        apply(present(), with_table(present(), table))
        st.session_state[f"{PAGE}_told"] = table.told
    told = st.session_state.get(f"{PAGE}_told", "")
    show_error(told) if isinstance(told, Exception) else st.text(told)


def with_table(spec: Playground, table: PointTable) -> Playground:
    """Return the spec that learns from a table: of more than two features all are inputs."""
    points = tuple(
        (*(float(f"{value:.3g}") for value in row), label)
        for row, label in zip(table.x, table.y.tolist(), strict=True)
    )
    columns = tuple(
        FeatureRange(n, *e) for n, e in zip(table.names, table.ends.tolist(), strict=True)
    )
    features = ("x1", "x2", *MORE)[: len(columns)]
    if len(columns) == 2:
        features = tuple(name for name in spec.features if name not in MORE) or features
    return replace(spec, points=points, columns=columns, features=features, past=(), unit=())


def axes_of_table() -> None:
    """Draw the choice of the two columns that are the plane; the others are held."""
    spec = told_beyond()
    names = [column.name for column in spec.columns]
    if len(names) < 3 or len(names) != len(spec.points[0]) - 1:
        return
    with st.container(horizontal=True):
        for axis, sign in enumerate(("x₁", "x₂")):
            key = f"{PAGE}_axis_{axis}_{'_'.join(names)}"

            def chosen(axis: int = axis, key: str = key) -> None:
                apply(present(), with_axis(present(), axis, names.index(st.session_state[key])))

            st.selectbox(f"{sign} is", names, axis, key=key, on_change=chosen)


def _with_history(spec: Playground) -> Playground:
    """Return the spec with points, history and unit; see what has changed since the last run."""
    texts = {name: [kept_settings(name)] for name in EXTRA}
    spec = spec.with_extra_query(texts)
    last, epoch = st.session_state.get(f"{PAGE}_shown") or (None, 0)
    spec = extend_history(spec, last, epoch, bool(st.session_state.get(f"{PAGE}_go_on")))
    keep(spec)
    return spec


def remember(spec: Playground, epoch: int) -> None:
    """Remember what is shown, for the next change to go on from."""
    st.session_state[f"{PAGE}_shown"] = (spec, epoch)
