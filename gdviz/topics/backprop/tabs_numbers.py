"""The numbers of the playground: its run, its weights, and the check of every gradient."""

import numpy as np
import streamlit as st

from gdviz.learn.network import unflat
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.gradient_check import gradient_check
from gdviz.topics.backprop.settings import Playground, Result
from gdviz.ui.tables import show_table

HEIGHT = 330


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
    show_table(table, left, height=HEIGHT, hide_index=True, key=f"{PAGE}_table")
    row = min(step, len(result.epochs) - 1)
    params = unflat(result.path[row], result.sizes)
    with right:
        st.markdown(f"Weights at epoch {int(result.epochs[row])}; the last row are the biases.")
        for i, (W, b) in enumerate(params, start=1):
            st.caption(f"Layer {i}: {W.shape[0]} inputs, {W.shape[1]} units")
            rows = [*[f"from {j + 1}" for j in range(len(W))], "bias"]
            columns = {f"unit {j + 1}": np.vstack([W, b])[:, j] for j in range(W.shape[1])}
            show_table({"": rows, **columns}, hide_index=True, key=f"{PAGE}_weights_{i}")
    _checked_gradient(spec, row)


def _checked_gradient(spec: Playground, row: int) -> None:
    """Draw the gradient of every weight beside its finite difference."""
    found = gradient_check(spec, row)
    kink = " At a kink, of ReLU or of L1, they need not agree." if _has_kinks(spec) else ""
    st.markdown(
        f"**∂L/∂w by backpropagation, and by (L(w + h) − L(w − h))/2h** of the training part: they "
        f"differ by {found.gap:.1e} of the largest slope.{kink}"
    )
    table = {
        "layer": found.layer,
        "from": found.source,
        "to unit": found.unit,
        "w": found.weight,
        "∂L/∂w": found.gradient,
        "finite difference": found.difference,
    }
    show_table(table, height=HEIGHT, hide_index=True, key=f"{PAGE}_gradient_check")


def _has_kinks(spec: Playground) -> bool:
    kinked = {"relu", "leaky_relu"} & set(topic.hidden_activations(spec))
    return bool(kinked) or spec.l1 > 0
