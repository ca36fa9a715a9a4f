"""First weights that a visitor has brought: as the text of a link, and fitted to the playground."""

import base64
import binascii
import re
from dataclasses import replace

import numpy as np

from gdviz.learn.network import Params, flat, init_params, parameter_counts, sizes_of, unflat
from gdviz.learn.weight_files import WeightError
from gdviz.topics.backprop.link import MOST_LAYERS, MOST_UNITS, WEIGHTS, hidden_text
from gdviz.topics.backprop.settings import Playground
from gdviz.topics.backprop.settings import sizes_of as sizes_asked


def weights_text(params: Params) -> str:
    """Return weights as text: the sizes of the layers, and base64 of floats of four bytes."""
    sizes = ".".join(map(str, sizes_of(params)))
    data = flat(params).astype("<f4").tobytes()
    return f"{sizes}~{base64.urlsafe_b64encode(data).decode()}"


def weights_in(text: str) -> Params | None:
    """Return the weights that a text says; None unless it is sound."""
    found = re.fullmatch(WEIGHTS, text)
    if not found:
        return None
    sizes = tuple(int(size) for size in found[1].split("."))
    try:
        data = base64.urlsafe_b64decode(found[2])
    except (binascii.Error, ValueError):
        return None
    if 0 in sizes or len(data) != 4 * sum(parameter_counts(sizes)):
        return None
    theta = np.frombuffer(data, "<f4").astype(float)
    return unflat(theta, sizes) if np.isfinite(theta).all() else None


def fits(spec: Playground) -> bool:
    """Tell whether weights were brought, and are those of the layers of the settings."""
    brought = weights_in(spec.brought)
    return brought is not None and sizes_of(brought) == sizes_asked(spec)


def first_params(spec: Playground) -> Params:
    """Return the weights that a training begins with: those brought if they fit, or drawn ones."""
    brought = weights_in(spec.brought) if fits(spec) else None
    return brought or init_params(sizes_asked(spec), spec.scheme, spec.seed, spec.scale)


def with_weights(spec: Playground, params: Params) -> Playground:
    """Return the spec of the network whose weights these are; raise `WeightError` if it has none.

    Its hidden layers become those of the weights; its loss, one of as many outputs.
    """
    inputs, *hidden, outputs = sizes_of(params)
    if inputs != len(spec.features):
        raise WeightError(
            f"The first layer takes {inputs} inputs, and {len(spec.features)} are chosen here."
        )
    if len(hidden) > MOST_LAYERS or max(hidden, default=0) > MOST_UNITS or outputs > 2:
        raise WeightError(
            f"Layers of {' – '.join(map(str, sizes_of(params)))} units: at most {MOST_LAYERS} "
            f"hidden layers of {MOST_UNITS} fit here, and two outputs."
        )
    changed = replace(spec, hidden=hidden_text(tuple(hidden)), brought=weights_text(params),
                      past=(), unit=())  # fmt: skip
    if sizes_asked(changed)[-1] != outputs:
        changed = replace(changed, loss="cross_entropy" if outputs == 2 else "bce")
    if sizes_asked(changed)[-1] != outputs:
        raise WeightError("A value has one output, and the last layer has two.")
    if not np.isfinite(flat(params).astype("f4")).all():
        raise WeightError("A weight is too large.")
    return changed
