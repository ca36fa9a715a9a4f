"""A page of the app in one browser page, as a visitor sees and grips it: the base of all desks."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from browser import Server, Traffic, go_on, open_page, record, settle
from playwright.sync_api import BrowserContext, Error, Locator, Page, WebSocketRoute
from playwright.sync_api import expect as expected

LOOKS = 2400  # milliseconds: for a longer wait, Playwright looks twice a second only


class expect:  # noqa: N801
    """Playwright's assertions of a page or a part of it, which are true as soon as they can be."""

    def __init__(self, what: Locator | Page) -> None:
        self.what: Any = what

    def __getattr__(self, name: str) -> Callable[..., None]:
        ask = getattr(expected(self.what), name)

        def asked(*args: Any, timeout: float = 20_000, **how: Any) -> None:
            end = time.monotonic() + timeout / 1000  # a busy machine is slow, not wrong
            while True:
                try:
                    return ask(*args, timeout=LOOKS, **how)
                except AssertionError:
                    if time.monotonic() > end:
                        raise

        return asked


def named(page: Page, name: str) -> Locator:
    """Return the button of a name; a key that presses it may stand behind."""
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}( Shortcut .)?$"))


class Desk:
    """One page of the app: its knobs, its legend and its first stage; `name` is the page's."""

    name = ""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.stage = page.locator(".gd-stage").first
        self.step = self.stage.locator("output")
        self.chips = page.locator(".gd-chips").first

    def open(self, query: str = "") -> Any:
        """Load the page, or enter it in a tab that shows the app: there a link decides all.

        Without a link of its own, a page shows what its visitor has chosen before.
        """
        if self.page.url.startswith(self.server.url) and query.startswith(f"{self.name}_"):
            return self.enter(query)
        open_page(self.page, f"{self.server.url}/{self.name}{query and '?' + query}")
        self.drawn(self.stage)
        return self

    def enter(self, query: str) -> Any:
        """Go on to the page from Home, where no stage is, in the session that goes on."""
        go_on(self.page, "/")
        expect(self.page.locator(".gd-stage")).to_have_count(0)
        settle(self.page)
        go_on(self.page, f"/{self.name}?{query}")
        self.drawn(self.stage)
        settle(self.page)
        return self

    def drawn(self, stage: Locator) -> Locator:
        """Wait until a stage has drawn its background and its first picture."""
        canvas = stage.locator("canvas.gd-over[width][style]")
        expect(canvas).to_be_attached(timeout=60_000)
        return stage

    def field(self, knob: str) -> Locator:
        return self.page.locator(f".st-key-{self.name}_{knob} input")

    def fill(self, knob: str, value: str) -> None:
        self.field(knob).fill(value)
        self.field(knob).press("Enter")
        settle(self.page)

    def choose(self, knob: str, words: str) -> None:
        self.field(knob).click()
        self.field(knob).fill(words)  # the list shows only what fits, typing finds the rest
        self.page.get_by_role("option", name=words, exact=True).click()
        settle(self.page)

    def press(self, name: str) -> None:
        named(self.page, name).click()
        settle(self.page)

    def menu(self) -> Locator:
        closing = self.page.locator("[data-testid=stPopoverBody]:visible")
        expect(closing).to_have_count(0)  # a press would close it anew
        self.page.get_by_role("button", name="Share & export").click()
        menu = self.page.get_by_test_id("stPopoverBody")
        expect(menu.get_by_role("button", name="HTML")).to_be_visible()
        return menu

    def button(self, name: str) -> Locator:
        return self.stage.get_by_role("button", name=name, exact=True)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()
        settle(self.page)

    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query)

    def state(self, what: str, stage: Locator | None = None) -> Any:
        """Read from the state `S` of a stage, in JavaScript."""
        return (stage or self.stage).evaluate(
            f"(node) => {{ const S = node.parentElement.gdStage; return {what}; }}"
        )

    def expect_state(self, what: str, wanted: Any, stage: Locator | None = None) -> None:
        """Wait until the state of a stage is what is wanted."""
        expect_value(lambda: self.state(what, stage), wanted, self.page)

    def layer(self, name: str, array: str, stage: Locator | None = None) -> list[float]:
        """Return all the numbers of an array of the layer of that name, as the stage holds them."""
        found = f"S.scene.layers.find((l) => l.name === {name!r})"
        return self.state(f"Array.from({found}.{array}.data)", stage)

    def place(
        self, x: float, y: float | None = None, stage: Locator | None = None, panel: str = ""
    ) -> Any:
        """Return where a point of a stage lies in the window; the middle of the panel without y."""
        here = stage or self.stage
        here.scroll_into_view_if_needed()
        spot = f"""(() => {{ const l = S.gd._fullLayout, ya = l.yaxis{panel};
          const xa = l.xaxis{panel} ?? l.xaxis;
          const box = S.gd.getBoundingClientRect();
          const y = {"ya._length / 2" if y is None else f"ya.l2p(ya.d2l({y}))"};
          return [box.left + xa._offset + xa.l2p(xa.d2l({x})), box.top + ya._offset + y]; }})()"""
        return self.state(spot, here)

    def drag(self, start: Any, end: Any, steps: int = 8) -> None:
        """Drag with the mouse between two places in the window, and let the page settle."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=steps)
        self.page.mouse.up()
        settle(self.page)

    def drop(self, start: Any, end: Any) -> None:
        """Drag a handle, and wait for the link that says so and for the picture that answers."""
        before = self.query()
        self.drag(start, end)
        poll(self.query, lambda now: now != before, self.page)
        settle(self.page)

    def expect_step(self, last: int) -> None:
        expect(self.step).to_have_text(re.compile(rf"step \d+ / {last}$"))


class Wire:
    """The connection of a page to its server, which a test can freeze and cut.

    While it is `deaf`, the server hears the page, and the page hears nothing.
    """

    def __init__(self, page: Page) -> None:
        self.cut = self.frozen = self.deaf = False
        self.held: list[Any] = []
        page.route_web_socket(re.compile("_stcore/stream"), self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        if self.cut:
            socket.close()
            return
        self.socket, server = socket, socket.connect_to_server()
        socket.on_message(lambda message: self._pass(server.send, message, self.frozen))
        server.on_message(
            lambda message: self._pass(socket.send, message, self.frozen or self.deaf)
        )

    def _pass(self, send: Any, message: Any, waits: bool) -> None:
        if waits:
            self.held.append((send, message))
        elif not self.cut:
            send(message)

    def thaw(self) -> None:
        self.frozen = self.deaf = False
        for send, message in self.held:
            send(message)
        self.held.clear()


def poll(
    read: Callable[[], Any], enough: Callable[[Any], bool], page: Page, seconds: float = 30
) -> Any:
    """Read until it is enough; the strict CSP forbids `wait_for_function`.

    Ask for what the test claims, not for any change: something else may change first. What cannot
    be read while the page is drawn anew is read again.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            if enough(value := read()):
                return value
        except Error as error:
            value = error
        if time.monotonic() > end:
            raise AssertionError(f"still {value!r}")
        page.wait_for_timeout(50)


def expect_value(read: Callable[[], Any], wanted: Any, page: Page) -> None:
    """Wait until what is read is what is wanted, which may be an approximation."""
    poll(read, lambda now: now == wanted, page)


def at_rest(read: Callable[[], Any], page: Page) -> Any:
    """Read until several looks in a row see the same."""
    seen: list[Any] = []

    def look() -> bool:
        seen.append(read())
        return len(seen) > 3 and all(one == seen[-1] for one in seen[-4:])

    poll(look, bool, page)
    return seen[-1]


@contextmanager
def visitors(visitor: BrowserContext, server: Server, desk: type) -> Iterator[Any]:
    """Give a maker of desks, each new to the server; nothing of theirs goes outside or wrong."""
    made: list[tuple[Page, Traffic]] = []

    def make(**media: Any) -> Any:
        """Open a page of the visitor's, who prefers `media`."""
        page = visitor.new_page()
        page.emulate_media(**media)
        made.append((page, record(page)))
        return desk(page, server)

    yield make
    for page, seen in made:
        page.close()
        assert (seen.outside(), seen.complaints) == ([], [])
