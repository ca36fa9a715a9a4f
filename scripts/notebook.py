"""Run the notebooks of `examples` and keep what they print: `python scripts/notebook.py`."""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "examples"


def execute(file: Path, seconds: int = 120) -> Any:
    """Return a notebook with the outputs of a fresh run; raise if a cell fails."""
    notebook = nbformat.read(file, as_version=4)
    NotebookClient(
        notebook,
        timeout=seconds,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(FOLDER.parent)}},
    ).execute()
    return notebook


def main() -> None:
    """Run every notebook and write it back."""
    for file in sorted(FOLDER.glob("*.ipynb")):
        notebook = execute(file)
        notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
        nbformat.write(notebook, file)
        print(f"{file.name}: {len(notebook.cells)} cells, {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
