"""The fast way into a compiled function that has one signature."""

from collections.abc import Callable
from typing import Any


def entry_point(compiled: Any) -> Callable[..., Any]:
    """Return the code of the one signature of a compiled function.

    To look the signature up at each call takes longer than a short run. With NUMBA_DISABLE_JIT=1
    nothing is compiled, and the function is returned as it is.
    """
    if not hasattr(compiled, "overloads"):
        return compiled
    return compiled.overloads[compiled.signatures[0]].entry_point
