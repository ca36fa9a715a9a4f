"""The playground in and out: weights that are brought, in a link, and the script for PyTorch."""

import ast
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cases import each

from gdviz.catalogue import lookup
from gdviz.learn import forward, init_params
from gdviz.learn.network import flat, sizes_of
from gdviz.learn.weight_files import WeightError, npz_of, params_in
from gdviz.queries import from_query, to_query
from gdviz.topics.backprop import Playground, first_params, run, table_of
from gdviz.topics.backprop.brought import fits, weights_in, weights_text, with_weights
from gdviz.topics.backprop.outputs import logits
from gdviz.topics.backprop.pytorch import OPTIMIZERS, as_pytorch, why_not
from gdviz.topics.backprop.settings import data_of

RECORD = Path(__file__).parent / "reference" / "torch_playground.json"
SMALL = Playground(n=20, epochs=5, hidden="3")


def test_weights_of_a_file_are_the_network_of_the_first_frame() -> None:
    """Outputs are equal to a millionth, though a link holds floats of four bytes."""
    for sizes, loss in (((2, 5, 3, 1), "bce"), ((2, 4, 2), "cross_entropy"), ((2, 1), "bce")):
        given = [(W, b + 0.3) for W, b in init_params(sizes, seed=9, scale=2.0)]
        spec = with_weights(replace(SMALL, lr=0.01), params_in(npz_of(given)))
        assert spec == from_query(Playground, to_query(spec)) and spec.loss == loss and fits(spec)
        result, x = run(spec), data_of(spec).x
        told = logits(spec, result.path[:1], result.sizes, x)[0]
        expected = forward(given, table_of(spec, x), "tanh")
        np.testing.assert_allclose(told, expected, atol=1e-6)
        assert str(result.train_loss[-1])[:12] in printed(lookup.as_python(spec))


def printed(program: str) -> str:
    import io
    from contextlib import redirect_stdout

    told = io.StringIO()
    with redirect_stdout(told):
        exec(compile(program, "page", "exec"), {})
    return told.getvalue()


@each(
    "sizes, spec, says",
    [
        ((3, 2, 1), SMALL, "takes 3 inputs, and 2 are chosen"),
        ((2, 9, 1), SMALL, "at most 6 hidden layers of 8"),
        ((2, *(2,) * 7, 1), SMALL, "at most 6 hidden layers of 8"),
        ((2, 2, 3), SMALL, "two outputs"),
        ((2, 2, 2), replace(SMALL, data="plane"), "one output"),
    ],
)
def test_a_network_that_does_not_fit_is_refused(sizes, spec: Playground, says: str) -> None:
    with pytest.raises(WeightError) as error:
        with_weights(spec, init_params(sizes))
    assert says in str(error.value)


@each(
    "text", ["", "2.3.1", "2.3.1~", "2.3.1~AAAA", "2.0.1~AAAA", "2.1~" + "A" * 4000, "~", "2~AAAA"]
)
def test_a_text_that_holds_no_weights_changes_nothing(text: str) -> None:
    spec = from_query(Playground, {"brought": [text], "hidden": ["3"]})
    assert weights_in(text) is None and not fits(spec)
    np.testing.assert_array_equal(flat(first_params(spec)), flat(init_params((2, 3, 1))))
    nan = weights_text([(np.full((2, 1), np.nan), np.zeros(1))])
    assert weights_in(nan) is None


def test_other_layers_than_those_brought_are_drawn() -> None:
    spec = replace(with_weights(SMALL, init_params((2, 4, 1), seed=3)), hidden="5")
    assert not fits(spec) and sizes_of(first_params(spec)) == (2, 5, 1)


# --- PyTorch -------------------------------------------------------------------------------------


def shape_of(script: str) -> str:
    """Return a script but for its numbers."""
    plain = re.sub(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", "#", script)
    return re.sub(r"\[[#,\s()\[\]]*\]", "[]", plain)


def test_the_script_reaches_the_loss_that_pytorch_reached() -> None:
    """Recorded by PyTorch itself from scripts of the same text, but for their numbers."""
    record = json.loads(RECORD.read_text("utf-8"))
    assert len(record["runs"]) >= 12
    for entry in record["runs"]:
        spec = from_query(Playground, entry["query"])
        assert shape_of(as_pytorch(spec)) == entry["shape"], entry["query"]
        result = run(spec)
        assert result.epochs[-1] == spec.epochs
        ends = (result.train_loss[-1], result.test_loss[-1])
        assert ends == pytest.approx((entry["train"], entry["test"]), abs=1e-6), entry["query"]


@pytest.mark.parametrize("method", OPTIMIZERS)
def test_the_script_is_python_and_carries_the_network(method: str) -> None:
    spec = replace(SMALL, method=method, batch=3, l1=0.01, l2=0.1, clip=1.0, schedule="cosine")
    tree = ast.parse(as_pytorch(spec))
    values = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "weights"  # type: ignore[attr-defined]
    }
    found = [(np.array(W), np.array(b)) for W, b in values["weights"]]
    np.testing.assert_array_equal(flat(found), flat(first_params(spec)))


def test_where_pytorch_cannot_do_the_same_it_says_why() -> None:
    for spec, says in (
        (replace(SMALL, method="newton"), "PyTorch has no"),
        (replace(SMALL, dropout=0.5), "other units"),
        (replace(SMALL, schedule="cosine", epochs=2000, batch=1), "rates"),
    ):
        assert says in why_not(spec)
        with pytest.raises(ValueError, match=says):
            as_pytorch(spec)
