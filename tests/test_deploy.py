"""What lies in deploy/: files that say the same, and every step of which is real."""

import configparser
import os
import re
import shlex
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml
from browser import free_port
from replica_set import nginx_is_here

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
sys.path += [str(DEPLOY), str(ROOT / "scripts")]

import configure  # noqa: E402
import replicas as supervisor  # noqa: E402
import tools  # noqa: E402

DOCKERFILES = sorted(DEPLOY.glob("*Dockerfile"))
UNITS = sorted((DEPLOY / "systemd").iterdir())
KNOWN = "FROM ENV WORKDIR COPY RUN USER EXPOSE HEALTHCHECK CMD".split()
TWO = ["127.0.0.1:9001", "127.0.0.1:9002"]


def steps(file: Path) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile and what they say."""
    text = file.read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines]


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda f: f.name)
def test_a_dockerfile_keeps_the_rules_of_its_trade(file: Path):
    found = steps(file)
    words = [name for name, _ in found]
    assert words[0] == "FROM" and set(words) <= set(KNOWN)
    tag = found[0][1].rpartition(":")[2]
    assert re.match(r"\d+\.\d+", tag), "pinned, never latest"
    assert [said for name, said in found if name == "USER"][-1] == "gdviz", "not as root"
    assert words.count("CMD") == 1 and words[-1] == "CMD"
    assert all(said.startswith("[") for name, said in found if name == "CMD"), "signals arrive"
    for said in (said for name, said in found if name == "RUN"):
        assert "sudo" not in said and "curl" not in said
        if "apt-get install" in said:
            assert "--no-install-recommends" in said and "rm -rf /var/lib/apt/lists/*" in said
            assert re.search(r"nginx=\d", said), "pinned"
        if "pip install" in said:
            assert "--no-cache-dir" in said and "-r requirements.txt" in said


def test_what_is_copied_is_there_and_reaches_docker():
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    copied = [said.split()[0] for name, said in steps(DEPLOY / "Dockerfile") if name == "COPY"]
    assert set(copied) == let_in
    assert all((ROOT / name).exists() for name in copied)
    for name in ("app.py", "gdviz", "pages", ".streamlit", "scripts", "deploy"):
        assert name in copied, "the app runs with what is copied"


def test_every_script_that_a_step_runs_is_one_of_ours():
    ran = []
    for file in [*DOCKERFILES, *UNITS]:
        ran += re.findall(r"(?:scripts|deploy)/\w+\.py", file.read_text())
    assert {Path(name).name for name in ran} == {"warm.py", "probe.py", "configure.py"}
    assert all((ROOT / name).is_file() for name in ran)


def test_the_versions_and_the_python_are_those_of_the_project():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)[1]
    for name in ("compose.yaml", "kubernetes.yaml", "nginx.Dockerfile"):
        assert set(re.findall(r"gdviz(?:-front)?:(\d[\w.]*)", (DEPLOY / name).read_text())) == {
            version
        }
    image = steps(DEPLOY / "Dockerfile")[0][1]
    assert tuple(map(int, re.findall(r"\d+", image)[:2])) >= (3, 11)


@pytest.mark.parametrize("name", ["compose.yaml", "kubernetes.yaml"])
def test_the_yaml_is_yaml_and_holds_no_secret(name: str):
    parts = list(yaml.safe_load_all((DEPLOY / name).read_text()))
    if name == "compose.yaml":
        services = parts[0]["services"]
        places = [services[name].pop("networks")["inside"]["ipv4_address"] for name in ("r1", "r2")]
        assert services["r1"] == services["r2"] and services["r1"]["cap_drop"] == ["ALL"]
        assert re.findall(r"([\d.]+):8501", (DEPLOY / "nginx.Dockerfile").read_text())[1:] == places
        assert "${GDVIZ_SECRET:?" in services["r1"]["environment"]["STREAMLIT_SERVER_COOKIE_SECRET"]
        redis = services.pop("redis")
        assert "ports" not in redis and redis["command"][0] == "redis-server"
        assert services["r1"]["environment"]["GDVIZ_REDIS"] == "redis://redis:6379"
        for service in services.values():
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    else:
        assert [part["kind"] for part in parts] == ["Deployment", "Service", "Ingress"]
        container = parts[0]["spec"]["template"]["spec"]["containers"][0]
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["env"][0]["valueFrom"]["secretKeyRef"]["name"] == "gdviz"
        notes = parts[2]["metadata"]["annotations"]
        assert notes["nginx.ingress.kubernetes.io/affinity"] == "cookie"


@pytest.mark.parametrize("file", UNITS, ids=lambda f: f.name)
def test_a_unit_of_systemd_is_whole(file: Path):
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(file.read_text())
    assert set(unit.sections()) <= {"Unit", "Service", "Install"}
    if "Service" in unit:
        assert unit["Service"]["Restart"] == "always" and unit["Service"]["User"] == "gdviz"
        assert unit["Service"]["NoNewPrivileges"] == "yes"
        for key in ("ExecStart", "ExecStartPre"):
            command = shlex.split(unit["Service"].get(key, ""))
            for word in (w for w in command if w.endswith(".py")):
                assert (ROOT / word).is_file()
    else:
        wanted = unit["Unit"]["Wants"].split()
        templates = {re.sub(r"@\d", "@", name) for name in wanted}
        assert templates == {f.name for f in UNITS} - {file.name}


@pytest.mark.parametrize("replicas", [TWO[:1], TWO, [f"127.0.0.1:{9000 + i}" for i in range(8)]])
def test_the_configuration_names_every_replica_once_as_its_own(replicas, tmp_path):
    text = configure.configuration(replicas, "127.0.0.1:8501", tmp_path, {"X-A": "b 'c'; d"})
    assert not re.search(r"@[A-Z]+@", text)
    for i, at in enumerate(replicas, 1):
        own = text.split(f"upstream gd_r{i} {{")[1].split("}")[0]
        servers = re.findall(r"server (\S+) [^;]*?( backup)?;", own)
        assert servers[0] == (at, "") and all(backup for _, backup in servers[1:])
        assert {a for a, _ in servers} == set(replicas)
    assert "ip_hash" not in text and "add_header X-A \"b 'c'; d\";" in text


@pytest.mark.skipif(not nginx_is_here(), reason="nginx is not installed here")
def test_nginx_takes_the_configuration(tmp_path):
    text = configure.configuration(TWO, f"127.0.0.1:{free_port()}", tmp_path, {"X-A": "b"})
    file = tmp_path / "nginx.conf"
    file.write_text(text)
    command = ["nginx", "-t", "-p", tmp_path, "-c", file, "-e", "stderr"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "replicas", [[], ["nowhere"], ["a:1; evil on"], ["r1:8501"], ["127.0.0.1:9001", ":1"]]
)
def test_what_is_no_address_is_refused(replicas, tmp_path):
    with pytest.raises(ValueError, match="an address is IP:port"):
        configure.configuration(replicas, "127.0.0.1:8501", tmp_path, {})


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_a_container_is_ready_when_the_probe_says_so(status: int, code: int):
    class Readyz(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Readyz) as app:
        threading.Thread(target=app.handle_request).start()
        probe = [sys.executable, str(ROOT / "scripts" / "probe.py"), str(app.server_port)]
        done = subprocess.run(probe, capture_output=True, text=True)
    assert done.returncode == code and ("not ready" in done.stderr) == bool(code)


def test_a_tool_that_is_not_to_be_had_is_named_with_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(tools, "install_by_apt", lambda name: False)
    monkeypatch.setattr(tools, "install_by_brew", lambda name: False)
    with pytest.raises(SystemExit, match="apt-get install no-such-tool; macOS: brew install"):
        tools.main(["no-such-tool"])
    tools.main(["sh"])


def test_the_supervisor_checks_before_it_starts_anything(tmp_path):
    """Without nginx, or with a port that is taken, it says one sentence and starts nothing."""
    script = [sys.executable, str(ROOT / "scripts" / "replicas.py")]
    env = {**os.environ, "PATH": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    done = subprocess.run(script, env=env, capture_output=True, text=True)
    assert done.returncode == 1 and "tools.py nginx" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_secret_is_made_once_outside_the_repository_and_for_its_owner_only(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("STREAMLIT_SERVER_COOKIE_SECRET", raising=False)
    first = supervisor.secret()
    assert len(first) == 64 and supervisor.secret() == first
    file = tmp_path / "gdviz" / "cookie-secret"
    assert file.stat().st_mode & 0o777 == 0o600
    one, two = (supervisor.environment(2, i) for i in (1, 2))
    assert one["STREAMLIT_SERVER_COOKIE_SECRET"] == two["STREAMLIT_SERVER_COOKIE_SECRET"] == first
    assert (one["GDVIZ_REPLICA"], two["GDVIZ_REPLICA"]) == ("r1", "r2")
