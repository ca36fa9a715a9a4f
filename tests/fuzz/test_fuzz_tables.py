"""Tables of twelve regions, each read back against what its writer meant."""

import io
from typing import Any

from gauge import amounts
from regional import REGIONS, differs, tables

from gdviz.learn import read_table
from gdviz.learn.column_types import Guess


def guesses(frame: Any) -> list[str]:
    return [note for note in frame.attrs["notes"] if isinstance(note, Guess)]


@amounts(100, 25_000)
def test_a_table_of_any_region_comes_back(amount: int) -> None:
    """As guessed it is right, or the guess is told; told how to read it, it is always right."""
    right = 0
    for k, made in enumerate(tables(20, amount)):
        where = f"table {k}, {made.name}: {made.data[:400]!r}"
        told = differs(read_table(io.BytesIO(made.data), **made.reading), made.columns)
        assert not told, f"{told}; {where}"
        frame = read_table(io.BytesIO(made.data))
        wrong = differs(frame, made.columns)
        right += not wrong
        assert not wrong or guesses(frame), f"{wrong}, not told; {where}"
    assert right >= 0.97 * amount
    print(f"\n{amount:,} tables of {len(REGIONS)} regions, {amount - right} guessed wrong and told")
