"""The package as a stranger has it: a wheel, installed elsewhere, without the checkout."""

import ast
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
import venv
import zipfile
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from browser import ROOT, serve, status

PACKAGE = ROOT / "gdviz"
LEFT_OUT = {"__pycache__", ".mypy_cache"}
# What we import only to steer the package that requires it, so that their versions belong together.
COMES_WITH = {"choreographer": "kaleido", "llvmlite": "numba", "protobuf": "streamlit"}


def declared() -> set[str]:
    """Return the names of requirements.in."""
    return set(re.findall(r"^([\w-]+)", (ROOT / "requirements.in").read_text(), re.M))


def files_of(folder: Path) -> set[str]:
    """Return the files below a folder, by their path within it."""
    files = (f.relative_to(folder) for f in folder.rglob("*") if f.is_file())
    return {f.as_posix() for f in files if not LEFT_OUT & set(f.parts)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    flags = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet")
    subprocess.run([sys.executable, "-m", "pip", "wheel", *flags, "-w", folder, ROOT], check=True)
    [file] = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a new environment that has the wheel, and borrows what it needs."""
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home)
    paths = sysconfig.get_paths("venv", {"base": str(home), "platbase": str(home)})
    ours = sysconfig.get_paths()
    borrowed = "\n".join({ours["purelib"], ours["platlib"]})
    (Path(paths["purelib"]) / "borrowed.pth").write_text(borrowed)
    found = Path(paths["scripts"]) / Path(sys.executable).name
    pip = (sys.executable, "-m", "pip", "--python", found, "install", "--quiet")
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], check=True)
    return found


def run(python: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in its own folder, far from the checkout, where nothing is compiled yet."""
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    return subprocess.run(
        [python, *words], cwd=python.parent, env=env, capture_output=True, text=True, timeout=300
    )


def test_one_list_names_what_gdviz_needs(wheel: Path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "dependencies" not in project and project["dynamic"] == ["dependencies"]
    with zipfile.ZipFile(wheel) as opened:
        [file] = [name for name in opened.namelist() if name.endswith("/METADATA")]
        metadata = opened.read(file).decode()
    assert set(re.findall(r"^Requires-Dist: ([\w-]+)", metadata, re.M)) == declared()


def test_every_package_that_gdviz_imports_is_declared():
    tops = set()
    for file in (ROOT / "app.py", *ROOT.glob("pages/*.py"), *PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                tops |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                tops.add(node.module.split(".")[0])
    known = declared() | COMES_WITH.keys()
    outside = tops - sys.stdlib_module_names - {"gdviz"}
    homes = packages_distributions()
    packages = {next(iter({n.lower() for n in homes[top]} & known), top) for top in outside}
    assert packages <= known, "name it in requirements.in, with its reason"
    for package, parent in COMES_WITH.items():
        assert any(asked.startswith(package) for asked in requires(parent) or ())


def test_every_file_of_the_app_travels(wheel: Path):
    with zipfile.ZipFile(wheel) as opened:
        names = {n for n in opened.namelist() if n.startswith("gdviz/")}
    app = {"app.py", ".streamlit/config.toml", *(f"pages/{f}" for f in files_of(ROOT / "pages"))}
    expected = {f"gdviz/{f}" for f in files_of(PACKAGE)} | {f"gdviz/app/{f}" for f in app}
    assert names == expected
    assert {Path(n).suffix for n in names} >= {".py", ".js", ".md"}


def test_an_installed_gdviz_exports_a_figure(python: Path):
    """With the fonts that it carries."""
    done = run(python, "-m", "gdviz", "export", "descent", "--lr", "0.2", "-o", "descent.svg")
    assert done.returncode == 0, done.stderr
    assert "@font-face" in (python.parent / "descent.svg").read_text("utf-8")


def test_an_installed_gdviz_runs(python: Path, tmp_path: Path):
    command = ("-m", "gdviz", "run", "--port", "{port}")
    server = serve(
        tmp_path / "log",
        folder=tmp_path,
        probe="/_stcore/health",
        command=command,
        python=python,
    )
    with server as running:
        assert f"gdviz is at {running.url}" in running.log
        assert status(running.url + "/readyz") in (200, 503), "503 while it still compiles"
        page = urllib.request.urlopen(running.url + "/race", timeout=5)
        assert page.headers["X-Frame-Options"] == "DENY"


def test_the_scripts_the_pages_and_the_settings_of_an_installed_gdviz_are_its_own(python: Path):
    program = """
from streamlit import config
from streamlit.testing.v1 import AppTest
import os
import gdviz
from gdviz.app_folder import APP_FOLDER
from gdviz.cli import main
main(["export", "descent", "--lr", "0.2", "-o", "descent.html"], standalone_mode=False)
print(gdviz.__file__)
os.chdir(APP_FOLDER)
print(config.get_option("server.maxUploadSize"), config.get_option("client.toolbarMode"))
at = AppTest.from_file(APP_FOLDER / "pages" / "references.py", default_timeout=250).run()
print(len(at.exception), len(at.markdown) > 0)
"""
    done = run(python, "-c", program)
    assert done.returncode == 0, done.stderr
    where, *said = done.stdout.split()[-5:]
    assert str(python.parents[1]) in where and str(PACKAGE) not in where
    assert said == ["20", "viewer", "0", "True"], done.stderr
    assert "<script" in (python.parent / "descent.html").read_text("utf-8")
