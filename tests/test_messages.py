"""What a browser says over its websocket: heard, dropped, or the end of the connection."""

import asyncio
from typing import Any

import pytest
from asgi import MESSAGE, Peer, asked, in_loop, scope
from streamlit.proto.BackMsg_pb2 import BackMsg

from gdviz.server.browser_messages import LONGEST_ID, MOST_FILES, MOST_ITEMS, MessageFate, verdict
from gdviz.server.websockets import Streams


def message(**fields: Any) -> BackMsg:
    return BackMsg(**fields)


def with_files(number: int) -> BackMsg:
    asks = message()
    asks.file_urls_request.file_names.extend(["a"] * number)
    return asks


def with_widgets(number: int, name: str = "w", **value: Any) -> BackMsg:
    asks = message()
    for _ in range(number):
        widget = asks.rerun_script.widget_states.widgets.add(id=name)
        for field, what in value.items():
            setattr(widget, field, what)
    return asks


def with_values(number: int) -> BackMsg:
    asks = with_widgets(1)
    asks.rerun_script.widget_states.widgets[0].double_array_value.data.extend([0.0] * number)
    return asks


def operation(**payload: Any) -> BackMsg:
    asks = message()
    asks.backend_operation_request.request_id = "1"
    for name in payload:
        getattr(asks.backend_operation_request, name).SetInParent()
    return asks


@pytest.mark.parametrize(
    ("asks", "judged"),
    [
        (with_widgets(200, json_value='{"a": 1}'), MessageFate.RUN),
        (with_files(MOST_FILES), MessageFate.PASS),
        (message(stop_script=True), MessageFate.PASS),
        (operation(deferred_file=1), MessageFate.PASS),
        (operation(dataframe_chunk=1), MessageFate.PASS),
        (operation(install_skills=1), MessageFate.DROP),
        (operation(dismiss_skills_nudge=1), MessageFate.DROP),
        (message(clear_cache=True), MessageFate.DROP),
        (message(load_git_info=True), MessageFate.DROP),
        (message(set_run_on_save=True), MessageFate.DROP),
        (message(app_heartbeat=True), MessageFate.DROP),
        (message(debug_shutdown_runtime=True), MessageFate.DROP),
        (message(), MessageFate.DROP),
        (with_files(MOST_FILES + 1), MessageFate.CLOSE),
        (with_files(300_000), MessageFate.CLOSE),
        (with_widgets(MOST_ITEMS + 1), MessageFate.CLOSE),
        (with_values(MOST_ITEMS + 1), MessageFate.CLOSE),
        (with_widgets(1, name="x" * (LONGEST_ID + 1)), MessageFate.CLOSE),
        (with_widgets(1, json_value="{"), MessageFate.CLOSE),
        (with_widgets(1, json_trigger_value="[" * 5000), MessageFate.CLOSE),
    ],
)
def test_only_what_a_page_of_ours_says_reaches_streamlit(
    asks: BackMsg, judged: MessageFate
) -> None:
    assert verdict(asks.SerializeToString()) is judged


def test_what_is_no_message_ends_the_connection() -> None:
    assert verdict(b"\x0a\xff\xff") is MessageFate.CLOSE


def spoken(*frames: MESSAGE) -> tuple[list[MESSAGE], Peer]:
    """Return what reached the app behind the guard of websockets, and what its peer heard."""
    reached: list[MESSAGE] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while not reached or reached[-1]["type"] != "websocket.disconnect":
            reached.append(await receive())

    return reached, asked(Streams(app), scope(kind="websocket"), *frames)


def frame(asks: BackMsg) -> MESSAGE:
    return {"type": "websocket.receive", "bytes": asks.SerializeToString()}


GONE = {"type": "websocket.disconnect", "code": 1005}


def test_a_websocket_loses_what_no_page_needs_and_ends_with_what_no_page_says() -> None:
    good, useless, bad = with_widgets(1), message(clear_cache=True), with_files(999)
    reached, peer = spoken({"type": "websocket.connect"}, frame(useless), frame(good), GONE)
    assert [m["type"].partition(".")[2] for m in reached] == ["connect", "receive", "disconnect"]
    assert reached[1] == frame(good) and peer.heard == []
    reached, peer = spoken(frame(good), frame(bad), frame(good))
    assert len(reached) == 2 and peer.heard == [{"type": "websocket.close", "code": 1002}]
    reached, peer = spoken({"type": "websocket.receive", "text": "hello"})
    assert peer.heard == [{"type": "websocket.close", "code": 1003}]


def test_who_does_not_read_is_not_heard() -> None:
    reading, order = asyncio.Event(), list[str]()

    async def send(message: MESSAGE) -> None:
        await reading.wait()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sending = asyncio.create_task(send({"type": "websocket.send", "bytes": b"x"}))
        await asyncio.sleep(0)
        heard = asyncio.create_task(receive())
        await asyncio.sleep(0.05)
        order.append("heard" if heard.done() else "not heard")
        reading.set()
        await sending
        order.append((await heard)["type"])

    peer = Peer(frame(with_widgets(1)))
    in_loop(Streams(app)(scope(kind="websocket"), peer.receive, send))
    assert order == ["not heard", "websocket.receive"]
