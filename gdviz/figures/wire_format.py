"""A scene as one message to the browser, documented in stage.js: header, floats, bytes."""

import hashlib
import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.core import usual_errors
from gdviz.figures.scene import ARRAYS, BYTES, Layer, Scene
from gdviz.figures.weak_cache import cached_per_object

NOTHING = 255  # the byte of a pixel without a value


@usual_errors
def pack(scene: Scene, **header: Any) -> bytes:
    """Return the scene as one message: header length, JSON header, float32 arrays, bytes."""
    floats, pixels = BackgroundStore(np.dtype("<f4")), BackgroundStore(np.dtype("u1"))
    layers = [_packed(layer, floats, pixels) for layer in scene.layers]
    handles = [handle._asdict() for handle in scene.handles]
    chips = [chip._asdict() for chip in scene.chips]
    about = {"steps": scene.steps, "alt": scene.alt, "chips": chips, "handles": handles}
    about |= {"ends": list(scene.ends), "focus": scene.focus}
    head = {**about, "floats": floats.size, "layers": layers, **header}
    text = json.dumps(head, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + floats.bytes() + pixels.bytes()


def figure_json(figure: go.Figure | Mapping[str, Any]) -> str:
    """Return a figure, or a `plain` one, as JSON for Plotly in the browser."""
    return json.dumps(figure) if isinstance(figure, Mapping) else figure.to_json()


@cached_per_object
def background_message(background: go.Figure) -> tuple[str, bytes]:
    """Return the id of a background and its message; equal figures have equal ids.

    A figure is cached and shown at every run of a page, so it must not be changed afterwards.
    """
    figure = figure_json(background)
    tag = hashlib.sha256(figure.encode()).hexdigest()[:16]
    return tag, f'{{"id":"{tag}","figure":{figure}}}'.encode()


class BackgroundStore:
    """Arrays of one type, one after the other; each is found by `[start, rows, columns]`."""

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype, self.size, self.tables = dtype, 0, list[np.ndarray]()

    def put(self, values: Any) -> list[int]:
        """Store an array `(rows, ...)` and return its place."""
        with np.errstate(over="ignore"):  # values beyond float32 become infinite
            array = np.asarray(values, dtype=self.dtype)
        table = array.reshape(len(array), -1)
        place = [self.size, *table.shape]
        self.tables.append(np.ascontiguousarray(table))
        self.size += table.size
        return place

    def bytes(self) -> bytes:
        """Return all arrays, one after the other."""
        return b"".join(table.tobytes() for table in self.tables)


def _packed(layer: Layer, floats: BackgroundStore, pixels: BackgroundStore) -> dict[str, Any]:
    """Return the layer's entry in the header; store its arrays, and name each by its place."""
    entry: dict[str, Any] = {}
    for name, value in layer._asdict().items():
        if name in ARRAYS:
            entry[name] = None if value is None else floats.put(value)
        elif name in BYTES:
            entry[name] = {"bytes": pixels.put(as_bytes(layer))}
            entry["columns"] = int(np.shape(value)[-1])
        else:
            entry[name] = dict(enumerate(value)) if isinstance(value, tuple) else value
    return entry


def as_bytes(image: Any) -> np.ndarray:
    """Return the pixels of an `Image` as bytes: 0 to 254 from `lo` to `hi`, `NOTHING` for none."""
    values = np.asarray(image.pixels, float)
    share = np.clip((values - image.lo) / (image.hi - image.lo), 0, 1)
    return np.where(np.isnan(values), NOTHING, np.rint(254 * np.nan_to_num(share))).astype("u1")
