"""What pages are told: sessions send their messages side by side, an address a few in a turn.

Streamlit sends all that one session has to say, a message in a turn, before it looks at the next.
While it does, others go on to compute, and so a thousand tabs are one walk of seconds, at whose end
everybody else is told that their knob has moved.
"""

import asyncio
from typing import Any

from streamlit.runtime import get_instance
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime_util import MESSAGE_FLUSH_INTERVAL_SECS
from streamlit.runtime.session_manager import SessionClientDisconnectedError

from gdviz.server.places import AddressPlaces
from gdviz.ui.clients import client_of_session

A_TURN = 4  # messages to an address in a turn of the loop

_take_all = AppSession.flush_browser_queue
_turns = AddressPlaces(A_TURN)
_sending: dict[AppSession, asyncio.Task[None]] = {}


def send_side_by_side() -> None:
    """Let sessions send their messages side by side: Streamlit's walk finds nothing to send."""
    AppSession.flush_browser_queue = _begin_to_send  # type: ignore[method-assign, assignment]


def _begin_to_send(session: AppSession) -> list[Any]:
    """Send what waits in a task of the session's own; leave nothing for who asks."""
    if session not in _sending and not session._browser_queue.is_empty():
        task = asyncio.get_running_loop().create_task(_send_all(session))
        _sending[session] = task
        task.add_done_callback(lambda done: _sending.pop(session))
    return []


async def _send_all(session: AppSession) -> None:
    """Send until nothing more waits, or the browser has left."""
    runtime = get_instance()
    while info := runtime._session_mgr.get_active_session_info(session.id):
        client = client_of_session(info.client, session.id)
        for message in (messages := _take_all(session)):
            await _turns.pass_by(client)
            try:
                runtime._send_message(info, message)
            except SessionClientDisconnectedError:
                runtime.disconnect_session(session.id, client=info.client)
                return
        if not messages:
            return
        await asyncio.sleep(MESSAGE_FLUSH_INTERVAL_SECS)
