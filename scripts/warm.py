"""Compile every kernel ahead of the first start: `python scripts/warm.py`.

It needs no server. numba keeps the compiled code in NUMBA_CACHE_DIR.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gdviz.server.warmup import steps_to_be_warm, take

if __name__ == "__main__":
    take(steps_to_be_warm())
