"""Diagnostics of one quantity over several chains, `x (chains, draws)`, as ArviZ computes them.

Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), "Rank-normalization, folding, and
localization: an improved R̂". Fewer than four draws, or one that is not a number, give nan. In one
place we differ: where every draw of every chain is the same, ArviZ says that the effective sample
size is the number of draws; chains that never moved have said nothing, and we say nan.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy import fft
from scipy.special import betaincinv, ndtri

LEAST_DRAWS = 4
SQUARED = 1e-70  # a smaller number, or one over it, may have no fourth power
Array = np.ndarray


def _chains(x: Any) -> Array:
    """Return `x` as float `(chains, draws)`; one dimension is one chain."""
    try:
        table = np.asarray(x, dtype=float)
    except (TypeError, ValueError):
        raise ValueError("Chains are a table of numbers (chains, draws), all as long.") from None
    if table.ndim == 1:
        table = table[None]
    if table.ndim != 2:
        raise ValueError(f"chains of shape {table.shape} given; (chains, draws) is wanted.")
    return table


def _usable(x: Array, chains: int = 1) -> bool:
    """Tell whether there is enough to say anything about, and every draw is a number."""
    return len(x) >= chains and x.shape[1] >= LEAST_DRAWS and not np.isnan(x).any()


def split(x: Any) -> Array:
    """Return each chain as two, its halves, `(2 chains, draws // 2)`; an odd middle is left out."""
    table = _chains(x)
    half = table.shape[1] // 2
    return np.concatenate([table[:, :half], table[:, table.shape[1] - half :]])


def ranks(x: Any) -> Array:
    """Return the ranks among all draws, from 1, ties averaged, in the shape of `x`."""
    flat = np.ravel(x)
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    found = np.empty(len(flat))
    changes = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    edges = np.concatenate([[0], changes, [len(flat)]])
    found[order] = np.repeat(0.5 * (edges[:-1] + edges[1:] + 1), np.diff(edges))
    return found.reshape(np.shape(x))


def rank_normal(x: Array) -> Array:
    """Return the normal scores of the ranks, with the offset 3/8 of Blom (equation 14)."""
    return ndtri((ranks(x) - 0.375) / (x.size + 0.25))


# --- R-hat ----------------------------------------------------------------------------------------


def _rhat(x: Array) -> float:
    """Return R-hat of chains as they are (equations 1 to 4); nan where nothing moves."""
    n = x.shape[1]
    within = x.var(axis=1, ddof=1).mean()
    between = n * x.mean(axis=1).var(ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.sqrt((between / within + n - 1) / n))


def rhat(x: Any) -> float:
    """Return the split, rank-normalised R-hat of `x (chains, draws)`, the worse of bulk and folded.

    It is 1 when the chains agree, nan for fewer than two chains.
    """
    table = _chains(x)
    if not _usable(table, 2):
        return np.nan
    halves = split(table)
    folded = np.abs(halves - np.median(halves))
    return max(_rhat(rank_normal(halves)), _rhat(rank_normal(folded)))


def rhat_split(x: Any) -> float:
    """Return the split R-hat without ranks: blind to chains of equal means and unequal scales."""
    table = _chains(x)
    return _rhat(split(table)) if _usable(table, 2) else np.nan


# --- effective sample size ------------------------------------------------------------------------


def autocovariance(x: Any) -> Array:
    """Return the autocovariance of each chain at every lag, over n, in the shape of `x`."""
    table = np.asarray(x, dtype=float)
    n = table.shape[-1]
    power = _power(table)
    return fft.irfft(power, _padded(n), axis=-1)[..., :n] / n


def autocorrelation(x: Any) -> Array:
    """Return the autocorrelation of each chain at every lag, in the shape of `x`; nan if still."""
    found = autocovariance(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        return found / found[..., :1]


def _padded(n: int) -> int:
    return int(fft.next_fast_len(2 * n, real=True))


def _power(table: Array) -> Array:
    with np.errstate(invalid="ignore"):  # an infinite draw has no mean: what follows is nan
        transform = fft.rfft(table - table.mean(axis=-1, keepdims=True), _padded(table.shape[-1]))
    return transform.real**2 + transform.imag**2


def _ess(x: Array) -> float:
    """Return the effective size of chains as they are (equations 10 to 13), Geyer's monotone sum.

    One inverse transform serves all chains: their power is averaged first.
    """
    spread = float(np.ptp(x))
    if spread < np.finfo(float).resolution * min(1.0, float(np.abs(x).max())):
        return float(x.size)
    if not SQUARED < spread < 1 / SQUARED:
        x = x / float(np.abs(x).max())
    chains, n = x.shape
    lags = fft.irfft(_power(x).mean(axis=0), _padded(n))[:n] / n
    within = lags[0] * n / (n - 1)
    total = lags[0] + (x.mean(axis=1).var(ddof=1) if chains > 1 else 0.0)
    rho = 1 - (within - lags) / total
    rho[0] = 1.0
    if np.isnan(rho).any():
        return np.nan
    time = max(_geyer(rho), 1 / np.log10(x.size))
    return float(x.size / time)


def _geyer(rho: Array) -> float:
    """Return −1 + 2 Σρ over the initial monotone sequence of sums of neighbours (Geyer 1992)."""
    n = len(rho)
    pairs = rho[: n // 2 * 2].reshape(-1, 2).sum(axis=1)
    most = max(0, (n - 3) // 2)  # of the pairs, beyond which ArviZ looks no further
    ends = np.flatnonzero(~(pairs[:most] > 0))
    count = int(ends[0]) if len(ends) else most
    kept = np.minimum.accumulate(pairs[:count]).sum()
    last = rho[2 * count]
    # The first of the next pair is taken too, if it or the pair is positive.
    use = last > 0 or (count > 0 and pairs[count] >= 0)
    return float(-1.0 + 2.0 * kept + (last if use else 0.0))


def _moving(x: Array) -> bool:
    """Tell whether a quantity can be diagnosed, and is not one and the same everywhere."""
    return _usable(x) and bool(np.any(x != x[0, 0]))


def ess_bulk(x: Any) -> float:
    """Return the effective sample size for the bulk of `x (chains, draws)`, by normal scores."""
    table = _chains(x)
    return _ess(rank_normal(split(table))) if _moving(table) else np.nan


def ess_tail(x: Any) -> float:
    """Return the smaller effective sample size of the 5 % and the 95 % quantile."""
    return min(ess_quantile(x, 0.05), ess_quantile(x, 0.95))


def ess_quantile(x: Any, p: float) -> float:
    """Return the effective sample size of a quantile: that of being below it."""
    table = _chains(x)
    return _ess(split(table <= _quantile(table, p))) if _moving(table) else np.nan


def _quantile(x: Array, p: float) -> float:
    """Return R's quantile of type 7, with the rounding of SciPy's `mquantiles`."""
    ordered, n = np.sort(x, axis=None), x.size
    place = n * p + (1.0 - p)
    k = int(np.floor(np.clip(place, 1, n - 1)))
    share = float(np.clip(place - k, 0, 1))
    return float((1.0 - share) * ordered[k - 1] + share * ordered[min(k, n - 1)])


def ess_mean(x: Any) -> float:
    """Return the effective sample size for the mean: split chains, no ranks."""
    table = _chains(x)
    return _ess(split(table)) if _moving(table) else np.nan


def integrated_time(x: Any) -> float:
    """Return the integrated autocorrelation time in draws: draws per independent one."""
    table = _chains(x)
    return table.size / ess_mean(table)


# --- Monte Carlo standard errors ------------------------------------------------------------------


def mcse_mean(x: Any) -> float:
    """Return the Monte Carlo standard error of the mean, sd / √ESS."""
    table = _chains(x)
    if not _moving(table):
        return np.nan
    return _sd(table) / float(np.sqrt(ess_mean(table)))


def _sd(table: Array) -> float:
    """Return the standard deviation, also of draws whose squares are no floats."""
    size = float(np.abs(table).max())
    if size == 0 or SQUARED < size < 1 / SQUARED or not np.isfinite(size):
        return float(np.std(table, ddof=1))
    return size * float(np.std(table / size, ddof=1))


def mcse_sd(x: Any) -> float:
    """Return the Monte Carlo standard error of the standard deviation, by the delta method."""
    table = _chains(x)
    if not _moving(table):
        return np.nan
    off = table - table.mean()
    size = float(np.abs(off).max())
    squares = (off / size) ** 2
    variance = squares.mean()
    spread = ((squares**2).mean() - variance**2) / _ess(split(squares))
    return size * float(np.sqrt(spread / variance / 4))


def mcse_quantile(x: Any, p: float) -> float:
    """Return the Monte Carlo standard error of a quantile, half of a one-sigma interval."""
    table = _chains(x)
    if not _moving(table):
        return np.nan
    size = ess_quantile(table, p)
    shares = betaincinv(size * p + 1, size * (1 - p) + 1, np.array([0.1586553, 0.8413447]))
    ordered, n = np.sort(table, axis=None), table.size
    low, high = shares * n - 1
    below, above = int(np.floor(max(low, 0))), int(np.ceil(min(high, n - 1)))
    return float((ordered[above] - ordered[below]) / 2)


# --- energies, and the whole ----------------------------------------------------------------------


def bfmi(energy: Any) -> Array:
    """Return E-BFMI of each chain of `energy (chains, draws)`: below 0.3 the momentum is too weak.

    Betancourt (2016), "Diagnosing suboptimal cotangent disintegrations", equation 6.
    """
    table = _chains(energy)
    if table.shape[1] < 2:
        return np.full(len(table), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.square(np.diff(table, axis=1)).mean(axis=1) / table.var(axis=1, ddof=1)


class Summary(NamedTuple):
    """The diagnostics of one coordinate."""

    mean: float
    sd: float
    mcse_mean: float
    mcse_sd: float
    rhat: float
    ess_bulk: float
    ess_tail: float


def summary(x: Any) -> Summary:
    """Return all of them for `x (chains, draws)`, ranked and split once."""
    table = _chains(x)
    mean, sd = float(table.mean()), _sd(table) if table.size > 1 else np.nan
    return Summary(
        mean, sd, mcse_mean(table), mcse_sd(table), rhat(table), ess_bulk(table), ess_tail(table)
    )


def running_means(x: Any) -> Array:
    """Return the mean of all chains' draws so far, `(draws,)`."""
    table = _chains(x)
    return np.cumsum(table.mean(axis=0)) / np.arange(1, table.shape[1] + 1)
