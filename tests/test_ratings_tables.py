"""Ratings as files write them: ids that look like numbers, dates of all kinds, no header at all."""

import io
from typing import Any

import pandas as pd
import pytest
from cases import each

from gdviz.learn import Ratings, read_ratings
from gdviz.learn.column_types import Guess
from gdviz.learn.recommender.times import times_of


def read(text: str, **said: Any) -> Ratings:
    return read_ratings(io.BytesIO(text.encode()), **said)


# --- ids ------------------------------------------------------------------------------------------

ALIKE = {
    "zeros in front": ["007", "07", "7"],
    "zeros behind": ["1.10", "1.1", "1.100"],
    "exponents": ["1e5", "100000", "1E5"],
    "a plus": ["+5", "5", "05"],
    "grouped": ["1 000", "1000", "1'000"],
    "missing words": ["NA", "null", "None"],
    "more missing words": ["nan", "N/A", "-"],
    "infinities": ["inf", "Infinity", "1e999"],
    "truth": ["True", "true", "1"],
    "long numbers": ["12345678901234567890", "12345678901234567891", "1"],
    "minus zero": ["-0", "0", "00"],
    "dates": ["2020-01-01", "2020-1-1", "1.1.2020"],
    "units": ["5", "5€", "$5"],
}


@each("case", ALIKE)
@each("side", [0, 1])
def test_ids_that_look_alike_stay_apart(case: str, side: int, tmp_path: Any):
    ids = ALIKE[case]
    rows = [f"{i},x,{k}" if side == 0 else f"x,{i},{k}" for k, i in enumerate(ids, 1)]
    found = read("\n".join(["user,item,rating", *rows]))
    table = found.user_ids if side == 0 else found.item_ids
    assert len(found) == 3 and sorted(map(str, table)) == sorted(ids)
    assert not any("latest" in note for note in found.notes)


def test_ids_in_the_layout_of_movielens_stay_apart_too(tmp_path: Any):
    file = tmp_path / "ratings.csv"
    for ids in (["007", "07", "7"], ["NA", "null", "7"], ["1.10", "1.1", "7"], ["1e5", "7", "8"]):
        rows = "".join(f"{i},5,{k},9\n" for k, i in enumerate(ids, 1))
        file.write_text("userId,movieId,rating,timestamp\n" + rows)
        assert sorted(map(str, read_ratings(file).user_ids)) == sorted(ids)
    headless = tmp_path / "u.data"
    for sign in ("\t", "::"):
        headless.write_text(
            "".join(f"{sign.join([i, '5', '3', '9'])}\n" for i in ("007", "07", "7"))
        )
        assert read_ratings(headless).user_ids.tolist() == ["007", "07", "7"]


def test_whole_numbers_are_numbers_still():
    assert read("user,item,rating\n1,31,4\n2,-31,5\n").item_ids.tolist() == [-31, 31]


# --- names and layouts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "User ID,Item ID,Rating",
        "User-ID,ISBN,Book-Rating",
        "user_id,business_id,stars",
        "Customer Id,Product Id,Overall",
        "REVIEWER-ID,ASIN,OVERALL",
        "userID,artistID,Value",
        "Username,Game,Score",
        "user.id,movie.id,user rating",
        "member id,Song,review_score",
        "UserId,title,rating",
        "user id,recipe_id,rating",
    ],
)
def test_columns_are_found_whatever_joins_their_words(header: str):
    found = read(f"{header}\n1,a,4\n2,b,5\n")
    assert (found.n_users, found.values.tolist()) == (2, [4.0, 5.0])


@pytest.mark.parametrize("sign", [",", ";", "\t", "::", "|"])
def test_a_table_without_a_header_is_taken_in_order_and_says_so(sign: str):
    rows = [("anna", "Dumbo", "4", "9"), ("bert", "Dumbo", "3", "8"), ("anna", "Heat", "2", "7")]
    found = read("".join(sign.join(row) + "\n" for row in rows))
    assert found.user_ids.tolist() == ["anna", "bert"] and found.values.tolist() == [4, 3, 2]
    assert any("no header" in note for note in found.notes if isinstance(note, Guess))
    other = read("".join(sign.join(row) + "\n" for row in rows), user="column 2", item="column 1",
                 rating="column 3")  # fmt: skip
    assert other.user_ids.tolist() == ["Dumbo", "Heat"]


