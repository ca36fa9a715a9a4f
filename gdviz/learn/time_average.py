"""The middle of a path that swings: its running mean."""

import numpy as np


def running_mean(path: np.ndarray, half: int) -> np.ndarray:
    """Return the mean of the rows of a path `(steps, p)` within `half` steps of each.

    Near its ends the window is as much shorter on both sides as it must be: no row looks farther
    ahead than back.
    """
    k = np.arange(len(path))
    near = np.minimum(half, np.minimum(k, len(path) - 1 - k))
    total = np.vstack([np.zeros((1, path.shape[1])), np.cumsum(path, axis=0)])
    return (total[k + near + 1] - total[k - near]) / (2 * near + 1)[:, None]
