"""Numbers, headers and preambles as people write them, each with what a reader means by it."""

import io
from typing import Any

import pandas as pd
import pytest

from gdviz.learn import TableError, read_table
from gdviz.learn.column_types import Guess

NAN = float("nan")


def read(text: str | bytes, **reading: Any) -> pd.DataFrame:
    return read_table(io.BytesIO(text if isinstance(text, bytes) else text.encode()), **reading)


def guesses(frame: pd.DataFrame) -> str:
    return " ".join(note for note in frame.attrs["notes"] if isinstance(note, Guess))


def values(frame: pd.DataFrame) -> list[list[Any]]:
    return [[None if pd.isna(v) else v for v in frame[name]] for name in frame.columns]


# --- one column of numbers, as it is written ------------------------------------------------------

NUMBERS: dict[str, tuple[list[str], list[float]]] = {
    "minus before the currency": (["−$50", "$20"], [-50, 20]),
    "minus after the currency": (["$-50", "$20"], [-50, 20]),
    "brackets": (["(50)", "20"], [-50, 20]),
    "brackets around the currency": (["($1,050.25)", "$20"], [-1050.25, 20]),
    "brackets behind the currency": (["$(50)", "$20"], [-50, 20]),
    "brackets and a percent": (["(5%)", "20%"], [-5, 20]),
    "a true minus": (["−5", "2.5"], [-5, 2.5]),
    "an en dash": (["–5", "2.5"], [-5, 2.5]),
    "a minus behind": (["5-", "2.5"], [-5, 2.5]),
    "a plus": (["+5", "+2.5"], [5, 2.5]),
    "typographic apostrophes": (["1’234.50", "7"], [1234.5, 7]),
    "plain apostrophes": (["1'234'567", "7"], [1234567, 7]),
    "narrow spaces and a comma": (["1\u202f234,5", "2,25"], [1234.5, 2.25]),
    "no-break spaces": (["1\u00a0234\u00a0567", "8"], [1234567, 8]),
    "spaces and a comma": (["1 234,5", "7,5"], [1234.5, 7.5]),
    "thin spaces": (["12\u2009345.5", "8"], [12345.5, 8]),
    "Indian groups": (["12,34,567.5", "1,00,000"], [1234567.5, 100000]),
    "millions with commas": (["1,234,567", "999"], [1234567, 999]),
    "millions with points": (["1.234.567", "250.000"], [1234567, 250000]),
    "a quoted decimal comma": (["0,125", "2"], [0.125, 2]),
    "Swiss prices": (["50.–", "7.50"], [50, 7.5]),
    "German prices": (["50,-", "7,50"], [50, 7.5]),
    "euros behind": (["1.234,50 €", "7,00 €"], [1234.5, 7]),
    "a code in front": (["CHF 1’050.00", "CHF 7.50"], [1050, 7.5]),
    "a code behind": (["12.5 USD", "7.5 USD"], [12.5, 7.5]),
    "kroner": (["12,50 kr", "−7,50 kr"], [12.5, -7.5]),
    "rupees": (["₹1,00,000", "₹50"], [100000, 50]),
    "reais": (["R$ 1.234,50", "R$ 10,00"], [1234.5, 10]),
    "percents": (["50 %", "12.5%"], [50, 12.5]),
    "percents beside shares": (["50 %", "0.5"], [0.5, 0.5]),
    "per mille": (["5‰", "7.5‰"], [5, 7.5]),
    "wide figures": (["１２", "３"], [12, 3]),
    "Arabic figures": (["٣٫٥", "٢"], [3.5, 2]),
    "exponents": (["1e5", "2.5E-3"], [1e5, 2.5e-3]),
    "an exponent with a comma": (["1,5e5", "2,5E-3"], [1.5e5, 2.5e-3]),
    "spreadsheet errors": (["1.5", "#N/A"], [1.5, NAN]),
    "dashes for none": (["1.5", "—"], [1.5, NAN]),
    "a colon for none": (["1.5", ":"], [1.5, NAN]),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_a_number_is_read_as_it_is_meant(case: str):
    cells, meant = NUMBERS[case]
    lines = [f'"{cell}"\tword {i}' for i, cell in enumerate(cells)]
    frame = read("\n".join(["amount\tname", *lines]))
    assert frame["amount"].tolist() == pytest.approx(meant, rel=1e-15, nan_ok=True)


SAID: dict[str, tuple[list[str], str]] = {
    "percents beside larger numbers": (["50 %", "60"], "some of its numbers are shares"),
    "two ways": (["1,5", "1,234.5"], "more than one way"),
    "two signs": (["--5", "3"], "“--5” in row 1 is not a number"),
    "a word": (["5 apples", "3", "4"], "“5 apples” in row 1 is not a number"),
    "few numbers among words": (["a", "b", "c", "7"], "though 1 of its cells are numbers"),
    "long integers": (
        ["123456789012345678901", "123456789012345678902"],
        "more digits than a number keeps",
    ),
    "more than a number may have": (["1" * 101, "5", "6"], "is not a number"),
}


@pytest.mark.parametrize("case", SAID)
def test_what_stays_text_is_said(case: str):
    cells, words = SAID[case]
    frame = read("\n".join(["amount\tname", *(f'"{c}"\tw{i}' for i, c in enumerate(cells))]))
    assert frame["amount"].tolist() == cells and words in " ".join(frame.attrs["notes"])


def test_integers_of_twenty_digits_are_not_constant():
    for first in ("12345678901234567890", "92345678901234567890", "1234567890123456789"):
        rows = "".join(f"{int(first) + k},{k}\n" for k in (0, 2, 1))
        frame = read("id number,b\n" + rows)
        assert "constant" not in " ".join(frame.attrs["notes"])
        assert [int(value) - int(first) for value in frame.iloc[:, 0]] == [0, 2, 1]


# --- the decimal sign of a file -------------------------------------------------------------------


def test_dotted_groups_are_thousands_where_commas_are_decimal():
    frame = read("Preis;Flaeche\n250.000;80,5\n315.500;95,25\n")
    assert values(frame) == [[250000, 315500], [80.5, 95.25]]
    assert "“250.000” was read as 250000" in guesses(frame)


def test_a_point_that_could_be_either_is_told_and_can_be_overruled():
    text = "Preis;Zimmer\n250.000;3\n315.500;4\n"
    frame = read(text)
    assert values(frame)[0] == [250, 315.5] and "“250.000” was read as 250" in guesses(frame)
    for reading in ({"decimal": ","}, {"thousands": "."}):
        assert values(read(text, **reading))[0] == [250000, 315500]


def test_a_comma_that_could_be_either_is_told_and_can_be_overruled():
    quoted_cells = 'a,b\n"1,000",2\n"2,500",3\n'
    assert values(read(quoted_cells))[0] == [1000, 2500]
    assert "separates thousands" in guesses(read(quoted_cells))
    assert values(read(quoted_cells, decimal=","))[0] == [1, 2.5]
    assert read(quoted_cells, thousands="")["a"].tolist() == ["1,000", "2,500"]
    semicolons = "a;b\n1,000;2\n2,500;3\n"
    assert values(read(semicolons))[0] == [1, 2.5] and "decimal comma" in guesses(read(semicolons))
    assert values(read(semicolons, decimal="."))[0] == [1000, 2500]
    assert values(read(semicolons, thousands=","))[0] == [1000, 2500]


def test_a_decimal_sign_that_shows_itself_far_below_counts_for_all():
    head = "a;b\n" + "250.000;80\n" * 1000
    frame = read(head + "315.500;95,25\n")
    assert frame["a"].iloc[0] == 250000 and frame["b"].iloc[-1] == 95.25
    assert "Far below" in guesses(frame)


def test_columns_of_another_sign_keep_their_own():
    frame = read("lat;preis\n52.5200;1.000,5\n48.1;2,5\n47.25;3,25\n")
    assert values(frame) == [[52.52, 48.1, 47.25], [1000.5, 2.5, 3.25]]


@pytest.mark.parametrize(
    "wrong",
    [{"separator": "x"}, {"decimal": ";"}, {"thousands": "x"}, {"decimal": ",", "thousands": ","}],
)
def test_a_reading_that_makes_no_sense_is_refused(wrong: dict[str, Any]):
    with pytest.raises(TableError):
        read("a,b\n1,2\n", **wrong)


# --- header ---------------------------------------------------------------------------------------

HEADLESS = {
    "a text at the end": "5.1,0.2,Iris-setosa\n4.9,0.2,Iris-setosa\n7,1.4,other\n",
    "a text of its own": "5.1,3.5,Alice\n4.9,3.0,Bob\n7,3.2,Carol\n",
    "a missing mark": "?,3.5,1.4\n4.9,3.0,1.4\n7,3.2,4.7\n",
    "an empty cell": ",3.5,1.4\n4.9,3.0,1.4\n7,3.2,4.7\n",
    "a date": "2020-01-01,3.5,1.4\n2020-01-02,3.0,1.4\n2020-01-03,3.2,4.7\n",
    "a German date": "01.02.2020;3,5\n02.02.2020;3,1\n03.02.2020;3,2\n",
    "a currency": "$5,3.5\n$6,3.0\n$7,3.2\n",
    "a percent": "5%,3.5\n6%,3.0\n7%,3.2\n",
    "a damaged number": "3.5,1.4,2.2,o.5\n3.0,1.4,5.1,0.6\n3.2,4.7,4.4,0.7\n",
    "words that come again": "yes,no\nno,yes\nyes,yes\n",
    "brackets": "(5);3,5\n(6);3,1\n7;3,2\n",
    "ratings": "anna\tDumbo\t4\nbert\tDumbo\t3\nanna\tHeat\t2\n",
}


@pytest.mark.parametrize("case", HEADLESS)
def test_a_first_row_of_values_is_a_row(case: str):
    text = HEADLESS[case]
    frame = read(text)
    assert len(frame) == len(text.splitlines()) and frame.columns[0] == "column 1"
    assert "The first line holds numbers, or values" in guesses(frame)
    named = read(text, header=True)
    assert len(named) == len(frame) - 1 and named.columns[0] != "column 1" or text[0] == ","


HEADED = {
    "words": "a,b\n1,2\n3,4\n",
    "years": "country,1990,2000\nChad,5,7\nPeru,6,8\n",
    "one year": "country,2019\nChad,5\nPeru,6\n",
    "days": "id,2020-01-01,2020-01-02\n1,5,6\n2,7,8\n",
    "a nameless counter": ",b\n0,2\n1,7\n",
    "a number among words": "a,b,c,5\n1,2,3,4\n3,4,5,6\n",
    "all text": "name,kind\nx,y\nz,w\n",
}


@pytest.mark.parametrize("case", HEADED)
def test_a_first_row_of_names_is_the_header(case: str):
    text = HEADED[case]
    assert len(read(text)) == len(text.splitlines()) - 1
    rows = read(text, header=False)
    assert len(rows) == len(text.splitlines()) and rows.columns[-1] == f"column {len(rows.columns)}"


# --- what stands before a table, and its encoding -------------------------------------------------

PREAMBLES: dict[str, str | bytes] = {
    "sep=;": "sep=;\na;b\n1;2\n3;4\n",
    "sep=, quoted": '"sep=,"\na,b\n1,2\n3,4\n',
    "sep= a tab": "sep=\t\na\tb\n1\t2\n3\t4\n",
    "SEP=|": "SEP=|\na|b\n1|2\n3|4\n",
    "a comment": "# a comment, with a comma\na,b\n1,2\n3,4\n",
    "comments and a blank": "# one\n# two\n\na,b\n1,2\n3,4\n",
    "comments between": "# one\na,b\n1,2\n# two\n3,4\n",
    "a comment with the names": "# a b\n1 2\n3 4\n",
    "names after comments": "# made by a machine\n# a,b\n1,2\n3,4\n",
    "UTF-32": "a,b\n1,2\n3,4\n".encode("utf-32"),
    "UTF-32, the other way": b"\0\0\xfe\xff" + "a,b\n1,2\n3,4\n".encode("utf-32-be"),
    "UTF-16, the other way": b"\xfe\xff" + "a,b\n1,2\n3,4\n".encode("utf-16-be"),
    "double colons": "a::b\n1::2\n3::4\n",
}


@pytest.mark.parametrize("case", PREAMBLES)
def test_what_stands_before_a_table_is_no_row_of_it(case: str):
    assert read(PREAMBLES[case]).to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_a_hash_that_is_no_comment_stays():
    assert read("#,name\n1,x\n2,y\n").shape == (2, 2)
    assert read("tag,n\n#one,1\n#two,2\n")["tag"].tolist() == ["#one", "#two"]
    assert read("# c\na,b\n#N/A,1\n2,3\n").shape == (2, 2)
    assert read('# c\na,b\n"x\n# y",1\nz,3\n')["a"].tolist() == ["x\n# y", "z"]


def test_lines_are_counted_with_what_was_left_out():
    with pytest.raises(TableError, match="Line 5"):
        read("# one\nsep\n1\n2\n3,4\n")


def test_equal_names_are_told_apart():
    frame = read(",".join(["a"] * 2000) + "\n" + ",".join(["1"] * 2000) + "\n")
    assert frame.columns[-1] == "a (2000)" and frame.columns.is_unique
    assert read("a,a (2),a,a\n1,2,3,4\n").columns.tolist() == ["a", "a (2)", "a (3)", "a (4)"]
