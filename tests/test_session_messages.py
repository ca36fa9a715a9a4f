"""What one page is told does not wait until another has been told all."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from asgi import in_loop
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.session_manager import SessionClientDisconnectedError

from gdviz.server import session_messages
from gdviz.server.session_messages import A_TURN

MANY, FEW = 200, 5 * A_TURN


class FakeSession:
    """A session that has something to say."""

    def __init__(self, name: str) -> None:
        self.id, self._browser_queue = name, ForwardMsgQueue()


class FakeClient:
    """A browser; all that are called with the same letter have the same address."""

    def __init__(self, name: str) -> None:
        self.name, self.client_context = name, SimpleNamespace(remote_ip=f"10.0.0.{ord(name[0])}")


class FakeRuntime:
    """What Streamlit has of sessions: which are active; what was sent, and to whom."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.left: list[str] = []
        self.active: dict[str, Any] = {}
        self._session_mgr = SimpleNamespace(get_active_session_info=self.active.get)

    def session(self, name: str, says: int) -> Any:
        session = FakeSession(name)
        self.active[name] = SimpleNamespace(session=session, client=FakeClient(name))
        say(session, says)
        return session

    def _send_message(self, info: Any, message: Any) -> None:
        if info.client.name == "gone":
            raise SessionClientDisconnectedError
        self.sent.append(info.client.name)

    def disconnect_session(self, name: str, client: FakeClient) -> None:
        self.left.append(self.active.pop(name).session.id)


def say(session: Any, times: int) -> None:
    for i in range(times):
        session._browser_queue.enqueue(ForwardMsg(hash=str(i), script_finished=0))


def test_sessions_are_told_side_by_side_and_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime()
    monkeypatch.setattr(session_messages, "get_instance", lambda: runtime)

    async def act() -> None:
        sessions = [
            runtime.session(*one) for one in (("a", MANY), ("a2", MANY), ("gone", 3), ("b", FEW))
        ]
        walk = [session_messages._begin_to_send(one) for one in sessions]
        assert walk == [[]] * 4, "Streamlit itself has nothing to send"
        turns = 2 * FEW // A_TURN + 2
        for _ in range(turns):
            await asyncio.sleep(0)
        told = {name: runtime.sent.count(name) for name in ("a", "a2", "b")}
        assert told["b"] == FEW and told["a"] + told["a2"] <= turns * A_TURN < MANY
        assert min(told["a"], told["a2"]) >= FEW // A_TURN, "neither waits for the other"
        say(sessions[0], 1)
        session_messages._begin_to_send(sessions[0])
        await asyncio.gather(*session_messages._sending.values())
        await asyncio.sleep(0)
        assert runtime.sent.count("a") == MANY + 1 and runtime.left == ["gone"]
        assert not session_messages._sending

    in_loop(act())


def test_streamlit_still_walks_the_sessions_as_we_take_it_to() -> None:
    assert {"flush_browser_queue", "_send_message"} <= {*Runtime._loop_coroutine.__code__.co_names}
    assert AppSession.flush_browser_queue in (
        session_messages._take_all,
        session_messages._begin_to_send,
    )
