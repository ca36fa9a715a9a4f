"""Compiled loops: the only folder that imports numba."""

import os
import tempfile
from pathlib import Path


def _writable(folder: Path) -> bool:
    """Tell whether a file can be made in `folder`, or in the parent that would hold it."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _find_cache() -> None:
    """Give numba a temporary cache where neither the package nor the home can be written."""
    beside = Path(__file__).parent / "__pycache__"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    if "NUMBA_CACHE_DIR" not in os.environ and not _writable(beside) and not _writable(home):
        os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(prefix="gdviz-numba-")


_find_cache()  # numba reads the variable when it is first imported, which `blocks` does
