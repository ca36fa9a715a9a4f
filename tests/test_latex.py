"""Every command of a formula is one that the app's typesetter knows."""

import ast
import re
from pathlib import Path

import streamlit

from gdviz.app_folder import APP_FOLDER

SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"


NO_KATEX = {"pgf.py", "pgf_look.py", "tex_text.py", "grid.py"}  # they write for LaTeX itself


def commands() -> dict[str, set[str]]:
    r"""Return the files of each `\command` in the strings and the prose of gdviz."""
    found: dict[str, set[str]] = {}
    for file in (APP_FOLDER / "gdviz").rglob("*.[pm][yd]"):
        if file.name in NO_KATEX:
            continue
        text = file.read_text("utf-8")
        nodes = ast.walk(ast.parse(text)) if file.suffix == ".py" else [ast.Constant(text)]
        for node in nodes:  # strings that stand one after the other are one
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for command in re.findall(r"\\([A-Za-z]+)", node.value):
                    found.setdefault(command, set()).add(file.name)
    return found


def test_katex_knows_every_command() -> None:
    """`\\qquad` before a letter without a space is another command, and is shown as it stands."""
    katex = "".join(file.read_text("utf-8") for file in SCRIPTS.glob("*katex*.js"))
    assert "\\\\qquad" in katex and "\\\\qquadb" not in katex
    used = commands()
    assert len(used) > 50
    assert {name: files for name, files in used.items() if f"\\\\{name}" not in katex} == {}
