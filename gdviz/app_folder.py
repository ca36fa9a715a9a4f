"""Where the app stands: beside the package in a checkout, inside it once installed."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "app"  # the wheel puts it there: pyproject.toml

# The folder of app.py, pages/ and .streamlit/.
APP_FOLDER = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
