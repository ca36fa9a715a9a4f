"""A visitor without a browser: a page by AppTest, its link, and what its stage is sent."""

import json
import struct
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from streamlit.testing.v1 import AppTest
from test_pages import open_page

from gdviz.cli.links import from_link
from gdviz.ui.code_tab import NEEDS


class Visit:
    """A page that is open: widgets are found by knob, and set as a visitor would."""

    def __init__(self, page: str, query: Mapping[str, Any] | str = "", menus: bool = True) -> None:
        asked = parse_qs(query, keep_blank_values=True) if isinstance(query, str) else dict(query)
        self.page = page
        self.at: AppTest = open_page(page, asked, menus)
        assert not self.at.exception, self.at.exception

    def set(self, knob: str, value: Any) -> "Visit":
        """Set a knob to a value, and wait for the page."""
        key = f"{self.page}_{knob}"
        kinds = ("number_input", "selectbox", "multiselect", "text_input", "toggle", "button_group")
        found = [w for kind in kinds for w in self.at.get(kind) if w.key == key]
        assert found, f"no widget {key} on the page"
        found[0].set_value(value).run()
        assert not self.at.exception, self.at.exception
        return self

    def value(self, knob: str) -> Any:
        """Return what a widget holds."""
        return self.at.session_state[f"{self.page}_{knob}"]

    def press(self, label: str) -> "Visit":
        """Press a button by its words."""
        next(button for button in self.at.button if button.label == label).click().run()
        assert not self.at.exception, self.at.exception
        return self

    def query(self) -> dict[str, Any]:
        """Return what stands in the address bar."""
        return {name: self.at.query_params[name] for name in self.at.query_params}

    def spec(self) -> Any:
        """Return the settings that the address bar says."""
        return from_link(f"/{self.page}?{urlencode(self.query(), doseq=True)}").spec

    def stages(self) -> list[dict[str, Any]]:
        """Return what the stages of the page are sent: alt text, chips, handles, layers."""
        sent = [part.proto.bytes for part in self.at.get("bidi_component")]
        return [head for message in sent if (head := _head(message)) and "chips" in head]

    def chips(self) -> str:
        """Return the words beside the first stage."""
        chips = self.stages()[0]["chips"]
        return "\n".join(f"{chip['name']}: {chip['verdict']}" for chip in chips)

    def words(self) -> str:
        """Return all sentences of the page."""
        kinds = ("caption", "markdown", "info", "warning", "error", "success")
        return "\n".join(part.value for kind in kinds for part in self.at.get(kind))

    def program(self) -> str:
        """Return the program of the page: that of its share menu, and of its tab Code."""
        return next(code for code in self.programs() if code.startswith(("from gdviz", "import ")))

    def programs(self) -> list[str]:
        """Return all code of the page, without the line that says what it needs."""
        return [code.value.removeprefix(NEEDS) for code in self.at.code]


def _head(message: bytes) -> dict[str, Any]:
    """Return the header of a packed scene, nothing for other messages."""
    if len(message) < 8:
        return {}
    (length,) = struct.unpack("<I", message[:4])
    try:
        return json.loads(message[4 : 4 + length])
    except ValueError:
        return {}
