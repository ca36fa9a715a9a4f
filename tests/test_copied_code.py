"""What a page shows where a value is missing, and how copied code and links reach gdviz."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from visit import Visit

from gdviz.app_folder import APP_FOLDER
from gdviz.catalogue import lookup
from gdviz.export import HERE
from gdviz.topics.descent import Descent
from gdviz.ui import share
from gdviz.ui.code_tab import NEEDS
from gdviz.ui.tables import NONE


def test_every_table_has_a_sign_for_no_value() -> None:
    """Streamlit writes “None” into a cell without a value if it is told nothing else."""
    found = set()
    for file in [*(APP_FOLDER / "gdviz").rglob("*.py"), *(APP_FOLDER / "pages").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "dataframe":
                found.add(file.relative_to(APP_FOLDER).as_posix())
    assert found == {"gdviz/ui/tables.py"}
    board = Visit("race", "race_methods=gd&race_steps=3&race_view=board").at.dataframe
    assert [table.proto.placeholder for table in board] == [NONE] * len(board) and len(board) > 0


def test_copied_code_says_what_it_needs_and_runs_elsewhere(tmp_path: Path) -> None:
    there = Visit("descent", "descent_steps=3&descent_tab=code")
    code = next(c.value for c in there.at.code if c.value.startswith(NEEDS))
    assert code == NEEDS + lookup.as_python(Descent(steps=3)) and "pip install" in NEEDS
    file = tmp_path / "copied.py"
    file.write_text(code, "utf-8")
    environment = {"PYTHONPATH": str(APP_FOLDER), "PATH": ""}
    command = [sys.executable, str(file)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0 and done.stdout, done.stderr.decode()[-500:]


def test_a_link_has_a_host_where_the_address_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share.st, "context", type("Context", (), {"url": None}))
    assert share._address("race") == f"{HERE}/race"
