"""Ask a public list of advisories about every pinned package: `make audit`.

Exit codes: 0 if none is known to be vulnerable, 1 if some are (they are listed), 3 if nothing was
audited, because no list of advisories can be reached or none knows our packages.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILES = ("requirements.txt", "requirements-dev.txt")
SOURCES = ("pypi", "osv")
CLEAN, VULNERABLE, NOT_AUDITED = 0, 1, 3


def ask(source: str) -> list[dict[str, Any]] | None:
    """Return a source's answer for each package, None if it cannot be reached."""
    files = [word for file in FILES for word in ("-r", str(ROOT / file))]
    flags = "--disable-pip --require-hashes --progress-spinner off --timeout 15 --format json"
    command = [sys.executable, "-m", "pip_audit", *files, *flags.split(), "-s", source]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        return json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None


def report(source: str, found: list[dict[str, Any]]) -> int:
    """Print a source's answer, and return the exit code."""
    known = [one for one in found if "skip_reason" not in one]
    if not known:
        return NOT_AUDITED
    bad = [one for one in known if one["vulns"]]
    for one in bad:
        for vuln in one["vulns"]:
            fixed = ", ".join(vuln["fix_versions"]) or "no version yet"
            print(f"{one['name']} {one['version']}: {vuln['id']}, fixed in {fixed}")
    print(f"{source}: {len(known)} of {len(found)} packages are known, {len(bad)} vulnerable.")
    return VULNERABLE if bad else CLEAN


def main() -> int:
    """Ask the sources in turn until one answers."""
    for source in SOURCES:
        found = ask(source)
        if found:
            code = report(source, found)
            if code != NOT_AUDITED:
                return code
    print(
        "NOT AUDITED: no list of advisories can be reached from here (or it knows none of our "
        "packages). Run `make audit` where the open internet is."
    )
    return NOT_AUDITED


if __name__ == "__main__":
    sys.exit(main())
