"""Numbers, headers and preambles as people write them, each with what a reader means by it."""

import io
from typing import Any

import pandas as pd
import pytest
from cases import each

from gdviz.learn import TableError, read_ratings, read_table
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


@each("case", NUMBERS)
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
    "thousands by a letter": (["5k", "3M"], "“amount” is text, as “5k”"),
    "hexadecimals": (["0x10", "0x1f"], "“amount” is text, as “0x10”"),
    "fractions": (["1/2", "3/4"], "“amount” is text, as “1/2”"),
    "clocks": (["12:30", "7:45"], "“amount” is text, as “12:30”"),
    "debit and credit": (["5 CR", "6 DR"], "“amount” is text, as “5 CR”"),
    "a spreadsheet's mark of text": (["'5", "'6"], "“amount” is text, as “'5”"),
    "bounds": (["<5", ">6"], "“amount” is text, as “<5”"),
    "degrees": (["52°31'", "48°51'"], "“amount” is text, as “52°31'”"),
}


@pytest.mark.parametrize("case", SAID)
def test_what_stays_text_is_said(case: str):
    cells, words = SAID[case]
    frame = read("\n".join(["amount\tname", *(f'"{c}"\tw{i}' for i, c in enumerate(cells))]))
    assert frame["amount"].tolist() == cells and words in " ".join(frame.attrs["notes"])


def test_words_and_dates_are_no_numbers_badly_written():
    for cells in (["red", "green"], ["2020-01-01", "2021-01-01"], ["yes", "no"], ["x5", "x6"]):
        frame = read("\n".join(["amount\tn", *(f"{c}\t{i}" for i, c in enumerate(cells))]))
        assert not any("write plain numbers" in note for note in frame.attrs["notes"])


def test_zeros_in_front_are_not_lost_without_a_word():
    for text in ("zip,b\n01234,2\n99345,3\n", "b,zip\n2,99345\n3,\n4,007\n"):
        assert "zeros in front" in guesses(read(text))
    for text in (
        "zip,b\n0,2\n0.5,3\n",
        "a,b\n0x1,2\n05 x,3\n",
        "a,b\n05.01.2020,2\n06.01.2020,3\n",
    ):
        assert "zeros in front" not in guesses(read(text))
    ids = read_ratings(io.BytesIO(b"user,item,rating\n007,1,2\n7,1,3\n"))
    assert not any("zeros in front" in note for note in ids.notes)


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
    """Who separates by semicolons writes a decimal comma: 250.000 is a quarter of a million."""
    text = "Preis;Zimmer\n250.000;3\n315.500;4\n"
    for reading in ({}, {"decimal": ","}, {"thousands": "."}):
        frame = read(text, **reading)
        assert values(frame)[0] == [250000, 315500]
        assert "thousands" in guesses(frame) and "“250.000” was read as 250000" in guesses(frame)
    assert values(read(text, decimal="."))[0] == [250, 315.5]
    tabs = read(text.replace(";", "\t"))
    assert values(tabs)[0] == [250, 315.5] and "“250.000” was read as 250" in guesses(tabs)
    assert "choose the comma" in guesses(tabs)


def test_degrees_tell_that_the_point_is_decimal():
    for names in ("lat;lon", "Latitude;Longitude", "Breitengrad;Längengrad", "LAT;LNG"):
        frame = read(f"{names};Preis\n52.520;13.405;1\n48.137;11.575;2\n")
        assert values(frame)[:2] == [[52.52, 48.137], [13.405, 11.575]]
        assert "choose the comma" in guesses(frame)


GROUPED = ["950 12.345 1.250", "8- 51.557 2.694", "7 1.000 2.000", "999 (1.001) 5.432 17.000"]
PLACED = ["950 12.345 1.25", "8 51.557 0.694", "1.000 2.000", "1200 12.345 1.250", "7 1.125 9"]


@pytest.mark.parametrize("separator", [";", "\t", "|", "::"])
def test_a_column_that_groups_digits_tells_its_sign(separator):
    """Whole numbers below a thousand, and all others of three digits behind the sign."""
    for column in GROUPED:
        for sign in ".,":
            cells = column.replace(".", sign).split()
            rows = "".join(f"{cell}{separator}red\n" for cell in cells)
            found = read(f"price{separator}kind\n{rows}")["price"].abs().tolist()
            assert found == [abs(float(c.replace(".", "").strip("()-"))) for c in column.split()]


