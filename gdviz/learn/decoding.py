"""From the bytes of a file to its lines of text: encodings, and what stands before a table."""

import re

from gdviz.learn.column_types import TableError
from gdviz.learn.headers import ABSENT, NUMBER, WORD, kind_of

_MARKS = (
    (b"\xff\xfe\0\0", "utf-32", "UTF-32"),  # before UTF-16, whose mark it begins with
    (b"\0\0\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16, as Excel writes it"),
    (b"\xfe\xff", "utf-16", "UTF-16, as Excel writes it"),
)
_MARKUP = re.compile(r"<(?:!doctype|html|head|body|\?xml|table|svg)\b", re.IGNORECASE)
_JSON = re.compile(r"\{\s*[\"}]|\[\s*[\[{\"\]\d-]")
_ERROR = re.compile(r"#(?:n/?[ad]|div/0|value|ref|num|name|null)", re.IGNORECASE)  # of a sheet
_COMMENT_MARKS = ("#", "//", "%", "!", "--")
_MAY_BEGIN_NAMES = {"%", "!", "--"}
LEAD = 4096  # characters that are looked at to tell text from what is none


def decode_text(data: bytes, notes: list[str]) -> str:
    """Return the text of a file, its lines ended alike; raise `TableError` for what is no text."""
    text = _text_of(data, notes)
    start = text[:LEAD].lstrip()
    if not start and not text.strip():
        raise TableError("The file is empty: there is nothing to read.")
    if _MARKUP.match(start) or _JSON.match(start):
        kind = "a web page or XML" if _MARKUP.match(start) else "JSON"
        raise TableError(f"This is {kind}, not a table: save it as CSV.")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _text_of(data: bytes, notes: list[str]) -> str:
    for mark, encoding, words in _MARKS:
        if data.startswith(mark):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                raise _binary() from None
            notes.append(f"The text is {words}; it was read as that.")
            return text
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise TableError(
            f"There is a NUL byte in line {line}: this is a binary file, or a damaged one. "
            "Export the table as CSV."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    return _windows(data, line, notes)


def _windows(data: bytes, line: int, notes: list[str]) -> str:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise _binary() from None
    if sum(1 for c in text[:LEAD] if c < " " and c not in "\t\r\n") > 2:
        raise _binary()
    notes.append(
        f"The text is not UTF-8 (line {line}): it was read as Windows-1252; look at its accents."
    )
    return text


def _binary() -> TableError:
    return TableError("This is a binary file, not a table of text: export the table as CSV.")


# --- what stands before a table ------------------------------------------------------------------


def without_preamble(text: str, notes: list[str]) -> tuple[str, str | None]:
    """Return a text without Excel's line `sep=;` and without comments, and the separator named.

    The lines become blank, so that the numbers of the others stay. A comment just above the first
    row that has as many cells as it holds the names, as `numpy.savetxt` writes them.
    """
    head, separator = _first_line(text)
    if separator is not None:
        text = "\n" + text[len(head) + 1 :]
        notes.append(f"The first line, “{head.strip()[:20]}”, names the separator.")
    return _without_comments(text, notes), separator


def _first_line(text: str) -> tuple[str, str | None]:
    head = text[: text.find("\n") if "\n" in text else len(text)]
    said = head.strip(' "')
    if len(head) < 20 and said.lower().startswith("sep=") and len(said) in (5, 6):
        return head, said[4:]
    if len(head) < 20 and head.strip(' "').lower() == "sep=":  # a tab was stripped
        return head, "\t"
    return head, None


def _comment_mark(text: str) -> str | None:
    """Return the sign with which the first line begins, if it is one before comments."""
    start = text[:LEAD].lstrip(" \n")
    return next((mark for mark in _COMMENT_MARKS if start.startswith(mark)), None)


def _without_comments(text: str, notes: list[str]) -> str:
    mark = _comment_mark(text)
    lines = text.split("\n") if mark else []
    data = next((i for i, line in enumerate(lines) if not _is_left_out(line, mark)), None)
    names = next((i for i in range((data or 0) - 1, -1, -1) if lines[i].strip()), None)
    if mark is None or data is None or names is None:
        return text
    named = lines[names].lstrip(f" {mark}")
    if mark in _MAY_BEGIN_NAMES and len(_cells(lines[data], named)) == len(_cells(lines[data])):
        return text
    # A quoted text may have lines of its own; of rarer signs only the first lines are known.
    end = data if '"' in text or mark != "#" else len(lines)
    comments = [i for i in range(end) if lines[i].strip() and _is_left_out(lines[i], mark)]
    if _names_columns(named, lines[data]):
        lines[names] = named
        comments.remove(names)
        notes.append(f"The “{mark}” before the names of the columns was left out.")
    for i in comments:
        lines[i] = ""
    if comments:
        many = "A line" if len(comments) == 1 else f"{len(comments):,} lines"
        notes.append(
            f"{many} beginning with “{mark}” {'was' if len(comments) == 1 else 'were'} left out."
        )
    return "\n".join(lines)


def _is_left_out(line: str, mark: str | None) -> bool:
    """Tell whether a line is blank or a comment."""
    line = line.lstrip(" ")
    return not line.strip() or (line.startswith(mark or "#") and not _ERROR.match(line))


def _cells(row: str, line: str | None = None) -> list[str]:
    """Return the cells of a line (or of the row) that is taken apart as the row is."""
    sign = max("\t;,|", key=row.count)
    return (row if line is None else line).split(sign if sign in row else None)


def _names_columns(comment: str, row: str) -> bool:
    """Tell whether a comment names the columns: it has as many cells, and words for numbers."""
    names, cells = _cells(row, comment), _cells(row)
    if len(names) != len(cells) or len(cells) < 2:
        return False
    kinds = [(kind_of(a), kind_of(b)) for a, b in zip(names, cells, strict=True)]
    return {a for a, _ in kinds} <= {WORD, ABSENT} and (WORD, NUMBER) in kinds
