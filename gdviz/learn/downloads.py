"""Downloads of data sets: when a person asks, into one cache, with a bar and a checksum."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

Progress = Callable[[float], Any]


def cache_folder() -> Path:
    """Return where downloads are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home) / "gdviz"


def download(
    url: str, known_hash: str, name: str, folder: Path, progress: Progress | None, unpack: bool
) -> None:
    """Download a file into a folder, unless it is there, and unpack a zip beside it.

    `progress` is called with the share done. Raises what the network raises, and `ValueError` for
    a file whose checksum is not the known one.
    """
    import pooch

    pooch.retrieve(
        url,
        known_hash=known_hash,
        fname=name,
        path=folder,
        processor=pooch.Unzip(extract_dir=str(folder)) if unpack else None,
        downloader=pooch.HTTPDownloader(progressbar=_Bar(progress), timeout=30),
    )


class _Bar:
    """The progress bar that pooch fills, told on as a share."""

    def __init__(self, progress: Progress | None) -> None:
        self.tell, self.total, self.done = progress or (lambda share: None), 0, 0

    def update(self, count: int) -> None:
        """Count some more bytes."""
        self.done += count
        self.tell(min(1.0, self.done / max(self.total, 1)))

    def reset(self) -> None:
        """Begin anew."""
        self.done = 0

    def close(self) -> None:
        """Nothing is left open."""
