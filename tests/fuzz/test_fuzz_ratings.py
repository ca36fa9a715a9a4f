"""Tables of ratings, each read back: no id is lost or merged, and the latest rating counts."""

import io
import random

from gauge import amounts
from rated import differs, rated

from gdviz.learn import read_ratings
from gdviz.learn.column_types import Guess
from gdviz.learn.recommender.columns import RatingsError


@amounts(100, 25_000)
def test_ratings_come_back_with_their_ids_and_the_latest_counts(amount: int) -> None:
    """As guessed they are right, or the guess is told; told how to read them, always right."""
    right = 0
    for k in range(amount):
        made = rated(random.Random(f"rated {k}"))
        where = f"table {k}, {made.name}: {made.data[:400]!r}"
        day_first = made.name.startswith("%d") if made.guessed else None
        told = read_ratings(io.BytesIO(made.data), day_first=day_first, **made.said)
        assert not differs(told, made.latest), f"{differs(told, made.latest)}; {where}"
        try:
            found = read_ratings(io.BytesIO(made.data))
        except RatingsError as error:  # a first row of words was taken for the names
            assert not made.said["header"] and "No column says" in str(error), where
            continue
        wrong = differs(found, made.latest)
        right += not wrong
        guesses = [note for note in found.notes if isinstance(note, Guess)]
        assert not wrong or guesses, f"{wrong}, not told; {where}"
    assert right >= 0.9 * amount
    print(f"\n{amount:,} tables of ratings, {amount - right} guessed wrong and told")