def test_a_column_that_may_hold_decimals_is_left_to_the_rest_of_the_file():
    for column in PLACED:
        rows = "".join(f"{cell}\tred\n" for cell in column.split())
        found = read("price\tkind\n" + rows)["price"].tolist()
        assert found == [float(cell) for cell in column.split()]


NUMBERS_AND_TEXTS = [  # a decimal comma would cut each row into as many cells as its separator
    "3,2265 €;10.04.2008",
    "533399,5;2001-10-12",
    "red|249.921,37%",
    "0,38|1994-12-28|1,9900%",
    "93,25\t2020-03-26\tIris-setosa\t-92.919,7094%",
    "blue;7.041.318,00 €",
    "1.353.481,44 EUR|Iris-setosa",
    "846954,390 kr;1977-11-22",
    "3,5::x y",
    "-1.568,518;red;3.592.526,1",
]


@pytest.mark.parametrize("row", NUMBERS_AND_TEXTS)
def test_a_decimal_comma_is_no_separator(row):
    """Six rows, so that none differs from another but in a digit; and one with a comma in words."""
    separator = next(s for s in (";", "|", "\t", "::") if s in row)
    text = "".join(row.replace("3", str(k)) + "\n" for k in range(1, 7))
    frame = read(text)
    assert frame.shape == (6, row.count(separator) + 1)
    assert not any(separator in str(cell) for cell in frame.to_numpy().ravel())
    longer = read(text + separator.join(["Oslo, N"] * (row.count(separator) + 1)))
    assert longer.shape == (7, row.count(separator) + 1)


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
    head = "a\tb\n" + "250.000\t80\n" * 1000
    frame = read(head + "315.500\t95,25\n")
    assert frame["a"].iloc[0] == 250000 and frame["b"].iloc[-1] == 95.25
    assert "Far below" in guesses(frame)
    points = read("a;b\n" + "250.000;80\n" * 1000 + "315.500;95.25\n")
    assert points["a"].iloc[0] == 250 and "Far below" in guesses(points)


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
    "slashes": "// made by x, on 2020\n// twice\na,b\n1,2\n3,4\n",
    "slashes before the names": "// a, b\n1,2\n3,4\n",
    "percent signs": "% a comment\n%\na;b\n1;2\n3;4\n",
    "dashes": "-- made by hand\na,b\n1,2\n3,4\n",
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


def test_a_number_with_an_exponent_groups_nothing():
    frame = read("a;b\n1.234e5;red\n5.678E-2;blue\n")
    assert values(frame)[0] == [123400, 0.05678]
    commas = read("a;b\n1,234e5;red\n5,678E-2;blue\n")
    assert values(commas)[0] == [123400, 0.05678]


# --- rows that are counted, and blank lines -------------------------------------------------------

COUNTED = {
    "as R writes a CSV": '"price","size"\n"1",5.1,3\n"2",4.9,4\n"3",4.7,5\n',
    "as R writes a table": '"price" "size"\n"1" 5.1 3\n"2" 4.9 4\n"3" 4.7 5\n',
    "from 0": "price;size\n0;5.1;3\n1;4.9;4\n2;4.7;5\n",
    "as pandas writes it": ",price,size\n0,5.1,3\n1,4.9,4\n2,4.7,5\n",
    "numbers for names": ",0,1\n0,5.1,3\n1,4.9,4\n2,4.7,5\n",
}


@each("case", COUNTED)
def test_the_numbers_of_rows_move_no_name(case: str) -> None:
    table = read(COUNTED[case])
    assert table.iloc[:, 1].tolist() == [5.1, 4.9, 4.7] and table.iloc[:, 2].tolist() == [3, 4, 5]
    names = ["0", "1"] if case == "numbers for names" else ["price", "size"]
    assert table.columns.tolist() == ["column 1", *names]
    if "pandas" not in case:
        assert "the names of the columns" in guesses(table) or "as those of" in guesses(table)


@each("text", ["a,b\n7,1,2\n9,2,3\n8,3,4\n", "x\n1,5\n2,5\n3,25\n"])
def test_rows_that_are_not_counted_are_refused_as_before(text: str) -> None:
    with pytest.raises(TableError, match="which name belongs to which value"):
        read(text)


def test_blank_lines_of_one_column_are_told() -> None:
    told = " ".join(read("price\n5\n\n6\n\n\n7\n").attrs["notes"])
    assert "Blank lines were left out, in 2 places" in told
    assert "Blank" not in " ".join(read("price\n5\n6\n\n").attrs["notes"])
