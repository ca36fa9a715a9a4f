"""A visitor without a browser: raw HTTP, and Streamlit's own protocol over its websocket."""

import http.client
from typing import Any
from urllib.parse import urlsplit

from browser import Server
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


def ask(server: Server, method: str, path: str, **more: Any) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and the first bytes of the answer to one request."""
    at = urlsplit(server.url)
    line = http.client.HTTPConnection(at.hostname or "", at.port, timeout=20)
    try:
        line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": at.netloc, **more.get("headers", {})}.items():
            line.putheader(name, value)
        body = more.get("body", b"")
        if body:
            line.putheader("Content-Length", str(len(body)))
        line.endheaders(body or None)
        answer = line.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read(200_000)
    finally:
        line.close()


def dial(server: Server, **more: Any) -> Any:
    """Open the websocket as a browser does."""
    url = server.url.replace("http", "ws") + "/_stcore/stream"
    settings: dict[str, Any] = {"subprotocols": ["streamlit"], "max_size": None, "open_timeout": 20}
    return connect(url, **{**settings, **more})


class Visitor:
    """One session: asks for a page, sends what its components say, and sees what comes back."""

    def __init__(self, server: Server, page: str) -> None:
        self.line, self.page = dial(server), page
        self.components: dict[str, None] = {}
        self.uploads = self.session = ""

    def run(self, states: dict[str, str] | None = None, query: str = "") -> list[str]:
        """Run the page's script with the JSON states of components; return the errors it shows."""
        message = BackMsg()
        message.rerun_script.page_name = self.page
        message.rerun_script.query_string = query
        for name, text in (states or {}).items():
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.json_value = name, text
        self.line.send(message.SerializeToString())
        return self.until_finished()

    def until_finished(self) -> list[str]:
        """Read until the script is finished; return what was shown as an error of ours."""
        wrong = []
        while True:
            told = ForwardMsg.FromString(self.line.recv(timeout=60))  # type: ignore[arg-type]
            if told.HasField("new_session"):
                self.session = told.new_session.initialize.session_id or self.session
            if told.HasField("delta") and told.delta.HasField("new_element"):
                element = told.delta.new_element
                kind = element.WhichOneof("type")
                if kind == "exception":
                    wrong.append(element.exception.message)
                if kind == "alert" and "Something went wrong on our side" in element.alert.body:
                    wrong.append(element.alert.body)
                if kind == "bidi_component" and element.bidi_component.id:
                    self.components[element.bidi_component.id] = None
            if told.HasField("script_finished") and told.script_finished != 3:
                return wrong

    def close(self) -> None:
        self.line.close()
