"""The weights of a network as files, `.npz` of NumPy or `.safetensors`, in and out; never a pickle.

In a file a layer is `0.weight (out, in)` and `0.bias (out,)`, the next one `2.weight` ..., as in a
`torch.nn.Sequential` whose activations stand between its layers: `load_state_dict` takes it.
"""

import io
import json
import re
import struct
import zipfile
from typing import Any

import numpy as np
from numpy.lib import format as format_

from gdviz.learn.network import Params

MOST_BYTES = 1_000_000  # of a file, and of what is in it
MOST_ARRAYS = 64
MOST_AXES = 8
MOST_HEADER = 100_000  # bytes of the names and shapes in a safetensors file
FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}  # the last: half of an F32


class WeightError(ValueError):
    """A file that holds no weights of a network; the message is fit for a page."""


def arrays_of(params: Params) -> dict[str, np.ndarray]:
    """Return the weights by the names that they have in a file."""
    named: dict[str, np.ndarray] = {}
    for i, (W, b) in enumerate(params):
        named |= {f"{2 * i}.weight": np.ascontiguousarray(W.T), f"{2 * i}.bias": np.array(b)}
    return named


def npz_of(params: Params) -> bytes:
    """Return the weights as a `.npz` file of NumPy."""
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays_of(params))
    return out.getvalue()


def safetensors_of(params: Params) -> bytes:
    """Return the weights as a `.safetensors` file: the length of a JSON header, it, the numbers."""
    header: dict[str, Any] = {}
    body = b""
    for name, array in arrays_of(params).items():
        data = array.astype("<f8").tobytes()
        ends = [len(body), len(body) + len(data)]
        header[name] = {"dtype": "F64", "shape": list(array.shape), "data_offsets": ends}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def params_in(data: bytes) -> Params:
    """Return the weights in the bytes of a `.npz` or `.safetensors` file.

    Names may be others, if a layer's weights and its bias follow each other; weights may be
    `(out, in)` or `(in, out)`. Raises `WeightError` for what is no network, or too large.
    """
    if len(data) > MOST_BYTES:
        raise WeightError(f"The file has {len(data):,} bytes; {MOST_BYTES:,} are the most.")
    named = _npz(data) if data[:2] == b"PK" else _safetensors(data)
    for name, array in named.items():
        if not np.isfinite(array).all():
            raise WeightError(f"“{_told(name)}” holds a value that is not finite.")
    return _layers(named)


def _told(text: str) -> str:
    """Return a word of a stranger's as a page can show it."""
    return "".join(c if c.isprintable() else "?" for c in text[:40])


