"""Two more spaces with closed forms: the simplex as a sphere, and covariances 2×2."""

from typing import Any

import numpy as np

from gdviz.geometry.spaces import Space

# --- the simplex of three outcomes: 2√p lies on a sphere of radius 2 -----------------------------


def whole(theta: Any) -> Any:
    """Return all three probabilities of the first two."""
    last = np.clip(1 - theta.sum(-1, keepdims=True), 0.0, 1.0)
    return np.concatenate([theta, last], -1)


def _arc(a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Return √p, √q and the angle between them, which is at most a right one."""
    p, q = whole(a), whole(b)
    z, w = np.sqrt(p), np.sqrt(q)
    both = z + w
    chord = (q - p) / np.where(both > 0, both, 1.0)  # √q − √p without its rounding
    length = np.hypot(np.hypot(chord[..., 0], chord[..., 1]), chord[..., 2])
    return z, w, 2 * np.arcsin(np.minimum(length / 2, 1.0))


def _sphere_distance(a: Any, b: Any) -> Any:
    return 2 * _arc(a, b)[2]


def _simplex(root: Any) -> Any:
    """Return the first two p of √p; not numbers where the path has crossed the simplex' rim."""
    inside = root.min(-1, keepdims=True) > -1e-15
    return np.where(inside, root**2, np.nan)[..., :2]


def _sphere_geodesic(a: Any, b: Any, t: Any) -> Any:
    z, w, angle = _arc(a, b)
    t = np.asarray(t, float)
    safe = np.where(angle > 0, angle, 1.0)
    first = np.where(angle > 0, np.sin((1 - t) * safe) / np.sin(safe), 1 - t)
    second = np.where(angle > 0, np.sin(t * safe) / np.sin(safe), t)
    return _simplex(first[..., None] * z + second[..., None] * w)


def _tangent(theta: Any, v: Any) -> tuple[Any, Any]:
    """Return √p and the velocity of √p, for the velocity of the first two probabilities."""
    root = np.sqrt(whole(theta))
    whole_v = np.concatenate([v, -v.sum(-1, keepdims=True)], -1)
    return root, whole_v / (2 * root)


def _sphere_shoot(a: Any, v: Any, t: Any) -> Any:
    root, speed = _tangent(a, v)
    angle = np.linalg.norm(speed, axis=-1, keepdims=True)
    unit = speed / np.where(angle > 0, angle, 1.0)
    turn = angle * np.asarray(t, float)[..., None]
    return _simplex(np.cos(turn) * root + np.sin(turn) * unit)


def _sphere_log(a: Any, b: Any) -> Any:
    z, w, angle = _arc(a, b)
    p, q = whole(a), whole(b)
    chord = (q - p) / (z + w)
    # w − cos(angle) z = (w − z) + (1 − cos) z, and 1 − cos = |w − z|²/2
    along = chord + (np.sum(chord**2, -1, keepdims=True) / 2) * z
    size = np.linalg.norm(along, axis=-1, keepdims=True)
    unit = along / np.where(size > 0, size, 1.0)
    return (2 * z * unit * angle[..., None])[..., :2]


def _sphere_transport(a: Any, b: Any, v: Any) -> Any:
    z, speed = _tangent(a, v)
    w, _, angle = _arc(b, a)
    # v − (v·w)/(1 + z·w) (z + w): the rotation that takes z to w, on tangent vectors
    share = np.sum(speed * w, -1, keepdims=True) / (1 + np.cos(angle))[..., None]
    moved = speed - share * (z + w)
    return (2 * w * moved)[..., :2]


SPHERE = Space(
    _sphere_distance, _sphere_geodesic, _sphere_shoot, _sphere_log, _sphere_transport, 0.25
)

# --- covariances: symmetric matrices (s₁₁, s₁₂, s₂₂) with the metric ½ tr (S⁻¹dS S⁻¹dS) ----------


def matrix(theta: Any) -> Any:
    """Return the symmetric matrix `(..., 2, 2)` of (s₁₁, s₁₂, s₂₂)."""
    s11, s12, s22 = np.moveaxis(np.asarray(theta), -1, 0)
    return np.stack([np.stack([s11, s12], -1), np.stack([s12, s22], -1)], -2)


def vector(symmetric: Any) -> Any:
    """Return (s₁₁, s₁₂, s₂₂) of a symmetric matrix."""
    s = np.asarray(symmetric)
    return np.stack([s[..., 0, 0], (s[..., 0, 1] + s[..., 1, 0]) / 2, s[..., 1, 1]], -1)


def _flip(m: Any) -> Any:
    return np.swapaxes(m, -1, -2)


def _whitened(a: Any, s: Any) -> tuple[Any, Any]:
    """Return the Cholesky factor L of a, and L⁻¹ s L⁻ᵀ."""
    factor = np.linalg.cholesky(a)
    factor, s = np.broadcast_arrays(factor, s)
    half = np.linalg.solve(factor, s)
    return factor, _flip(np.linalg.solve(factor, _flip(half)))


def log_spectrum(a: Any, b: Any) -> Any:
    """Return the logarithms of the eigenvalues of a⁻¹b, ascending, to rounding."""
    ahead = np.linalg.eigvalsh(_whitened(a, b - a)[1])
    back = np.linalg.eigvalsh(_whitened(b, a - b)[1])[..., ::-1]
    near = ahead > -0.5
    one, other = np.where(near, ahead, 0.0), np.where(near, 0.0, back)
    return np.where(near, np.log1p(one), -np.log1p(other))


def _shaped(factor: Any, symmetric: Any, function: Any) -> Any:
    """Return L f(M) Lᵀ for a symmetric M."""
    values, frame = np.linalg.eigh(symmetric)
    inner = (frame * function(values)[..., None, :]) @ _flip(frame)
    return factor @ inner @ _flip(factor)


def _spd_distance(a: Any, b: Any) -> Any:
    logs = log_spectrum(matrix(a), matrix(b))
    return np.hypot(logs[..., 0], logs[..., 1]) / np.sqrt(2)


def _spd_geodesic(a: Any, b: Any, t: Any) -> Any:
    factor, m = _whitened(matrix(a), matrix(b))
    t = np.asarray(t, float)[..., None]
    return vector(_shaped(factor, m, lambda values: values**t))


def _spd_shoot(a: Any, v: Any, t: Any) -> Any:
    factor, m = _whitened(matrix(a), matrix(v))
    t = np.asarray(t, float)[..., None]
    return vector(_shaped(factor, m, lambda values: np.exp(t * values)))


def _spd_log(a: Any, b: Any) -> Any:
    first, second = matrix(a), matrix(b)
    factor, m = _whitened(first, second - first)
    return vector(_shaped(factor, m, np.log1p))


def _spd_transport(a: Any, b: Any, v: Any) -> Any:
    factor, m = _whitened(matrix(a), matrix(b))
    values, frame = np.linalg.eigh(m)
    root = (frame * np.sqrt(values)[..., None, :]) @ _flip(frame)
    move = factor @ root @ np.linalg.inv(factor)
    return vector(move @ matrix(v) @ _flip(move))


COVARIANCES = Space(_spd_distance, _spd_geodesic, _spd_shoot, _spd_log, _spd_transport)
