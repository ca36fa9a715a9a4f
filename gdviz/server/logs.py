"""The log: what a visitor can cause takes one line of bounded length, and says how often it came.

Errors of ours, by the logger "gdviz", keep their traceback: the first of each place, and every
hundredth.
"""

import logging
from collections import Counter
from typing import Any

LONGEST = 300  # characters of a line
OWN = "gdviz"
FOREIGN = ("streamlit", "uvicorn", "asyncio", "starlette", "websockets", "py.warnings")
EVERY = 100  # tracebacks of ours from one place, after the first

_seen: Counter[tuple[str, int]] = Counter()  # by file and line, so it is bounded


def shorten_records() -> None:
    """Have every record of the log made short, whatever writes it."""
    make = logging.getLogRecordFactory()
    if getattr(make, "shortens", False):
        return

    def shortened(*given: Any, **named: Any) -> logging.LogRecord:
        return shorten(make(*given, **named))

    shortened.shortens = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(shortened)


def shorten(record: logging.LogRecord) -> logging.LogRecord:
    """Make a record one line, of what others write; of ours, drop a traceback seen before."""
    name = record.name.partition(".")[0]
    if name not in (OWN, *FOREIGN):
        return record
    place = (record.pathname, record.lineno)
    _seen[place] += 1
    if name == OWN:
        if _seen[place] % EVERY != 1:
            record.exc_info = None
        return record
    if record.levelno >= logging.WARNING:
        record.msg, record.args = one_line(record, _seen[place]), ()
        record.exc_info = record.exc_text = record.stack_info = None
    return record


def one_line(record: logging.LogRecord, times: int) -> str:
    """Return a record's message and its error as one line, with how often it came."""
    words = record.getMessage()
    if record.exc_info and record.exc_info[1]:
        error = record.exc_info[1]
        words += f": {type(error).__name__}: {error}"
    short = " ".join(words[: 4 * LONGEST].split())[:LONGEST]
    return f"{short} ({times} times)" if times > 1 else short
