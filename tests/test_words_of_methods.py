"""What sentences say of methods, surfaces and rooms is computed, as in test_words.py."""

import re
from dataclasses import replace
from inspect import unwrap
from pathlib import Path

import numpy as np

from gdviz.optimize import SURFACES, race
from gdviz.optimize.adam_rules import amsgrad
from gdviz.optimize.method_notes import NOTES
from gdviz.topics.backprop.landscape.settings import Landscape, run
from gdviz.topics.backprop.landscape.verdict import between_networks
from gdviz.topics.regression.double_descent.settings import DoubleDescent
from gdviz.topics.regression.double_descent.settings import run as errors_over_p
from gdviz.ui.words import text

ROOT = Path(__file__).parents[1]


def sentence_of(name):
    return next(notes[name].sentence for notes in NOTES.values() if name in notes)


def steps_of(name, start=(-1.5, 2.0), **knobs):
    """Return the run of one method on Rosenbrock's valley, and its moves."""
    found = race(SURFACES["rosenbrock"], start, {name: knobs}, steps=60, stop=None)[name]
    return found, np.diff(found.x, axis=0)


# --- the list of methods --------------------------------------------------------------------------


def test_amsgrad_never_forgets_though_its_rates_may_grow():
    """A large gradient, then small ones: the maximum stays, the correction of its start fades."""
    x, m, v, v_max, seen = 0.0, 0.0, 0.0, 0.0, []
    for t in range(1, 30):
        x, m, v, v_max = unwrap(amsgrad)(x, 5.0 if t == 1 else 0.1, float(t), m, v, v_max)
        seen.append((v_max, np.sqrt((1 - 0.999**t) / v_max)))
    largest, rates = np.array(seen).T
    assert (np.diff(largest) >= 0).all() and rates[-1] > 5 * rates[0]
    assert "never forgets its largest mean square" in sentence_of("amsgrad")


def test_a_coordinate_of_cautious_adamw_waits_while_its_mean_points_uphill():
    found, moves = steps_of("cautious_adamw", lr=0.3, weight_decay=0.0)
    uphill = found.m[1:] * found.grad[:-1] <= 0
    assert uphill.any() and (moves[uphill] == 0).all() and (moves[~uphill] != 0).all()
    assert "wait while the mean points uphill" in sentence_of("cautious_adamw")


def test_no_coordinate_of_sophia_steps_farther_than_its_rate():
    _, moves = steps_of("sophia", lr=0.05)
    assert np.abs(moves).max() <= 0.05 * (1 + 1e-12) < np.linalg.norm(moves, axis=1).max()
    assert "η bounds each coordinate" in sentence_of("sophia")


def test_methods_of_an_own_length_of_step_take_no_fixed_rate():
    """Their step over the gradient is not the same at every step; that of SAM, at its point, is."""
    for name in NOTES["Their own length of step"]:
        found, moves = steps_of(name)
        taken = np.linalg.norm(moves, axis=1) / np.linalg.norm(found.grad[:-1], axis=1)
        assert taken.max() > 1.5 * taken.min(), name
    found, moves = steps_of("sam", lr=1e-4)
    slopes = SURFACES["rosenbrock"].grad(found.ascent[:-1])
    np.testing.assert_allclose(moves, -1e-4 * slopes, rtol=1e-6, atol=1e-12)


# --- surfaces -------------------------------------------------------------------------------------


def test_what_lies_along_a_valley_is_said_of_it():
    matyas = SURFACES["matyas"]
    values, axes = np.linalg.eigh(matyas.hess([0.0, 0.0]))
    along, across = np.abs(np.array(matyas.start) @ axes)
    assert round(values[1] / values[0]) == 25 and along > 10 * across
    assert matyas.teaches.startswith("25 times as steep across")
    camel = SURFACES["three_hump_camel"]
    ends = {}
    for beta in (0.0, 0.9):
        knobs = {"heavy_ball": {"lr": 0.01, "momentum": beta}}
        ends[beta] = race(camel, camel.start, knobs, steps=2000)["heavy_ball"].f[-1]
    assert ends[0.9] < 1e-6 < 0.2 < ends[0.0]
    pairs = np.array(SURFACES["rastrigin"].minima)
    assert len({tuple(p) for p in pairs.round().tolist()}) == len(pairs) == 11**2
    assert np.abs(pairs - pairs.round()).max() < 0.03


# --- rooms ----------------------------------------------------------------------------------------


def test_no_nearer_order_is_claimed_of_one_hidden_layer_alone():
    """With more layers the matching may be a local optimum."""
    for deep, surely in ((1, "No other places"), (2, "The matching found no other places")):
        done = run(Landscape(plane="pair", wide=1, deep=deep, passes=20, dots=20))
        assert done.twin is not None and done.twin.moved == 0
        assert surely in between_networks(done)


def test_the_peak_of_polynomials_is_far_higher_than_that_of_waves():
    assert "whose peak is far higher than that of waves" in text("regression/double_descent")
    for seed in (0, 1):
        spec = DoubleDescent(sample=seed, drawn=seed)
        waves, powers = (errors_over_p(replace(spec, basis=b)) for b in ("waves", "legendre"))
        assert powers.test[-1].max() > 100 * waves.test[-1].max()


# --- documents ------------------------------------------------------------------------------------


def test_every_setting_of_the_environment_is_in_the_table_of_the_operator():
    told = (ROOT / "docs" / "operating.md").read_text("utf-8")
    own = {"GDVIZ_COMPLETE", "GDVIZ_SECRET"}  # the shell's, and the one of compose.yaml
    read = set()
    for folder in ("gdviz", "scripts"):
        for file in (ROOT / folder).rglob("*.py"):
            read |= set(re.findall(r"GDVIZ_[A-Z_]*[A-Z]", file.read_text("utf-8")))
    assert len(read) > 10
    assert read - own <= set(re.findall(r"GDVIZ_[A-Z_]*[A-Z]", told)), "docs/operating.md"
