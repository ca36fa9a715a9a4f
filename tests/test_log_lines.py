"""The log: what a visitor causes is short and counted, what we cause is whole."""

import logging

from gdviz.server import logs


def written(name: str, words: str, error: Exception | None = None, line: int = 1) -> str:
    told = (type(error), error, None) if error else None
    record = logging.LogRecord(name, logging.ERROR, __file__, line, words, (), told)
    return logging.Formatter().format(logs.shorten(record))


def test_what_a_visitor_causes_takes_one_short_line_and_is_counted() -> None:
    long = ValueError("x" * 100_000 + "\nnext")
    first, second = (written("streamlit.app", "Error\nprocessing", long, -7) for _ in range(2))
    assert first.startswith("Error processing: ValueError: xxx") and "\n" not in first
    assert len(first) <= logs.LONGEST and second.endswith("(2 times)")
    assert "\n" not in written("uvicorn.error", "Exception in ASGI application\n", long, -8)


def test_an_error_of_ours_keeps_its_traceback_the_first_time_and_is_never_lost() -> None:
    said = [written("gdviz", "error 12ab", ZeroDivisionError("0"), -9) for _ in range(3)]
    assert "ZeroDivisionError" in said[0]
    assert said[1:] == ["error 12ab", "error 12ab"]
