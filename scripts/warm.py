"""Compile every kernel that a visitor may meet, so that a start need not: `python scripts/warm.py`.

Without visitors, and without a server: numba keeps what it has compiled in NUMBA_CACHE_DIR.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gdviz.ui.server import steps_to_be_warm, take  # noqa: E402

if __name__ == "__main__":
    take(steps_to_be_warm())
