"""The files that every project has: CI, citation, hooks and the settings of editors."""

import configparser
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import yaml
from browser import ROOT

import gdviz

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CI = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
FOLDERS = (".github", "benchmarks", "deploy", "docs", "gdviz", "pages", "scripts", "tests")
ENDINGS = {".py", ".js", ".md", ".toml", ".yml", ".yaml", ".cff", ".bib", ".in"}


def texts() -> list[Path]:
    """Return the files that people write."""
    files = [f for folder in FOLDERS for f in (ROOT / folder).rglob("*")]
    files += [f for f in ROOT.iterdir() if f.is_file()]
    return [f for f in files if f.suffix in ENDINGS or f.name == "Makefile"]


def test_the_workflow_runs_what_is_run_by_hand_on_every_system_and_python():
    job = CI["jobs"]["test"]
    matrix = job["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest"]
    assert f">={matrix['python'][0]}" == PROJECT["requires-python"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    [step] = [step for step in job["steps"] if step.get("run") == ".ci/run"]
    assert step["env"] == {"PYTHON": "python"}, "the Makefile takes the Python of the matrix"
    assert CI["permissions"] == {"contents": "read"}


def test_the_script_of_ci_is_the_two_commands_of_the_guide():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line.startswith("make ")] == ["make check", "make test"]


def test_the_hook_of_commits_is_the_quick_part_of_the_check():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    [hook] = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert hook["entry"] == "make lint" and config["repos"][0]["repo"] == "local"
    assert re.search(r"^lint:.*\n\t.*ruff format --check \.\n\t.*ruff check \.", MAKEFILE, re.M)
    assert re.search(r"^check: lint\n\t.*mypy", MAKEFILE, re.M)


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["version"] == PROJECT["version"] == gdviz.__version__
    assert citation["license"] == PROJECT["license"]


def settings_of(name: str) -> dict[str, str]:
    """Return what .editorconfig asks of a file of that name."""
    parser = configparser.ConfigParser()
    parser.read_string("[DEFAULT]\n" + (ROOT / ".editorconfig").read_text("utf-8"))
    asked: dict[str, str] = {}
    for pattern in parser.sections():
        globs = re.sub(r"^\{(.*)\}$", r"\1", pattern).split(",")
        if any(fnmatch(name, glob) for glob in globs):
            asked |= dict(parser[pattern])
    return asked


def keeps(name: str, raw: bytes) -> bool:
    """Tell whether a file is as .editorconfig asks."""
    asked, text = settings_of(name), raw.decode()
    trimmed = asked["trim_trailing_whitespace"] == "false" or not re.search(r"[ \t]$", text, re.M)
    spaces = asked["indent_style"] == "tab" or not re.search(r"^ *\t", text, re.M)
    return trimmed and spaces and "\r" not in text and (not text or text.endswith("\n"))


def test_the_files_keep_the_settings_of_the_editors():
    assert (
        settings_of("a.py")["indent_size"] == "4" and settings_of("Makefile")["indent_size"] == "2"
    )
    faults = {"tab.py": b"\tx\n", "end.py": b"x", "space.js": b"x \n", "crlf.md": b"x\r\n"}
    assert [name for name, raw in faults.items() if keeps(name, raw)] == []
    assert [file for file in texts() if not keeps(file.name, file.read_bytes())] == []
