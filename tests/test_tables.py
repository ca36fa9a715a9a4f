"""The guarded reader: every broken file gets a sentence, and none is misread without a word."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import each
from hypothesis import given, settings
from hypothesis import strategies as st

from gdviz.learn import TableError, read_table
from gdviz.learn.tables import LARGEST, Limits

NAN = float("nan")


def read(text: str | bytes) -> pd.DataFrame:
    return read_table(io.BytesIO(text if isinstance(text, bytes) else text.encode()))


def notes(frame: pd.DataFrame) -> str:
    return " ".join(frame.attrs["notes"])


# What the file says, and the columns that a reader means by it.
MEANT: dict[str, tuple[str | bytes, dict[str, list[Any]], tuple[str, ...]]] = {
    "plain": ("a,b\n1,2\n3,4.5\n", {"a": [1, 3], "b": [2, 4.5]}, ()),
    "windows lines": ("a,b\r\n1,2\r\n3,4\r\n", {"a": [1, 3], "b": [2, 4]}, ()),
    "old mac lines": ("a,b\r1,2\r3,4\r", {"a": [1, 3], "b": [2, 4]}, ()),
    "byte order mark": (b"\xef\xbb\xbfa,b\n1,2\n3,4\n", {"a": [1, 3], "b": [2, 4]}, ()),
    "semicolons": ("a;b\n1.5;2\n3;4\n", {"a": [1.5, 3], "b": [2, 4]}, ("semicolons",)),
    "tabs": ("a\tb\n1.5\t2\n3\t4\n", {"a": [1.5, 3], "b": [2, 4]}, ("tabs",)),
    "spaces": ("a b\n1.5 2\n3  4\n", {"a": [1.5, 3], "b": [2, 4]}, ("spaces",)),
    "gaps": ("a, b\n1, x y\n3,  z\n", {"a": [1, 3], "b": ["x y", "z"]}, ()),
    "decimal comma": (
        "x;y\n1,5;2\n2,25;3\n",
        {"x": [1.5, 2.25], "y": [2, 3]},
        ("decimal comma", "“1,5” was read as 1.5"),
    ),
    "a comma that could be either": (
        "x;y\n1,500;2\n2,250;3\n",
        {"x": [1.5, 2.25], "y": [2, 3]},
        ("separates thousands",),
    ),
    "points and a decimal comma": (
        "p;q\n1.234,5;2\n2,5;3\n",
        {"p": [1234.5, 2.5], "q": [2, 3]},
        ("“1.234,5” was read as 1234.5",),
    ),
    "a quoted decimal comma": (
        'a,b\n"1,5",2\n"2,25",3\n',
        {"a": [1.5, 2.25], "b": [2, 3]},
        ("decimal comma", "“1,5” was read as 1.5"),
    ),
    "thousands": (
        'a,b\n"1,000",2\n"12,000.5",3\n7,4\n',
        {"a": [1000, 12000.5, 7], "b": [2, 3, 4]},
        ("“a”", "separates thousands"),
    ),
    "units": ("a,b\n$1.5,12%\n$3,3%\n", {"a": [1.5, 3], "b": [12, 3]}, ("“$1.5”", "“12%”")),
    "numbers written two ways": (
        'a,b\n"1,5",2\n"1,234.5",3\n',
        {"a": ["1,5", "1,234.5"], "b": [2, 3]},
        ("“a” is text", "more than one way"),
    ),
    "missing words": (
        "a,b,c\n1,NA,x\n-,null,y\nNone,3,None\n4,,NA\n",
        {"a": [1, NAN, NAN, 4], "b": [NAN, NAN, 3, NAN], "c": ["x", "y", "None", NAN]},
        ("“a”: “-”, “None” (2 cells)", "“NA”, “null”", "“None” was kept", "3 of 4 values"),
    ),
    "infinities": (
        "a,b\n1,inf\n1e400,3\n4,-Infinity\n6,7\n",
        {"a": [1, NAN, 4, 6], "b": [NAN, 3, NAN, 7]},
        ("“a”: infinite or too large for a number in row 2", "“b”", "rows 1, 3"),
    ),
    "one word among numbers": (
        "a,b\n1,2\nfour,3\n4,5\n5,6\n",
        {"a": ["1", "four", "4", "5"], "b": [2, 3, 5, 6]},
        ("“a” is text: “four” in row 2",),
    ),
    "all text": (
        "a,b\nx,y\nz,w\n",
        {"a": ["x", "z"], "b": ["y", "w"]},
        ("No column holds numbers",),
    ),
    "constant": ("a,b\n1,2\n1,3\n", {"a": [1, 1], "b": [2, 3]}, ("“a” is constant",)),
    "constant but for rounding": (
        "a,b\n10000000000.1,2\n10000000000.100002,3\n",
        {"a": [1e10 + 0.1, 1e10 + 0.100002], "b": [2, 3]},
        ("“a” is constant",),
    ),
    "the same column twice": (
        "a,b\n1,1\n2,2\n5,5\n",
        {"a": [1, 2, 5], "b": [1, 2, 5]},
        ("“a” and “b” hold the same",),
    ),
    "a header twice": (
        "a,a,b\n1,2,3\n4,5,6\n",
        {"a": [1, 4], "a (2)": [2, 5], "b": [3, 6]},
        ("Two columns are called “a”", "“a (2)”"),
    ),
    "a nameless counter": (
        ",b\n0,2\n1,7\n2,4\n",
        {"column 1": [0, 1, 2], "b": [2, 7, 4]},
        ("Column 1 has no name", "“column 1” names the rows"),
    ),
    "an identifier": (
        "house_id,b\n17,2\n21,2\n25,4\n",
        {"house_id": [17, 21, 25], "b": [2, 2, 4]},
        ("“house_id” names the rows",),
    ),
    "no header": (
        "1,2\n3,4\n",
        {"column 1": [1, 3], "column 2": [2, 4]},
        ("The first line holds numbers",),
    ),
    "one row": ("a,b\n1,2\n", {"a": [1], "b": [2]}, ("only one row",)),
    "huge integers": (
        "a,b\n18446744073709551616,2\n5,3\n",
        {"a": [2.0**64, 5], "b": [2, 3]},
        ("“a”: integers too long",),
    ),
    "truth values": ("a,b\nTrue,2\nFalse,3\n", {"a": [True, False], "b": [2, 3]}, ("1 or 0",)),
    "dates": (
        "a,b\n2020-01-01,2\n2020-01-02,3\n2020-01-02,4\n",
        {"a": ["2020-01-01", "2020-01-02", "2020-01-02"], "b": [2, 3, 4]},
        ("“a” holds dates",),
    ),
    "a separator at each end": (
        "a,b\n1,2,\n4,5,\n",
        {"a": [1, 4], "b": [2, 5]},
        ("Without a single value",),
    ),
    "shorter rows": (
        "a,b,c\n1,2,3\n4\n7,8,6\n9,1\n",
        {"a": [1, 4, 7, 9], "b": [2, NAN, 8, 1], "c": [3, NAN, 6, NAN]},
        ("Lines 3, 5: fewer values",),
    ),
    "Windows-1252": (
        "größe,b\n1,2\n3,4\n".encode("cp1252"),
        {"größe": [1, 3], "b": [2, 4]},
        ("not UTF-8 (line 1)",),
    ),
    "UTF-16": ("a\tb\n1\t2\n3\t4\n".encode("utf-16"), {"a": [1, 3], "b": [2, 4]}, ("UTF-16",)),
    "quoted text": ('n,v\n"a, b",5\n"c\nd",2\n', {"n": ["a, b", "c\nd"], "v": [5, 2]}, ()),
    "semicolons in text": ("n,v\na;b,5\nc;d,2\n", {"n": ["a;b", "c;d"], "v": [5, 2]}, ()),
}

# What no reader can mean, and words of the sentence that says why.
REFUSED: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "nothing": ("", ("empty",)),
    "blank lines": ("\n \n", ("empty",)),
    "a header only": ("a,b\n", ("no rows",)),
    "every row longer": ("a,b\n1,2,3\n4,5,6\n", ("3 values", "2 columns", "Give every column")),
    "the first row longer": ("a,b\n1,2,3\n4,5\n", ("3 values", "2 columns")),
    "some rows longer": ("a,b\n1,2\n4,5,6\n7,8\n3,4,5\n", ("Lines 3, 5", "3 values", "2 columns")),
    "decimal commas between commas": ("x,y\n1,5,2,5\n2,5,3,5\n", ("4 values", "decimal commas")),
    "one column of decimal commas": ("x\n1,5\n2,5\n", ("2 values", "1 column", "decimal commas")),
    "words before the header": ("My table\na,b\n1,2\n", ("2 values", "1 column")),
    "an open quotation mark": ('a,b\n1,"2\n3,4\n', ("quotation mark",)),
    "a NUL byte": (b"a,b\n1,\x002\n", ("NUL byte in line 2",)),
    "junk": (bytes(range(128, 256)) * 20, ("binary",)),
    "more junk": (b"\x01\x02\x03\x04\xff" * 100, ("binary",)),
    "a zip": (b"PK\x03\x04" + b"x" * 50, ("zip", "unpack")),
    "gzip": (b"\x1f\x8b\x08rest", ("gzip", "unpack")),
    "a picture": (b"\x89PNG\r\n", ("picture",)),
    "JSON": ('[{"a": 1}]', ("JSON",)),
    "a web page": ("<html><body>", ("web page",)),
    "damaged Parquet": (b"PAR1 and more", ("damaged",)),
    "not a value": ("a,b\n,\n,\n", ("No cell",)),
    "too many columns": (
        ",".join(f"c{i}" for i in range(3000)) + "\n" + "1," * 2999,
        ("too many",),
    ),
}


@each("case", MEANT)
def test_a_table_is_read_as_it_is_meant(case: str):
    text, columns, words = MEANT[case]
    frame = read(text)
    assert list(frame.columns) == list(columns)
    for name, values in columns.items():
        found = [None if pd.isna(v) else v for v in frame[name]]
        assert found == [None if pd.isna(v) else v for v in values], name
    for part in words:
        assert part in notes(frame)
    if not words:
        assert frame.attrs["notes"] == []


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_rightly_is_refused_with_a_sentence(case: str):
    text, words = REFUSED[case]
    with pytest.raises(TableError) as error:
        read(text)
    for part in words:
        assert part in str(error.value)
    assert str(error.value).endswith(".")


def test_a_path_and_a_file_give_the_same(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    for source in (path, str(path), path.open("rb"), io.BytesIO(path.read_bytes())):
        assert read_table(source).to_dict("list") == {"a": [1, 3], "b": [2, 4]}


@pytest.mark.parametrize("source", ["/no/such/file.csv", "/", "a\0b", 7, None])
def test_no_file_is_a_sentence(source: Any):
    with pytest.raises(TableError):
        read_table(source)


def test_too_many_bytes_are_refused_without_reading_them_all():
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= LARGEST + 1
            return b"1" * size

    with pytest.raises(TableError, match="larger than"):
        read_table(Endless())


def test_parquet_is_read_with_the_same_care():
    buffer = io.BytesIO()
    when = pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-05"])
    source = {"x": [1.5, np.inf, 3.0], "when": when, "word": ["a", None, "b"], "n": ["1", "2", "x"]}
    pd.DataFrame(source).to_parquet(buffer)
    frame = read(buffer.getvalue())
    assert list(frame.columns) == list(source)
    assert np.isnan(frame["x"][1])
    assert "infinite" in notes(frame) and "“when” holds dates" in notes(frame)
    assert "“n” is text: “x” in row 3" in notes(frame)


def test_a_kind_that_changes_far_below_the_sample_is_seen():
    """pandas reads in pieces: a word in the last one must not leave numbers in the first."""
    frame = read("a,b\n" + "".join(f"00{i % 9},{i}\n" for i in range(300_000)) + "word,1\n")
    assert frame["a"].iloc[0] == "000" and frame["a"].iloc[-1] == "word"
    assert "“word” in row 300001" in notes(frame)


def test_too_many_texts_are_refused_on_the_way():
    shares: list[float] = []
    rows = b"".join(b"word %d,1\n" % i for i in range(400_000))
    limits = Limits(texts=70_000)
    with pytest.raises(TableError, match="more than 70,000 different texts"):
        read_table(io.BytesIO(b"a,b\n" + rows), progress=shares.append, limits=limits)
    assert shares[-1] < 0.5, "the rest was not read"
    few = b"".join(b"word %d,1\n" % (i % 70_000) for i in range(140_000))
    assert len(read_table(io.BytesIO(b"a,b\n" + few), limits=limits)) == 140_000


def test_numbers_that_a_late_word_makes_texts_are_counted_as_texts():
    rows = b"".join(b"%d,1\n" % i for i in range(150_000)) + b"word,1\n"
    with pytest.raises(TableError, match="more than 70,000 different texts"):
        read_table(io.BytesIO(b"a,b\n" + rows), limits=Limits(texts=70_000))


def test_progress_runs_from_zero_to_one():
    shares: list[float] = []
    read_table(io.BytesIO(b"a,b\n" + b"1,2\n3,4\n" * 400_000), progress=shares.append)
    assert shares[0] == 0.0 and shares[-1] == 1.0 and len(shares) > 4
    assert shares == sorted(shares)


def test_california_is_read_whole(california):
    frame = read_table(california)
    assert frame.shape == (20640, 10)
    assert frame["total_bedrooms"].isna().sum() == 207
    assert frame.attrs["notes"] == ["Column “total_bedrooms”: 207 of 20,640 values are missing."]


cells = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text("ab c", min_size=1, max_size=5).filter(str.strip),
    st.just(""),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=2, max_size=12))
def test_no_cell_changes_its_meaning(rows: list[list[str]]):
    """Whatever is written comes back: a number as that number, a word as that word."""
    text = "\n".join(["x,y,z", *(",".join(row) for row in rows)])
    try:
        frame = read(text)
    except TableError:
        assert not any(cell for row in rows for cell in row)
        return
    for i, row in enumerate(rows):
        for name, cell in zip("xyz", row, strict=True):
            value = frame[name][i] if name in frame else NAN
            if isinstance(value, str):
                assert value == cell.strip()
            elif pd.isna(value):
                assert cell == ""
            else:
                assert float(value) == pytest.approx(float(cell), rel=1e-15, abs=0)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_junk_is_read_or_refused_but_never_breaks(data: bytes):
    try:
        frame = read(data)
    except TableError:
        return
    assert len(frame) and isinstance(frame.attrs["notes"], list)
