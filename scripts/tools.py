"""Install missing programs, or say how to: `python scripts/tools.py nginx`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

FORMULAE = {"redis-server": "redis"}  # where Homebrew has another name


def run_visibly(*command: str) -> bool:
    """Print and run a command; tell whether it succeeded."""
    print("$", *command, flush=True)
    return subprocess.run(command, check=False).returncode == 0


def install_by_apt(package: str) -> bool:
    """Install a package of Debian or Ubuntu; False unless we are root."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    install = f"apt-get install -y --no-install-recommends {package}".split()
    return run_visibly("apt-get", "update") and run_visibly(*install)


def install_by_brew(package: str) -> bool:
    """Install a package by Homebrew; False without Homebrew."""
    name = FORMULAE.get(package, package)
    return shutil.which("brew") is not None and run_visibly("brew", "install", name)


def ensure(program: str) -> bool:
    """Tell whether a program is there; try to install it if it is not."""
    if shutil.which(program):
        return True
    return (install_by_apt(program) or install_by_brew(program)) and shutil.which(
        program
    ) is not None


def main(programs: Sequence[str]) -> None:
    """Install each program that is missing; if that fails, say what to do."""
    missing = [program for program in programs if not ensure(program)]
    if missing:
        names = " and ".join(missing)
        sys.exit(
            f"{names} could not be installed from here. Install it (Debian/Ubuntu: sudo apt-get "
            f"install {names}; macOS: brew install {names}) and try again."
        )


if __name__ == "__main__":
    main(sys.argv[1:])
