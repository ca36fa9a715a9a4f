"""Which steps of a long run become frames: some over the whole run, and all near a chosen one."""

import numpy as np

REACH = 12  # moments each way of the one that is looked at


def with_close_up(frames: np.ndarray, near: int, last: int) -> np.ndarray:
    """Return moments `(f,)` in order, with all within `REACH` of `near`, none beyond `last`.

    Where `near` is 0 the frames stay as they are.
    """
    if not near:
        return frames
    around = np.arange(max(0, near - REACH), min(last, near + REACH) + 1)
    return np.union1d(frames, around)


def focus_of(moments: np.ndarray, near: int) -> tuple[str, int] | None:
    """Return the name of a close-up and the frame that shows it, None where `near` is 0."""
    return (str(near), int(np.abs(moments - near).argmin())) if near else None
