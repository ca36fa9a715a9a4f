"""The recommender: the knobs of the page, its data, what it trains, and that as Python."""

from dataclasses import dataclass
from typing import Annotated

from gdviz.knobs import Choice, Range, Switch, Text, needs
from gdviz.learn.recommender.data import SOLVER_LABELS

PLANTED, NOISE, MOVIELENS, UPLOAD = "planted", "noise", "movielens", "upload"
DATA = {
    PLANTED: "Planted, floor known",
    NOISE: "Pure noise",
    MOVIELENS: "MovieLens small",
    UPLOAD: "A file of yours",
}
ROOMS = {
    "train": "Train",
    "matrix": "R ≈ P·Q",
    "one": "One rating at a time",
    "you": "Films and you",
}
BLOCK = 20  # users, and items, of the block that is shown
LONG, LONGEST = 0.7, 120.0  # seconds that want a bar, and that a page does not take


@dataclass(frozen=True)
class Recommender:
    """Everything that the page *recommender* can be asked."""

    room: Annotated[str, Choice(ROOMS, "room")] = "train"
    data: Annotated[str, Choice(DATA, "ratings")] = PLANTED
    factors: Annotated[
        int, Range(0, 100, "factors k", "0 leaves μ + b_u + b_i, trained the same way.")
    ] = 8
    lr: Annotated[float, Range(1e-4, 1.0, "learning rate η", log=True)] = 0.03
    reg: Annotated[float, Range(1e-4, 1.0, "penalty λ", log=True)] = 0.02
    epochs: Annotated[int, Range(1, 200, "epochs")] = 60
    biases: Annotated[bool, Switch("mean and biases", "Without them the prediction is p·q.")] = True
    solver: Annotated[str, Choice(SOLVER_LABELS, "solver")] = "sgd"
    early: Annotated[
        bool, Switch("early stopping", "A tenth of the training part says when to stop.")
    ] = False
    target: Annotated[
        float, Range(0.0, 5.0, "stop at a training RMSE of", "The first epoch there; 0: never.")
    ] = 0.0
    decay: Annotated[float, Range(0.0, 1.0, "decay of η", "η/(1 + decay·epoch)")] = 0.0
    bias_lr: Annotated[
        float,
        Range(0.01, 100.0, "η of the biases ×", "A multiple of η.", log=True),
        needs("biases"),
    ] = 1.0
    bias_reg: Annotated[
        float,
        Range(0.01, 100.0, "λ of the biases ×", "A multiple of λ.", log=True),
        needs("biases"),
    ] = 1.0
    spread: Annotated[float, Range(0.001, 2.0, "first factors σ", log=True)] = 0.1
    dtype: Annotated[str, Choice({"float32": "32 bits", "float64": "64 bits"}, "numbers of")] = (
        "float32"
    )
    noise: Annotated[
        float,
        Range(0.0, 2.0, "noise σ", "The floor of the planted ratings."),
        needs("data", PLANTED),
    ] = 0.4
    rank: Annotated[int, Range(1, 10, "planted rank"), needs("data", PLANTED)] = 3
    filled: Annotated[float, Range(0.05, 0.9, "share of pairs rated"), needs("data", PLANTED)] = (
        0.25
    )
    seed: Annotated[int, Range(0, 9999, "seed")] = 0
    cell_user: Annotated[
        float, Range(0, BLOCK, "row of the cell, from below"), needs("room", "matrix")
    ] = 13.5
    cell_item: Annotated[float, Range(0, BLOCK, "column of the cell"), needs("room", "matrix")] = (
        9.5
    )
    after: Annotated[int, Range(0, 200, "after epoch"), needs("room", "one")] = 2
    film: Annotated[
        str, Text("find a film", "A part of its title.", most=80), needs("room", "you")
    ] = ""
    user: Annotated[
        str,
        Text("list of a user", "The id of a user of the data; empty for yours.", most=80),
        needs("room", "you"),
    ] = ""
    mine: Annotated[
        str, Text("my ratings", "item:stars, item:stars …", most=2000), needs("room", "you")
    ] = ""
    east: Annotated[
        float, Range(-10.0, 10.0, "you, along the first axis"), needs("room", "you")
    ] = 0.0
    north: Annotated[
        float, Range(-10.0, 10.0, "you, along the second axis"), needs("room", "you")
    ] = 0.0


def alike(a: Recommender, b: Recommender) -> bool:
    """Tell whether one picture can hold the runs of two specs."""
    return a.room == b.room and a.data == b.data


# --- data -----------------------------------------------------------------------------------------


# --- runs -----------------------------------------------------------------------------------------
