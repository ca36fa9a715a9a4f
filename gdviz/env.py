"""Settings of the operator: environment variables."""

import os


def env_number(name: str, usual: float, least: float = 0.0) -> float:
    """Return the number in a variable, or the default unless it is a number from `least` to 1e6."""
    try:
        said = float(os.environ.get(name, ""))
    except ValueError:
        return usual
    return said if least <= said < 1e6 else usual
