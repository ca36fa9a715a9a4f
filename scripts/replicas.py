"""Run several replicas of the app behind nginx on this machine: `make serve REPLICAS=2`.

Starts them, restarts any that dies, and stops all on Ctrl-C or SIGTERM. A replica gets visitors
once it is warm. A redis-server, where one is installed, lets them share the halls of lectures.
Everything they print appears here, each line with the name of its process.
"""

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "deploy")]

from configure import write  # noqa: E402

from gdviz.cli.run import UVICORN, allow_many_files, why_not  # noqa: E402

PATIENCE = 15.0  # seconds for a process to end by itself
SOUND = 60.0  # seconds after which a start counts as a success
DELAYS = (0.5, 1, 2, 4, 8, 15)  # seconds before a restart, longer each time


def secret() -> str:
    """Return the secret that signs cookies: one for all replicas, the same after a restart.

    It comes from the environment, or else from a file in the user's home, which is made if missing.
    """
    if given := os.environ.get("STREAMLIT_SERVER_COOKIE_SECRET"):
        return given
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    file = state / "gdviz" / "cookie-secret"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
            new.write(secrets.token_hex(32))
    return file.read_text().strip()


def environment(replicas: int, number: int) -> dict[str, str]:
    """Return the environment of a replica: one secret for all, and its share of the cores."""
    cores = str(max(1, (os.cpu_count() or 1) // replicas))
    usual = {"NUMBA_NUM_THREADS": cores, "OMP_NUM_THREADS": cores, "MALLOC_ARENA_MAX": "2"}
    own = {"GDVIZ_REPLICA": f"r{number}", "STREAMLIT_SERVER_COOKIE_SECRET": secret()}
    return {**usual, **os.environ, **own}


def redis_in(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the command of a Redis for the halls, and what tells the replicas of it.

    It listens on a socket in the folder alone, and writes nothing down. Nothing is started where
    the environment names another, or where none is installed.
    """
    if os.environ.get("GDVIZ_REDIS") or shutil.which("redis-server") is None:
        return [], {}
    socket = folder / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)]
    command += ["--unixsocketperm", "700", "--appendonly", "no", "--save", ""]
    return command, {"GDVIZ_REDIS": f"unix://{socket}"}


class Restart(NamedTuple):
    """How a crashed process is restarted: after an extra delay, with extra variables."""

    respite: float = 0.0
    env: Mapping[str, str] = {}


class Supervised:
    """A process that is restarted whenever it dies, until `stop`."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], restart: Restart
    ) -> None:
        self.name, self.command, self.env, self.restart = name, command, env, restart
        self.process: asyncio.subprocess.Process | None = None
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Start it, and restart it when it dies; wait longer each time if it dies at once."""
        failures = 0
        while not self.stopping.is_set():
            begun = monotonic()
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=ROOT,
                env=self.env,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we end them in order
            )
            say(f"{self.name} has process {self.process.pid}")
            await self._repeat_output()
            code = await self.process.wait()
            if self.stopping.is_set():
                return
            failures = 0 if monotonic() - begun > SOUND else failures + 1
            delay = DELAYS[min(max(failures - 1, 0), len(DELAYS) - 1)]
            delay, self.env = delay + self.restart.respite, {**self.env, **self.restart.env}
            say(f"{self.name} ended with {code}; it is started again in {delay:g} s")
            try:
                await asyncio.wait_for(self.stopping.wait(), delay)
            except TimeoutError:
                continue

    async def _repeat_output(self) -> None:
        assert self.process and self.process.stdout
        async for line in self.process.stdout:
            say(f"{self.name}: {line.decode(errors='replace').rstrip()}")

    async def stop(self) -> None:
        """Ask it to end; end it if it does not."""
        self.stopping.set()
        process = self.process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            say(f"{self.name} does not end by itself, and is ended")
            process.kill()


def say(words: str) -> None:
    print(words, flush=True)


async def serve(
    host: str, port: int, ports: Sequence[int], folder: Path, access: str, restart: Restart
) -> None:
    """Keep nginx and the replicas running until a signal comes."""
    flags = [sys.executable, *UVICORN, "--host", "127.0.0.1"]
    redis, halls = redis_in(folder)
    kept = [
        Supervised(
            f"r{i}", [*flags, "--port", str(own)], environment(len(ports), i) | halls, restart
        )
        for i, own in enumerate(ports, 1)
    ]
    if redis:
        kept.append(Supervised("redis", redis, os.environ, Restart()))
    elif "GDVIZ_REDIS" not in os.environ:
        say("without redis-server nobody can open a hall: python scripts/tools.py redis-server")
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    tasks = [asyncio.create_task(one.run()) for one in kept]
    file = await asyncio.to_thread(
        write, [f"127.0.0.1:{own}" for own in ports], f"{host}:{port}", folder, access
    )
    nginx = ["nginx", "-p", str(folder), "-c", str(file), "-e", "stderr"]
    front = Supervised("nginx", nginx, os.environ, Restart())
    tasks.append(asyncio.create_task(front.run()))
    say(f"gdviz is at http://{host}:{port}, {len(ports)} replicas (Ctrl-C stops them)")
    await end.wait()
    say("stopping")
    await front.stop()
    await asyncio.gather(*(one.stop() for one in kept))
    await asyncio.gather(*tasks)


def main() -> None:
    """Check what can be checked before anything is started."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--replicas", type=int, default=(os.cpu_count() or 1) + 1)
    parser.add_argument("--first-port", type=int, help="that of the first replica; port + 100")
    parser.add_argument("--access", default="off", help="where nginx logs requests, off by default")
    # Meanwhile the others serve its visitors, and need the cores.
    parser.add_argument("--respite", type=float, default=12.0, metavar="SECONDS",
                        help="wait before one of several replicas is restarted")  # fmt: skip
    parser.add_argument("--gentle", type=float, default=5.0, metavar="TIMES",
                        help="rests after a restart, in times of its work")  # fmt: skip
    at = parser.parse_args()
    if not 1 <= at.replicas <= 64:
        parser.error("there can be 1 to 64 replicas")
    if not (0 <= at.respite <= 3600 and 0 <= at.gentle <= 100):
        parser.error("a respite has 0 to 3600 seconds, and a rest is 0 to 100 times the work")
    gentle = Restart(at.respite, {"GDVIZ_GENTLE": f"{at.gentle:g}"})
    restart = gentle if at.replicas > 1 else Restart()
    if shutil.which("nginx") is None:
        sys.exit("nginx is not installed: python scripts/tools.py nginx installs it, or says how.")
    first = at.first_port or at.port + 100
    ports = [first + i for i in range(at.replicas)]
    for host, port in [(at.host, at.port), *(("127.0.0.1", port) for port in ports)]:
        if reason := why_not(host, port):
            sys.exit(f"nothing can listen on {host}:{port} ({reason}); try another PORT")
    allow_many_files()
    with tempfile.TemporaryDirectory(prefix="gdviz-serve-") as name:
        os.chmod(name, 0o755)  # nginx's workers run as another user
        asyncio.run(serve(at.host, at.port, ports, Path(name), at.access, restart))


if __name__ == "__main__":
    main()
