"""Data to learn from: made up, from papers, from scikit-learn, and houses of two places.

Baltimore's 211 houses stand beside this file. California's block groups are found in the folder
that GDVIZ_DATA names, or in a cache that `fetch_california` fills: 1.4 MB, asked for by a person,
checked by its SHA-256.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gdviz.learn.column_types import TableError
from gdviz.learn.downloads import cache_folder, download
from gdviz.learn.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

# Anscombe 1973, "Graphs in Statistical Analysis", The American Statistician 27, table 1.
_X = (10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0)
ANSCOMBE = (
    (_X, (8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68)),
    (_X, (9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74)),
    (_X, (7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73)),
    (
        (8.0,) * 7 + (19.0,) + (8.0,) * 3,
        (6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89),
    ),
)


class Cloud(NamedTuple):
    """Points of a plane: `make(n, noise, seed)` returns x and y, `(n,)` each; Anscombe's are 11."""

    label: str
    teaches: str
    make: Callable[[int, float, int], tuple[np.ndarray, np.ndarray]]


def _spread(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x between 0 and 10, and standard normal noise."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(0, 10, n)), rng.standard_normal(n)


def line(n: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """y = 1 + 0.8x, with noise of one size."""
    x, e = _spread(n, seed)
    return x, 1 + 0.8 * x + noise * e


def curve(n: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """y = 9 − (x − 6)²/4, which no line fits."""
    x, e = _spread(n, seed)
    return x, 9 - (x - 6) ** 2 / 4 + noise * e


def heteroscedastic(n: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """y = 1 + 0.8x, with noise that grows with x."""
    x, e = _spread(n, seed)
    return x, 1 + 0.8 * x + noise * e * x / 4


def outliers(n: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """y = 1 + 0.8x, but every eighth point, from the right, lies far below."""
    x, y = line(n, noise, seed)
    y[-1::-8] -= 9
    return x, y


def _anscombe(i: int) -> Callable[[int, float, int], tuple[np.ndarray, np.ndarray]]:
    return lambda n, noise, seed: (np.array(ANSCOMBE[i][0]), np.array(ANSCOMBE[i][1]))


CLOUDS = {
    "line": Cloud("a line", "What least squares is made for.", line),
    "curve": Cloud("a curve", "The residuals show what the line misses.", curve),
    "heteroscedastic": Cloud(
        "growing noise", "The line is right on average; its error is not even.", heteroscedastic
    ),
    "outliers": Cloud("outliers", "A few wild points pull the squared loss far.", outliers),
    **{
        f"anscombe_{i + 1}": Cloud(
            f"Anscombe {'I II III IV'.split()[i]}",
            "Four sets, one line: y = 3 + x/2, R² = 0.67 each. Always look at the points.",
            _anscombe(i),
        )
        for i in range(4)
    },
}


# --- tables with many features -------------------------------------------------------------------


class Dataset(NamedTuple):
    """A table to learn from: `load()` returns it, `target` is the column to predict."""

    label: str
    teaches: str
    target: str
    load: Callable[[], "pd.DataFrame"]
    unit: str = ""


def plane(n: int = 300, seed: int = 0) -> "pd.DataFrame":
    """Five standard normal features; the fifth does nothing: 3a + 2b − c + d/2, noise 0.5."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 5))
    y = X @ [3.0, 2.0, -1.0, 0.5, 0.0] + 0.5 * rng.standard_normal(n)
    return pd.DataFrame(np.column_stack([X, y]), columns=[*"abcde", "y"])


def collinear(n: int = 300, seed: int = 0) -> "pd.DataFrame":
    """Three features of which the third is all but the sum of the first two: κ is about 10⁵."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((2, n))
    c = a + b + 0.01 * rng.standard_normal(n)
    y = 2 * a - b + c + 0.5 * rng.standard_normal(n)
    return pd.DataFrame({"a": a, "b": b, "a + b": c, "y": y})


def unscaled(n: int = 300, seed: int = 0) -> "pd.DataFrame":
    """Rooms, square metres and age of a flat, and its rent: columns of very different size."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    rooms = rng.integers(1, 7, n).astype(float)
    area = 22 * rooms + 12 + 8 * rng.standard_normal(n)
    age = rng.uniform(0, 100, n)
    rent = 80 * rooms + 9 * area - 2 * age + 300 + 60 * rng.standard_normal(n)
    return pd.DataFrame({"rooms": rooms, "area": area, "age": age, "rent": rent})


def polynomial(n: int = 60, seed: int = 0, degree: int = 9) -> "pd.DataFrame":
    """The powers x … x⁹ of one feature, for the sine of a wave: room to over-fit."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-1, 1, n))
    y = np.sin(3 * x) + 0.3 * rng.standard_normal(n)
    powers = {f"x^{k}" if k > 1 else "x": x**k for k in range(1, degree + 1)}
    return pd.DataFrame({**powers, "y": y})


def diabetes() -> "pd.DataFrame":
    """Ten measurements of 442 patients and how far the disease had gone a year later.

    Efron et al. 2004, "Least Angle Regression"; bundled with scikit-learn.
    """
    from sklearn.datasets import load_diabetes

    data = load_diabetes(as_frame=True, scaled=False)
    return data.frame.astype(float)


BALTIMORE_TERMS = (
    "211 houses sold in and around Baltimore in 1978; Dubin 1992, Regional Science and Urban "
    "Economics 22, prepared by L. Anselin and given to the public domain (CC0) with the package "
    "spData. Here prices are in dollars, areas in square feet, and codes are words."
)


def baltimore() -> "pd.DataFrame":
    """Return 211 houses sold in Baltimore in 1978: `BALTIMORE_TERMS` names source and licence."""
    return read_table(Path(__file__).with_name("baltimore.csv"))


DATASETS = {
    "plane": Dataset(
        "a plane in 5 features", "Well conditioned, as tutorials like it.", "y", plane
    ),
    "diabetes": Dataset(
        "diabetes (442 patients)", "Real and ill-conditioned: κ is about 470.", "target", diabetes
    ),
    "baltimore": Dataset("Baltimore, 1978 (211 houses)", BALTIMORE_TERMS, "price", baltimore, "$"),
    "collinear": Dataset(
        "collinear features",
        "One feature is nearly a mixture of two others: one direction is all but flat.",
        "y",
        collinear,
    ),
    "unscaled": Dataset(
        "rents, unscaled", "Metres, rooms and years: scale them.", "rent", unscaled, "€"
    ),
    "polynomial": Dataset(
        "powers of x", "Nine powers, sixty points: room to over-fit.", "y", polynomial
    ),
}


# --- California's houses -------------------------------------------------------------------------

CALIFORNIA = "california-housing/housing.csv"
CALIFORNIA_URL = (
    "https://raw.githubusercontent.com/ageron/handson-ml2/master/datasets/housing/housing.csv"
)
CALIFORNIA_SHA256 = "8a3727f4cf54ac1a327f69b1d5b4db54c5834ea81c6e4efc0d163300022a685e"
CALIFORNIA_TERMS = (
    "20,640 block groups of the census of 1990; Pace and Barry 1997, Statistics & Probability "
    "Letters 33, from StatLib (public data), in A. Géron's edition with missing values and the "
    "column ocean_proximity (repository under the Apache licence 2.0)."
)


def local_file(name: str) -> Path | None:
    """Return a file of the folder GDVIZ_DATA or of our cache, None if it is in neither."""
    folders = [os.environ.get("GDVIZ_DATA"), cache_folder()]
    files = (Path(folder) / name for folder in folders if folder)
    return next((file for file in files if file.is_file()), None)


def california() -> "pd.DataFrame":
    """Return California's houses from GDVIZ_DATA or the cache; raise `TableError` if not there."""
    file = local_file(CALIFORNIA)
    if file is None:
        raise TableError(
            "California's houses are not on this computer yet: download them in the app, on the "
            f"page of house prices, or set GDVIZ_DATA to a folder that has {CALIFORNIA}. Those of "
            "“baltimore” need no download."
        )
    return read_table(file)


def fetch(name: str, url: str, sha256: str, progress: Callable[[float], Any]) -> Path:
    """Download a file into the cache, once, and return its place; the checksum must be right.

    `progress` is told the share done. Raises `TableError` where the network or the file is not
    what it should be.
    """
    target = cache_folder() / name
    try:
        download(url, f"sha256:{sha256}", target.name, target.parent, progress, unpack=False)
    except ValueError:
        raise TableError(
            "What came is not the file that was asked for: its checksum differs."
        ) from None
    except OSError as error:  # requests' errors are OSErrors
        raise TableError(
            f"The download failed: {type(error).__name__}. Is there a network?"
        ) from None
    return target


def fetch_california(progress: Callable[[float], Any] = lambda share: None) -> Path:
    """Download California's houses into the cache and return the file."""
    return fetch(CALIFORNIA, CALIFORNIA_URL, CALIFORNIA_SHA256, progress)
