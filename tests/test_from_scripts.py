"""The library as scripts call it: any array, any error state of NumPy, no compiler, pickled."""

import os
import pickle
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser import ROOT

from gdviz.cache import _parts, cached, freeze
from gdviz.catalogue import lookup
from gdviz.catalogue.lookup import picture_of
from gdviz.cli.pages import names
from gdviz.export import to_bytes
from gdviz.figures.wire_format import pack
from gdviz.knobs import KnobError
from gdviz.learn import FitError, fit_linear, init_params, train
from gdviz.optimize import SURFACES, descend, race

RNG = np.random.default_rng(5)
X = RNG.normal(size=(30, 2))
Y = X @ [1.0, -2.0] + 0.5


def read_only(values: Any, order: Any = "C") -> np.ndarray:
    array = np.array(values, order=order)
    array.setflags(write=False)
    return array


FORMS = {
    "read-only": (read_only(X), read_only(Y)),
    "read-only, by columns": (read_only(X, "F"), read_only(Y)),
    "frame": (pd.DataFrame(X), pd.Series(Y)),
    "lists": (X.tolist(), Y.tolist()),
    "strided": (np.repeat(X, 2, axis=1)[:, ::2], np.repeat(Y, 2)[::2]),
    "another byte order": (X.astype(">f8"), Y.astype(">f8")),
}


@pytest.mark.parametrize("form", FORMS)
def test_any_form_of_the_same_numbers_is_trained_to_the_same_bits(form: str) -> None:
    given = FORMS[form]
    params = [(read_only(W), read_only(b)) for W, b in init_params([2, 3, 1])]
    for more in ({}, {"batch_size": 7}, {"method": "lbfgs"}):
        expected = train(init_params([2, 3, 1]), X, Y, loss="mse", epochs=3, **more)
        found = train(params, *given, loss="mse", epochs=3, **more)
        np.testing.assert_array_equal(found.losses, expected.losses)
    for method in ("gd", "adam", "lbfgs"):
        expected, found = (fit_linear(*d, method=method, steps=9) for d in ((X, Y), given))
        np.testing.assert_array_equal(found.weights, expected.weights)


@pytest.mark.parametrize(
    "rate", [np.array(0.01), Decimal("0.01"), np.float32(0.01), Fraction(1, 100)]
)
def test_a_number_may_be_of_any_type(rate: Any) -> None:
    expected = descend(SURFACES["bowl"], [1.0, 2.0], steps=5, lr=float(rate)).x
    np.testing.assert_array_equal(descend(SURFACES["bowl"], [1, 2], steps=5, lr=rate).x, expected)
    runs = race(SURFACES["bowl"], [1, 2], {"gd": {"lr": rate}}, steps=5)
    np.testing.assert_array_equal(runs["gd"].x, expected)


@pytest.mark.parametrize("name", ["lr", "l2", "l1", "delta", "tol"])
def test_a_number_of_a_fit_may_be_of_any_type(name: str) -> None:
    X = np.random.default_rng(0).normal(size=(20, 2))
    how = {"loss": "huber", "steps": 5}
    expected = fit_linear(X, X[:, 0] * 2 + 1, **{**how, name: 0.1}).weights
    for value in (np.array(0.1), Decimal("0.1"), Fraction(1, 10)):
        found = fit_linear(X, X[:, 0] * 2 + 1, **{**how, name: value}).weights
        np.testing.assert_array_equal(found, expected)
    for wrong in (np.array([0.1]), "0.1", True, np.True_, 1j, np.complex64(1), 10**400, np.nan):
        with pytest.raises(FitError, match=name):
            fit_linear(X, X[:, 0], **{**how, name: wrong})


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (np.array([0.01]), "is not one number"),
        ("0.01", "is not one number"),
        (b"0.01", "is not one number"),
        (None, "is not one number"),
        (1j, "is not one number"),
        (Decimal("nan"), "is not a finite number"),
        (np.array(np.inf), "is not a finite number"),
        (Decimal("-0.1"), "must be positive"),
    ],
)
def test_what_is_no_number_is_refused(rate: Any, said: str) -> None:
    with pytest.raises(KnobError, match=said):
        descend(SURFACES["bowl"], [1.0, 2.0], steps=5, lr=rate)


# --- every page -----------------------------------------------------------------------------------


def spec_of(place: str) -> Any:
    small = {"mcmc": {"draws": 300}, "regression_houses": {"homes": "unscaled"}}
    return lookup.settings(place)(**small.get(place, {}))


@pytest.mark.parametrize("place", names())
def test_a_page_runs_though_numpy_is_told_to_raise(place: str) -> None:
    """What underflows in a density is zero, and no error of whoever calls."""
    spec = spec_of(place)
    expected = to_bytes(spec, "csv")
    with np.errstate(all="raise"):
        assert to_bytes(spec, "csv") == expected
        assert len(pack(picture_of(spec).scene)) > 100


@pytest.mark.parametrize("place", names())
def test_a_result_can_be_pickled(place: str) -> None:
    result = lookup.run(spec_of(place))
    again = pickle.loads(pickle.dumps(result))
    assert type(again) is type(result)


def arrays(value: Any) -> list[np.ndarray]:
    """Return the arrays of a value, but for those of tables: pandas looks after its own."""
    tables = [part for part in _parts(value) if isinstance(part, pd.DataFrame | pd.Series)]
    own = {id(part) for table in tables for part in _parts(table)}
    return [p for p in _parts(value) if isinstance(p, np.ndarray) and id(p) not in own]


@pytest.mark.parametrize("place", names())
def test_a_result_that_others_share_is_read_only(place: str) -> None:
    """Who writes into it would change what others see and export."""
    spec = spec_of(place)
    first, again = lookup.run(spec), lookup.run(spec)
    shared = {id(array) for array in arrays(first)} & {id(array) for array in arrays(again)}
    writable = [a.shape for a in arrays(again) if id(a) in shared and a.flags.writeable]
    assert writable == []


def test_what_is_kept_is_frozen_all_the_way_down() -> None:
    inner = np.zeros(3)

    @cached
    def made(n: int) -> dict[str, Any]:
        return {"a": [inner], "b": (np.zeros(n), {"c": np.ones((n, n))})}

    for array in arrays(made(3)):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 7
    freeze(None)


def test_without_a_compiler_the_numbers_are_the_same() -> None:
    """NUMBA_DISABLE_JIT=1 is how a debugger gets into the loops."""
    program = """
from gdviz.catalogue import lookup as catalogue
from gdviz.topics.mcmc import Mcmc
from gdviz.topics.race import Race
runs = catalogue.run(Race(surface="typed", formula="x^2 + y^4 + sin(1.25*x)", steps=4))
print(repr([run.x[-1].tolist() for run in runs.values()]))
chains = dict(target="typed", formula="-x^2 - 1.25*y^4", draws=120, burn=20, chains=1)
for sampler in ("rwm", "nuts"):
    print(repr(catalogue.run(Mcmc(sampler=sampler, **chains)).x[-1].tolist()))
"""
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=True,
        ).stdout
        for env in ({}, {"NUMBA_DISABLE_JIT": "1"})
    ]  # fmt: skip
    assert said[0] == said[1] and len(said[0].splitlines()) == 3
