"""A visitor of a load test who brings a file, as the page's uploader does."""

import asyncio
import http.client
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.load_visitor import PATIENCE, Visit, Visitor

BOUND = b"gdviz-bound"
BEFORE = (
    b"--" + BOUND + b"\r\n"
    b'Content-Disposition: form-data; name="file"; filename="table.csv"\r\n'
    b"Content-Type: text/csv\r\n\r\n"
)
AFTER = b"\r\n--" + BOUND + b"--\r\n"


class Bringer(Visitor):
    """A visitor of a page with an uploader."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit)
        self.uploader = ""

    def _learn(self, message: ForwardMsg, kind: str | None) -> None:
        super()._learn(message, kind)
        if kind == "delta" and message.delta.HasField("new_element"):
            element = message.delta.new_element
            if element.WhichOneof("type") == "file_uploader":
                self.uploader = element.file_uploader.id

    async def bring(self, data: bytes) -> None:
        """Upload a file, and run the page with it."""
        place = await self.place()
        status = await asyncio.to_thread(self._put, place.upload_url, data)
        if status != 204:
            raise http.client.HTTPException(f"{status} from an upload")
        state = WidgetState(id=self.uploader)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = place.file_id, "table.csv", len(data)
        info.file_urls.CopyFrom(place)
        self.widgets["uploader"] = state
        await self._run(self._message(whole=True), learn=True)

    async def place(self, names: int = 1) -> FileURLs:
        """Ask where to put files; return the first place."""
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.file_names.extend(["table.csv"] * names)
        message.file_urls_request.session_id = self.session
        wire = self._line()
        await wire.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                told = ForwardMsg.FromString(await wire.recv(decode=False))
                if told.WhichOneof("type") == "file_urls_response":
                    return told.file_urls_response.file_urls[0]

    def headers(self) -> dict[str, str]:
        """Return what a browser sends with an upload."""
        token = next(c for c in self.cookie.split("; ") if c.startswith("_streamlit_xsrf="))
        kind = f"multipart/form-data; boundary={BOUND.decode()}"
        return {
            "Cookie": self.cookie,
            "X-Xsrftoken": token.partition("=")[2],
            "Content-Type": kind,
        }

    def _put(self, path: str, data: bytes) -> int:
        parts = urlsplit(self.visit.url)
        line: Any = http.client.HTTPConnection(
            parts.hostname or "",
            parts.port,
            timeout=PATIENCE,
            source_address=(self.visit.source, 0),
        )
        try:
            line.request("PUT", path, BEFORE + data + AFTER, self.headers())
            return line.getresponse().status
        finally:
            line.close()
