"""Record the losses that the playground's PyTorch scripts reach, by PyTorch.

Run in two steps, the first where gdviz is, the second where PyTorch is:

    python tests/reference/make_torch_playground.py write FOLDER
    python tests/reference/make_torch_playground.py run FOLDER     # pip install torch==2.13.0 numpy

A script is text that the page gives to copy. It is run as it stands, and what it prints is kept in
`torch_playground.json` beside this file, with the script but for its numbers: a test compares both
with what the page says. Every run takes 200 epochs.
"""

import contextlib
import datetime
import io
import json
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

TARGET = Path(__file__).with_name("torch_playground.json")
EPOCHS = "epochs=200"
QUERIES = [
    "",
    "method=gd&lr=0.3&activation=relu&scheme=he",
    "method=heavy_ball&lr=0.05&loss=mse&l2=0.01",
    "method=nesterov&lr=0.05&activation=sigmoid&hidden=5",
    "method=adagrad&lr=0.1&activation=softplus",
    "method=rmsprop&lr=0.01&activation=silu&data=xor",
    "method=adadelta&loss=cross_entropy",
    "method=amsgrad&lr=0.02&activation=leaky_relu&data=moons&test=true",
    "method=adamw&lr=0.02&activation=gelu&data=spiral&hidden=8,8",
    "method=nadam&lr=0.02&data=plane",
    "method=radam&lr=0.02&data=gauss&features=x1&features=product",
    "method=adamax&lr=0.02&loss=sigmoid_mse&l1=0.001",
    "lr=0.01&batch=32&schedule=cosine&clip=0.5&n=100",
    "method=gd&lr=0.1&hidden=0&activation=identity",
]


def write(folder: Path) -> None:
    """Write the script of each query into a folder."""
    from gdviz.queries import from_query
    from gdviz.topics.backprop import Playground
    from gdviz.topics.backprop.pytorch import as_pytorch

    for i, query in enumerate(QUERIES):
        spec = from_query(Playground, f"{query}&{EPOCHS}".lstrip("&"))
        (folder / f"{i}.py").write_text(as_pytorch(spec), "utf-8")


def shape_of(script: str) -> str:
    """Return a script but for its numbers."""
    plain = re.sub(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", "#", script)
    return re.sub(r"\[[#,\s()\[\]]*\]", "[]", plain)


def run(folder: Path) -> None:
    """Run the scripts of a folder, and record what they print."""
    runs = []
    for i, query in enumerate(QUERIES):
        script, told = (folder / f"{i}.py").read_text("utf-8"), io.StringIO()
        with contextlib.redirect_stdout(told):
            exec(compile(script, f"{i}.py", "exec"), {})
        said = dict(line.split() for line in told.getvalue().splitlines())
        losses = {name: float(value) for name, value in said.items()}
        asked = f"{query}&{EPOCHS}".lstrip("&")
        runs.append({"query": asked, **losses, "shape": shape_of(script)})
    about = {name: version(name) for name in ("torch", "numpy")}
    about |= {"python": platform.python_version(), "date": str(datetime.date.today())}
    TARGET.write_text(json.dumps({"about": about, "runs": runs}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    {"write": write, "run": run}[sys.argv[1]](Path(sys.argv[2]))
