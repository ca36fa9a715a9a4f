"""Which messages of a browser are let through to Streamlit: those that a page of ours sends."""

import json
from collections.abc import Iterator
from enum import Enum
from typing import Any

from google.protobuf.message import DecodeError, Message
from streamlit.proto.BackMsg_pb2 import BackMsg

MOST_ITEMS = 4000  # in all lists of a message: widgets, their values, what the browser has kept
MOST_FILES = 20  # for which places are asked at once
LONGEST_ID = 1000  # characters of the name of a widget
USED = {"rerun_script", "stop_script", "file_urls_request", "backend_operation_request"}
OPERATIONS = {"deferred_file", "dataframe_chunk"}


class MessageFate(Enum):
    """What is done with a message."""

    PASS = "pass"  # it is of a page
    RUN = "run"  # and asks for a run of its script
    DROP = "drop"  # Streamlit's pages send it, and ours need it not
    CLOSE = "close"  # no page sends it


def verdict(frame: bytes) -> MessageFate:
    """Judge a frame: a message of a kind that we use, of bounded lists, whose states are JSON."""
    try:
        message = BackMsg.FromString(frame)
        kind = message.WhichOneof("type")
        if kind not in USED or _foreign_operation(message):
            return MessageFate.DROP
        if not (_bounded(message) and _json_states(message)):
            return MessageFate.CLOSE
        return MessageFate.RUN if kind == "rerun_script" else MessageFate.PASS
    except (DecodeError, ValueError, RecursionError):
        return MessageFate.CLOSE


def _foreign_operation(message: BackMsg) -> bool:
    """Tell whether a message asks the server for something that is not data."""
    request = message.backend_operation_request
    return (
        message.HasField("backend_operation_request")
        and request.WhichOneof("payload") not in OPERATIONS
    )


def _bounded(message: BackMsg) -> bool:
    widgets = message.rerun_script.widget_states.widgets
    items = 0
    for size in _sizes(message):
        items += size
        if items > MOST_ITEMS:
            return False
    return len(message.file_urls_request.file_names) <= MOST_FILES and all(
        len(widget.id) <= LONGEST_ID for widget in widgets
    )


def _sizes(message: Message) -> Iterator[int]:
    """Give the lengths of all lists in a message, those of the messages in it too."""
    for field, value in message.ListFields():
        parts: Any = value if field.is_repeated else [value]
        if field.is_repeated:
            yield len(value)
        if field.message_type:
            for part in parts:
                yield from _sizes(part)


def _json_states(message: BackMsg) -> bool:
    for widget in message.rerun_script.widget_states.widgets:
        for text in (widget.json_value, widget.json_trigger_value):
            if text:
                json.loads(text)
    return True