def _npz(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of a `.npz`, whose sizes are looked at before one byte is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_ARRAYS:
                raise WeightError(f"The file holds {len(members)} arrays; {MOST_ARRAYS} at most.")
            if sum(member.file_size for member in members) > MOST_BYTES:
                raise WeightError("Unpacked, the file is too large for a small network.")
            return {m.filename.removesuffix(".npy"): _npy(archive.read(m)) for m in members}
    except WeightError:
        raise
    except Exception as error:  # a damaged archive raises what it likes
        raise WeightError("The file is no `.npz` of arrays of numbers.") from error


def _npy(data: bytes) -> np.ndarray:
    """Return the array of a `.npy`; NumPy's own reader would reserve whatever its header asks."""
    file = io.BytesIO(data)
    version = format_.read_magic(file)
    read = format_.read_array_header_1_0 if version == (1, 0) else format_.read_array_header_2_0
    shape, by_columns, dtype = read(file)
    if dtype.kind not in "fiu":
        raise ValueError("no numbers")
    flat = np.frombuffer(file.read(), dtype)
    return flat.reshape(shape, order="F" if by_columns else "C").astype(float)


def _safetensors(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of a `.safetensors` file, each checked against its bytes."""
    wrong = WeightError("The file is neither `.npz` nor `.safetensors`.")
    if len(data) < 10:
        raise wrong
    (length,) = struct.unpack("<Q", data[:8])
    if length > min(MOST_HEADER, len(data) - 8):
        raise wrong
    try:
        header = json.loads(data[8 : 8 + length].decode("utf-8"))
    except (ValueError, RecursionError):
        raise wrong from None
    if not isinstance(header, dict):
        raise wrong
    header.pop("__metadata__", None)
    if len(header) > MOST_ARRAYS:
        raise WeightError(f"The file holds {len(header)} arrays; {MOST_ARRAYS} at most.")
    return {name: _tensor(_told(name), about, data[8 + length :]) for name, about in header.items()}


def _tensor(name: str, about: Any, body: bytes) -> np.ndarray:
    try:
        kind, shape, (start, end) = str(about["dtype"]), about["shape"], about["data_offsets"]
        whole = all(type(n) is int and n >= 0 for n in (*shape, start, end))
        whole = whole and len(shape) <= MOST_AXES
    except (TypeError, KeyError, ValueError):
        whole = False
    if not whole:
        raise WeightError(f"“{name}” is not described as a tensor.")
    if kind not in FLOATS:
        raise WeightError(
            f"“{name}” is of the type {_told(kind)[:20]}; {', '.join(FLOATS)} are read."
        )
    dtype = np.dtype(FLOATS[kind])
    count = 1
    for n in shape:
        count = min(count * n, MOST_BYTES)
    size = count * dtype.itemsize
    if not start <= end <= len(body) or end - start != size or max(shape, default=0) > MOST_BYTES:
        raise WeightError(f"“{name}” does not have the bytes that its shape needs.")
    values = np.frombuffer(body[start:end], dtype)
    if kind == "BF16":
        values = (values.astype("<u4") << 16).view("<f4")
    return values.reshape(shape).astype(float)


def _layers(named: dict[str, np.ndarray]) -> Params:
    """Return arrays as layers: those of two axes are weights, each with the bias after it.

    Numbers in their names order them. A name without one beside numbered ones is the last layer, or
    the first: whichever fits.
    """
    axes = [array.ndim for array in named.values()]
    if not axes.count(2) or not axes.count(2) == axes.count(1) == len(axes) / 2:
        raise WeightError(
            "A network is layers of weights (two axes) and biases (one axis), as many of each; the "
            f"file has {axes.count(2)} and {axes.count(1)}, and {len(named)} arrays in all."
        )
    last, first = (_in_order(named, plain) for plain in (1, -1))
    fitting = [order for order in (last, first) if not _misfit(_as_params(order))]
    if not fitting:
        raise WeightError(_misfit(_as_params(last)))
    if len(fitting) == 2 and list(last) != list(first):
        raise WeightError("The layers fit in two orders: give the names of all of them numbers.")
    return _as_params(fitting[0])


def _in_order(named: dict[str, np.ndarray], plain: int) -> dict[str, np.ndarray]:
    """Return arrays by the numbers in their names; those without any last or first, by `plain`."""

    def place(name: str) -> tuple[int, list[tuple[int, str]]]:
        numbers = [(len(n), n) for n in re.findall(r"\d+", name)]
        return (0 if numbers else plain), numbers

    return {name: named[name] for name in sorted(named, key=place)}


def _as_params(named: dict[str, np.ndarray]) -> Params:
    tables = [(name, array) for name, array in named.items() if array.ndim == 2]
    biases = [array for array in named.values() if array.ndim == 1]
    turned = _is_turned(tables, biases)
    return [
        (table.T.copy() if turned else table, bias)
        for (_, table), bias in zip(tables, biases, strict=True)
    ]


def _is_turned(tables: list[tuple[str, np.ndarray]], biases: list[np.ndarray]) -> bool:
    """Tell whether weights are `(out, in)`: where shapes do not tell, a name `weight` does."""
    for (_, table), bias in zip(tables, biases, strict=True):
        if table.shape[0] != table.shape[1]:
            return table.shape[0] == len(bias)
    return all("weight" in name for name, _ in tables)


def _misfit(params: Params) -> str:
    """Return where layers do not fit together, in a sentence; empty if they do."""
    for i, (W, b) in enumerate(params, start=1):
        if 0 in W.shape or W.shape[1] != len(b):
            return f"Layer {i}: weights {W.shape[0]} × {W.shape[1]} and {len(b)} biases do not fit."
        if i > 1 and params[i - 2][0].shape[1] != W.shape[0]:
            before = params[i - 2][0].shape[1]
            return f"Layer {i} takes {W.shape[0]} inputs, {before} arrive."
    return ""
