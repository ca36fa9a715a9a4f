"""Distributions as functions of logs, and the registry of those that have a name.

A distribution is an object of `DISTRIBUTIONS[name](parameters)`, such as
`DISTRIBUTIONS["normal"](mu, sigma)`; wherever one is asked for, its bare name (with its default
parameters) or a frozen distribution of `scipy.stats` will do too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdviz.probability.validation import DoesNotExist

Function = Callable[[Any], Any]
Moments = tuple[float | None, float | None]


@dataclass(frozen=True, eq=False)
class Distribution:
    """A distribution of one real variable; two are equal if name and parameters are.

    `logpdf` (the log of the mass where it is `discrete`), `logcdf`, `logsf`, `ppf` and `isf` are
    elementwise; `draw(rng, size)` samples. `centers` are pairs of a place and a width where its
    mass lies, one for each hump; `points` are more places to split an integral at. `moments` are
    mean and variance, None where they do not exist. `doubt` is how far the total mass may be from
    one, where it was found by number. Methods bear the names of scipy.stats.
    """

    name: str
    parameters: tuple[tuple[str, Any], ...]
    support: tuple[float, float]
    logpdf: Function
    logcdf: Function
    logsf: Function
    ppf: Function
    isf: Function
    draw: Callable[[np.random.Generator, Any], Any]
    centers: tuple[tuple[float, float], ...]
    moments: Moments
    discrete: bool = False
    points: tuple[float, ...] = ()
    doubt: float = 0.0

    def pdf(self, x: Any) -> Any:
        """Return the density, or the mass of a discrete distribution."""
        return np.exp(self.logpdf(x))

    def cdf(self, x: Any) -> Any:
        """Return P(X ≤ x)."""
        return np.exp(self.logcdf(x))

    def sf(self, x: Any) -> Any:
        """Return P(X > x)."""
        return np.exp(self.logsf(x))

    def rvs(self, size: Any = None, random_state: Any = 0) -> Any:
        """Return samples; `random_state` is a seed or a Generator."""
        return self.draw(np.random.default_rng(random_state), size)

    def mean(self) -> float:
        """Return E[X]; raise `DoesNotExist` if there is none."""
        return _moment(self, 0, "mean")

    def var(self) -> float:
        """Return the variance; raise `DoesNotExist` if there is none."""
        return _moment(self, 1, "variance")

    def std(self) -> float:
        """Return the standard deviation; raise `DoesNotExist` if there is none."""
        return float(np.sqrt(self.var()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Distribution):
            return NotImplemented
        return (self.name, self.parameters) == (other.name, other.parameters)

    def __hash__(self) -> int:
        return hash((self.name, self.parameters))

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in self.parameters)})"


def _moment(distribution: Distribution, which: int, word: str) -> float:
    value = distribution.moments[which]
    if value is not None:
        return value
    one_sided = np.isfinite(distribution.support).any()
    known = distribution.moments[0] is not None if which else one_sided
    raise DoesNotExist(
        f"The {word} of {distribution!r} {'is infinite' if known else 'does not exist'}."
    )


def on_support(x: Any, lo: float, hi: float, value: Any, below: float, above: float) -> Any:
    """Return `value` within the support [lo, hi], and what holds `below` and `above` it."""
    x = np.asarray(x, float)
    result = np.where(x < lo, below, np.where(x > hi, above, value))
    return np.where(np.isnan(x), np.nan, result)[()]
