"""What a table is made into before a fit: its features, their categories and their scale."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdviz.learn.column_types import is_constant, is_identifier, numbers_in, quote, rows_of
from gdviz.learn.objective import LARGEST, FitError

if TYPE_CHECKING:
    import pandas as pd

LEVELS = 50  # categories of a column that are told apart; the rarer ones go together

NEIGHBOURS = "price of the neighbours"

PLACES = (("longitude", "latitude"), ("east", "north"))  # pairs of columns that say where


def place_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the two columns that say where a row is, or none."""
    known = set(names)
    return next((pair for pair in PLACES if known.issuperset(pair)), ())


def default_features(table: "pd.DataFrame", target: str) -> tuple[str, ...]:
    """Return the columns that can be features: all but the target, ids, constants and dates."""
    return tuple(
        name
        for name in table.columns
        if name != target and not _useless(table[name]) and not _names_rows(table[name])
    )


def numeric_columns(table: "pd.DataFrame") -> list[str]:
    """Return the columns of numbers, of which one can be the target."""
    import pandas as pd

    return [
        name
        for name, dtype in zip(table.columns, table.dtypes, strict=True)
        if pd.api.types.is_numeric_dtype(dtype) and dtype.kind != "c"
    ]


def _names_rows(column: "pd.Series") -> bool:
    return column.dtype.kind in "iufb" and is_identifier(column)


def _useless(column: "pd.Series") -> bool:
    if column.dtype.kind in "iufb":
        return is_constant(numbers_in(column))
    if column.dtype.kind in "mMc":
        return True
    words = _as_words(column)
    return not 1 < words.nunique() < max(2, 0.5 * words.count()) or is_identifier(words)


def feature_columns(table: "pd.DataFrame", features: Sequence[str]) -> "pd.DataFrame":
    """Return the features as columns of floats and of words, with nan for what is missing.

    Raises `FitError` for a column that is neither: dates, complex numbers, infinities.
    """
    import pandas as pd

    columns = {str(name): _as_feature(table[name]) for name in features}
    return pd.DataFrame(columns, index=table.index)


def _as_feature(column: "pd.Series") -> "pd.Series":
    import pandas as pd

    name = quote(column.name)
    if column.dtype.kind in "mM" or isinstance(column.dtype, pd.PeriodDtype):
        raise FitError(f"The column {name} holds dates: turn them into numbers (years, days).")
    if column.dtype.kind == "c":
        raise FitError(f"The column {name} holds complex numbers: take their parts or sizes.")
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return _as_words(column)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    large = np.abs(values) >= LARGEST
    if large.any():
        raise FitError(
            f"The column {name} is infinite, or too large to compute with, in {rows_of(large)}: "
            "correct the cells, leave the rows out, or choose another unit."
        )
    return pd.Series(values, column.index, name=column.name)


def _as_words(column: "pd.Series") -> "pd.Series":
    """Return a column of anything as words, nan where there is nothing."""
    import pandas as pd

    missing = column.isna().to_numpy()
    words = [np.nan if gone else str(v) for v, gone in zip(column, missing, strict=True)]
    return pd.Series(words, column.index, dtype=object, name=column.name)


def preparation(rows: "pd.DataFrame", degree: int = 1, scale: bool = True) -> Any:
    """Return scikit-learn's transformer for rows like these, not yet fitted.

    Numbers: missing ones become the median, then come powers and products up to `degree`, then mean
    0 and standard deviation 1. Words: missing ones become the most frequent, then a column a word.
    Raises `FitError` for a column without a value.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

    empty = rows.columns[rows.isna().all().to_numpy()]
    if len(empty):
        raise FitError(
            f"The column {quote(empty[0])} has no value in the rows to learn from: leave it out."
        )
    numbers = numeric_columns(rows)
    words = [name for name in rows.columns if name not in numbers]
    steps: list[Any] = [SimpleImputer(strategy="median")]
    if degree > 1:
        # Scaled before as well: powers of raw numbers would lose their digits.
        steps += [StandardScaler(), PolynomialFeatures(degree, include_bias=False)]
    if scale:
        steps.append(StandardScaler())
    encoder = OneHotEncoder(handle_unknown="ignore", max_categories=LEVELS, sparse_output=False)
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(*steps), numbers),
            ("words", make_pipeline(SimpleImputer(strategy="most_frequent"), encoder), words),
        ],
        sparse_threshold=0.0,
    )


def neighbours(table: "pd.DataFrame", features: Sequence[str], y: np.ndarray) -> np.ndarray:
    """Return a feature that knows the target: the mean y of the rows close by, the row itself too.

    Close by is the same cell of about three rows, by place where there is one, else by the first
    two columns of numbers.
    """
    numbers = numeric_columns(table[list(features)])
    near = place_of(numbers) or numbers[:2]
    order = (
        np.argsort(table[near[0]].rank(method="first").to_numpy()) if near else np.arange(len(y))
    )
    width = max(3, int(np.sqrt(3 * len(y))))
    known = np.empty(len(y))
    for start in range(0, len(y), width):
        strip = order[start : start + width]
        if len(near) > 1:
            strip = strip[np.argsort(table[near[1]].to_numpy()[strip], kind="stable")]
        for i in range(0, len(strip), 3):
            known[strip[i : i + 3]] = y[strip[i : i + 3]].mean()
    return known


def as_matrix(matrix: Any) -> np.ndarray:
    return np.ascontiguousarray(matrix, dtype=float)
