"""Weights in and out: what comes back is what went, and a hostile file is a sentence."""

import io
import json
import struct
import zipfile
from typing import Any

import numpy as np
import pytest
from cases import each

from gdviz.learn import init_params
from gdviz.learn.weight_files import (
    MOST_BYTES,
    WeightError,
    arrays_of,
    npz_of,
    params_in,
    safetensors_of,
)


def same(one: Any, other: Any) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a, b)
        for pair in zip(one, other, strict=True)
        for a, b in zip(*pair, strict=True)
    )


def npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def tensors(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


@each("sizes", [(2, 1), (2, 6, 4, 1), (3, 3, 3, 3), (1, 8, 8, 8, 8, 8, 8, 2), (2, *(4,) * 12, 1)])
def test_weights_come_back_bit_for_bit(sizes: tuple[int, ...]) -> None:
    params = [(W, b + 0.5) for W, b in init_params(sizes, seed=5)]
    for data in (npz_of(params), safetensors_of(params)):
        assert same(params_in(data), params)
    with np.load(io.BytesIO(npz_of(params)), allow_pickle=False) as found:
        assert {k: v.tolist() for k, v in found.items()} == {
            k: v.tolist() for k, v in arrays_of(params).items()
        }


def test_other_names_and_both_ways_to_lay_weights_are_read() -> None:
    params = [(W, b - 0.1) for W, b in init_params((2, 5, 3, 1), seed=1)]
    plain = {f"{n}{i}": a for i, pair in enumerate(params) for n, a in zip("Wb", pair, strict=True)}
    assert same(params_in(npz(**plain)), params)
    deep = {f"layers.{i}.{n}": a.T for i, pair in enumerate(params)
            for n, a in zip(("weight", "bias"), pair, strict=True)}  # fmt: skip
    assert same(params_in(npz(**deep)), params)
    small = {k: np.asfortranarray(a.astype("f4")) for k, a in plain.items()}
    assert same(params_in(npz(**small)), [(W.astype("f4"), b.astype("f4")) for W, b in params])
    square = [(W, b) for W, b in init_params((2, 2, 2), seed=2)]
    assert same(
        params_in(npz(W0=square[0][0], b0=square[0][1], W1=square[1][0], b1=square[1][1])), square
    )


def test_a_layer_without_a_number_stands_where_it_fits_and_is_not_guessed() -> None:
    """As in PyTorch: fc1, fc2, out; or an input layer before those with numbers."""
    params = [(W, b - 0.1) for W, b in init_params((2, 5, 3, 1), seed=1)]

    def told(*names: str, of: list = params) -> bytes:
        pairs = zip(names, of, strict=True)
        return npz(
            **{f"{n}.{k}": a.T for n, (W, b) in pairs for k, a in (("bias", b), ("weight", W))}
        )

    for names in (("fc1", "fc2", "out"), ("into", "fc1", "fc2"), ("a", "b", "c")):
        assert same(params_in(told(*names)), params), names
    twice = init_params((2, 2, 2), seed=2)
    assert same(params_in(told("hidden", "out", of=twice)), twice)
    with pytest.raises(WeightError, match="two orders"):
        params_in(told("fc1", "out", of=twice))
    # Half of a float of four bytes, rounded down: within 2⁻⁷ of it.
    W = np.array([[1.5, -3.1], [0.1, 2e20]], "<f4")
    halves = (W.view("<u4") >> 16).astype("<u2").tobytes() + b"\0\0" * 2
    about = {"weight": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]},
             "bias": {"dtype": "BF16", "shape": [2], "data_offsets": [8, 12]}}  # fmt: skip
    ((read, bias),) = params_in(tensors(about, halves))
    np.testing.assert_allclose(read.T, W, rtol=2**-7)
    assert read[0, 0] == 1.5 and not bias.any()


W, B = np.ones((2, 3)), np.ones(3)
PICKLE = np.array([{"a": 1}], dtype=object)
ENTRY = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def lying_npy() -> bytes:
    """A header that asks for 8 GB, and eight bytes behind it."""
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        out, {"descr": "<f8", "fortran_order": False, "shape": (10**9,)}
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("W0.npy", out.getvalue() + b"12345678")
    return packed.getvalue()


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W0.npy", b"\0" * 50_000_000)
    return packed.getvalue()


@each(
    "data, says",
    [
        (b"", "neither"),
        (b"PK", "no `.npz`"),
        (b"PK\x03\x04" + b"x" * 100, "no `.npz`"),
        (b"\x80\x04]q\x00.", "neither"),
        (b"x" * (MOST_BYTES + 1), "are the most"),
        (bomb(), "too large"),
        (lying_npy(), "no `.npz`"),
        (npz(W0=PICKLE, b0=B), "no `.npz`"),
        (npz(W0=np.array([["a"]]), b0=B), "no `.npz`"),
        (npz(W0=W + 1j, b0=B), "no `.npz`"),
        (npz(**{f"a{i}": B for i in range(65)}), "65 arrays"),
        (npz(W0=W * np.nan, b0=B), "not finite"),
        (npz(W0=W), "1 and 0"),
        (npz(W0=W, b0=B, c=np.float64(3)), "3 arrays in all"),
        (npz(W0=W, b0=np.ones(4)), "do not fit"),
        (npz(W0=W, b0=B, W1=np.ones((2, 1)), b1=np.ones(1)), "takes 2 inputs, 3 arrive"),
        (npz(W0=np.ones((0, 0)), b0=np.ones(0)), "do not fit"),
        (struct.pack("<Q", 2**63) + b"{}", "neither"),
        (tensors(b"[" * 50_000), "neither"),
        (tensors([1, 2, 3]), "neither"),
        (tensors({"W": 3}), "not described"),
        (tensors({"W": ENTRY | {"shape": [-2, -3]}}, b"\0" * 24), "not described"),
        (tensors({"W": ENTRY | {"shape": [True, 6]}}, b"\0" * 24), "not described"),
        (tensors({"W": ENTRY | {"data_offsets": [0, 24, 3]}}, b"\0" * 24), "not described"),
        (tensors({"W": ENTRY | {"dtype": "I8"}}, b"\0" * 24), "F64, F32, F16"),
        (tensors({"W": ENTRY | {"dtype": ["F32"]}}, b"\0" * 24), "F64, F32, F16"),
        (tensors({"W": ENTRY | {"shape": [2, 3, *[1] * 70]}}, b"\0" * 24), "not described"),
        (tensors({"W": ENTRY | {"shape": [0, 10**30], "data_offsets": [0, 0]}}), "bytes that its"),
        (tensors(b'{"\\ud800": 3}'), "“?” is not"),
        (tensors({"W": ENTRY}, b"\0" * 23), "bytes that its shape"),
        (tensors({"W": ENTRY | {"shape": [10**12, 10**12]}}, b"\0" * 24), "bytes that its shape"),
        (tensors({"W": ENTRY | {"data_offsets": [24, 0]}}, b"\0" * 24), "bytes that its shape"),
    ],
)
def test_what_is_no_network_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(WeightError) as error:
        params_in(data)
    assert says in str(error.value) and str(error.value).encode()


def test_a_file_cut_or_bent_anywhere_is_read_or_refused() -> None:
    rng = np.random.default_rng(0)
    for whole in (npz_of(init_params((2, 3, 1))), safetensors_of(init_params((2, 3, 1)))):
        for _ in range(300):
            data = bytearray(whole[: rng.integers(1, len(whole) + 1)])
            data[rng.integers(len(data))] = rng.integers(256)
            try:
                params_in(bytes(data))
            except WeightError:
                continue
