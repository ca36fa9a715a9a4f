"""Settings of the operator: environment variables."""

import os
import re

ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:(\d{1,5}|\*))?")


def env_number(name: str, usual: float, least: float = 0.0) -> float:
    """Return the number in a variable, or the default unless it is a number from `least` to 1e6."""
    try:
        said = float(os.environ.get(name, ""))
    except ValueError:
        return usual
    return said if least <= said < 1e6 else usual


def is_off(name: str) -> bool:
    """Tell whether a variable turns something off that is on unless told."""
    return os.environ.get(name, "on").lower() in ("0", "off", "no", "false")


def frame_origins() -> list[str]:
    """Return the sites that may show the app in a frame, and steer it there; none unless named.

    They stand in GDVIZ_FRAME_ANCESTORS. What is not an origin is left out.
    """
    asked = os.environ.get("GDVIZ_FRAME_ANCESTORS", "").replace(",", " ").split()
    return [origin for origin in asked if ORIGIN.fullmatch(origin)]
