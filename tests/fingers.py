"""Fingers on a touch screen, by the events that a real one sends."""

from typing import Any

from playwright.sync_api import Page

PHONE = {"width": 390, "height": 844}


class Fingers:
    """One or two fingers on a page, which is that of a phone; places are pixels of the window."""

    def __init__(self, page: Page) -> None:
        self.page, self.devtools = page, page.context.new_cdp_session(page)
        page.set_viewport_size(PHONE)
        screen = PHONE | {"deviceScaleFactor": 1, "mobile": True}
        self.devtools.send("Emulation.setDeviceMetricsOverride", screen)
        touch = {"enabled": True, "maxTouchPoints": 2}
        self.devtools.send("Emulation.setTouchEmulationEnabled", touch)

    def send(self, kind: str, *places: Any) -> None:
        """Send one event, `touchStart`, `touchMove`, `touchEnd` or `touchCancel`."""
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def move(self, *ways: Any, steps: int = 8) -> None:
        """Put a finger at the start of each way `(start, end)`, move them, and lift them."""
        self.hold(*ways, steps=steps)
        self.page.wait_for_timeout(150)  # a finger that lies still throws nothing
        self.send("touchMove", *(end for _, end in ways))
        self.send("touchEnd")
        self.page.wait_for_timeout(60)

    def hold(self, *ways: Any, steps: int = 8) -> None:
        """Put a finger at the start of each way and move them to their ends."""
        self.send("touchStart", *(start for start, _ in ways))
        for i in range(1, steps + 1):
            self.send("touchMove", *(_between(start, end, i / steps) for start, end in ways))
            self.page.wait_for_timeout(16)

    def tap(self, place: Any) -> None:
        """Touch a place shortly."""
        self.send("touchStart", place)
        self.send("touchEnd")

    def pinch(self, middle: Any, before: float, after: float) -> None:
        """Move two fingers side by side from one distance to another."""
        x, y = middle
        self.move(
            *(((x + s * before / 2, y), (x + s * after / 2, y)) for s in (-1, 1)),
        )


def _between(start: Any, end: Any, share: float) -> tuple[float, float]:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