@pytest.mark.parametrize("sign", ["\t", "::"])
def test_numbers_without_a_header_are_taken_in_order_and_say_so(sign: str, tmp_path: Any):
    """Unless the file has the name of a layout that we know."""
    rows = [("1", "10", "4", "881250949"), ("1", "20", "5", "881250950"), ("2", "10", "3", "88")]
    text = "".join(sign.join(row) + "\n" for row in rows)
    for name, told in (("mine.txt", True), ("u.data", False)):
        file = tmp_path / name
        file.write_text(text)
        found = read_ratings(file)
        assert found.values.tolist() == [4, 5, 3] and found.item_ids.tolist() == [10, 20]
        assert any("no header" in note for note in found.notes) == told
    swapped = read_ratings(file, user="column 2", item="column 1", rating="column 3")
    assert swapped.user_ids.tolist() == [10, 20] and swapped.values.tolist() == [4, 5, 3]


def test_notes_for_models_are_not_said_of_ratings():
    found = read("user,item,rating,time\na,x,4,1\na,x,5,2\nb,x,1,3\n")
    assert found.notes == (
        "1 rating of the same item by the same user: the latest of each counts.",
    )


def test_the_reading_can_be_told():
    text = "a;b;c\n1;2;3\n"
    said = {"user": "a", "item": "b", "rating": "c"}
    assert len(read(text, header=True, **said)) == 1
    assert len(read("1;2;3,5\n1;3;4,5\n", header=False, decimal=",")) == 2


# --- the latest rating ----------------------------------------------------------------------------

LATER: dict[str, tuple[str, str]] = {
    "month first": ("12/31/2019", "01/25/2020"),
    "day first": ("31/12/2019", "25/01/2020"),
    "points": ("31.12.2019", "01.05.2020"),
    "ISO": ("2019-12-31", "2020-01-05"),
    "ISO with a clock": ("2020-01-05T09:00:00", "2020-01-05T10:00:00"),
    "ISO with zones": ("2020-01-05T09:00:00+05:00", "2020-01-05T05:00:00Z"),
    "slashes, year first": ("2019/12/31", "2020/01/05"),
    "month by name": ("Dec 31, 2019", "Jan 5, 2020"),
    "long month": ("December 31, 2019", "January 5, 2020"),
    "day before the month": ("31 Dec 2019", "5 Jan 2020"),
    "as at Amazon": ("12 31, 2019", "01 5, 2020"),
    "clocks of twelve hours": ("01/25/2020 11:00 AM", "01/25/2020 01:00 PM"),
    "short years": ("12/31/19", "01/25/20"),
    "numbers": ("9", "10"),
    "numbers of two kinds": ("9.5", "10"),
    "missing": ("", "01/05/2020"),
    "missing, a word": ("NA", "2020-01-05"),
    "missing number": ("", "3"),
    "not a number": ("nan", "3"),
}


@each("case", LATER)
@each("turned", [False, True])
def test_the_latest_rating_counts(case: str, turned: bool):
    early, late = LATER[case]
    rows = [f'u,i,1,"{early}"', f'u,i,5,"{late}"'][:: -1 if turned else 1]
    found = read("\n".join(["user,item,rating,date", *rows, f'v,i,3,"{late}"']))
    assert sorted(found.values) == [3, 5]


def test_missing_times_in_a_frame_are_older_than_all():
    for dates in ([None, "2020-01-05"], [float("nan"), 7.0], [pd.NaT, pd.Timestamp("2020-01-05")]):
        table = pd.DataFrame({"user": [1, 1], "item": [1, 1], "rating": [1.0, 5.0], "date": dates})
        assert Ratings.from_frame(table[::-1].reset_index(drop=True)).values.tolist() == [5]
        assert "no time" in Ratings.from_frame(table).notes[0]


def test_a_date_that_can_be_read_two_ways_is_told_and_can_be_overruled():
    text = "user,item,rating,date\nu,i,1,02/03/2020\nu,i,5,01/04/2020\n"
    found = read(text)  # the third of February is later than the fourth of January
    assert found.values.tolist() == [1]
    assert any("month was taken to come first" in n for n in found.notes if isinstance(n, Guess))
    assert read(text, day_first=True).values.tolist() == [5]
    assert read(text, day_first=False).values.tolist() == [1]


def test_times_that_cannot_be_read_leave_the_order_of_the_rows():
    found = read("user,item,rating,date\nu,i,1,yesterday\nu,i,5,long ago\n")
    assert found.values.tolist() == [5]
    assert any("last row" in note and "cannot be read" in note for note in found.notes)
    assert times_of(pd.Series(["9", "soon"])) is None
