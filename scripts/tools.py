"""Make sure that programs are there, or say how to get them: `python scripts/tools.py nginx`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence


def ran(*command: str) -> bool:
    """Run a command in sight of the user, and tell whether it went well."""
    print("$", *command, flush=True)
    return subprocess.run(command, check=False).returncode == 0


def by_apt(package: str) -> bool:
    """Install a package of Debian or Ubuntu, if we may."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    install = f"apt-get install -y --no-install-recommends {package}".split()
    return ran("apt-get", "update") and ran(*install)


def by_brew(package: str) -> bool:
    """Install a package of Homebrew, if it is there."""
    return shutil.which("brew") is not None and ran("brew", "install", package)


def ensure(program: str) -> bool:
    """Tell whether a program is there, after an attempt to install it under its own name."""
    if shutil.which(program):
        return True
    return (by_apt(program) or by_brew(program)) and shutil.which(program) is not None


def main(programs: Sequence[str]) -> None:
    """Make sure of each program; say what to do where that cannot be done."""
    missing = [program for program in programs if not ensure(program)]
    if missing:
        names = " and ".join(missing)
        sys.exit(
            f"{names} could not be installed from here. Install it (Debian/Ubuntu: sudo apt-get "
            f"install {names}; macOS: brew install {names}) and try again."
        )


if __name__ == "__main__":
    main(sys.argv[1:])
