"""The playground in and out: as a PyTorch script, and its weights as files."""

import streamlit as st

from gdviz.learn.network import sizes_of, unflat
from gdviz.learn.weight_files import npz_of, params_in, safetensors_of
from gdviz.topics.backprop.brought import with_weights
from gdviz.topics.backprop.controls import PAGE, apply, present
from gdviz.topics.backprop.pytorch import as_pytorch, why_not
from gdviz.topics.backprop.settings import Playground, Result
from gdviz.ui.controls import show_error

TOLD = f"{PAGE}_weights_told"


def files(spec: Playground, result: Result, step: int) -> None:
    """Draw the script for PyTorch, the buttons that save weights, and the place to bring some."""
    with st.expander("Copy as PyTorch"):
        why = why_not(spec)
        if why:
            st.info(why)
        else:
            st.caption("It carries data and first weights, and ends at the same loss.")
            st.code(as_pytorch(spec), language="python")
    row = min(step, len(result.epochs) - 1)
    params, epoch = unflat(result.path[row], result.sizes), int(result.epochs[row])
    with st.container(horizontal=True, vertical_alignment="center"):
        for kind, make in (("npz", npz_of), ("safetensors", safetensors_of)):
            st.download_button(
                f"Weights as .{kind}",
                make(params),
                f"gdviz backprop epoch {epoch}.{kind}",
                "application/octet-stream",
                key=f"{PAGE}_weights_{kind}",
                help=f"Those of epoch {epoch}, named as PyTorch names those of a `Sequential`.",
                on_click="ignore",
                icon=":material/download:",
            )
        with st.popover("Bring weights", icon=":material/upload_file:"):
            _uploader()


def _uploader() -> None:
    st.file_uploader(
        "A network as .npz or .safetensors, never a pickle",
        type=["npz", "safetensors"],
        key=f"{PAGE}_weights_file",
        max_upload_size=1,
        on_change=_take,
        help="Training begins with them: the hidden layers become those of the file.",
    )
    told = st.session_state.get(TOLD, "")
    show_error(told) if isinstance(told, Exception) else st.text(told)


def _take() -> None:
    """Take the weights of a file before the knobs are drawn; keep what is to be said of it."""
    file = st.session_state.get(f"{PAGE}_weights_file")
    if file is None:
        st.session_state.pop(TOLD, None)
        return
    before = present()
    try:
        params = params_in(file.getvalue())
        apply(before, with_weights(before, params))
    except ValueError as error:
        st.session_state[TOLD] = error
        return
    layers = " – ".join(map(str, sizes_of(params)))
    st.session_state[TOLD] = f"A network of {layers} units: training begins with its weights."
