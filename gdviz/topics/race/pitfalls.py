"""The mistakes of the tutorial's optimizers, live: its own algorithm beside the corrected one."""

import numpy as np

from gdviz.catalogue.pitfall import Pitfall
from gdviz.optimize import SURFACES, race
from gdviz.queries import to_query
from gdviz.topics.race.settings import Race

START, LR, DECAY, STEPS = (-1.5, 2.0), 0.05, 0.01, 100


class TutorialAdam:
    """The tutorial's Adam, mistakes kept: one m, v and t for every parameter it is given."""

    def __init__(self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999) -> None:
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, 1e-8
        self.m: np.ndarray | None = None
        self.v: np.ndarray | None = None
        self.t = 0

    def update(self, params: np.ndarray, grads: np.ndarray) -> np.ndarray:
        """Return `params` after one step; t advances once per call, that is once per parameter."""
        if self.m is None or self.v is None:
            self.m, self.v = np.zeros_like(params), np.zeros_like(params)
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * grads
        self.v = self.beta2 * self.v + (1 - self.beta2) * grads**2
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        params -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        return params


def shared_state() -> tuple[float, float]:
    """Return the step of a second parameter over η: with shared moments, and with its own (6b)."""
    shared = TutorialAdam(lr=1.0)
    shared.update(np.zeros((1, 2)), np.full((1, 2), 100.0))
    mixed = shared.update(np.zeros((4, 2)), np.ones((4, 2)))
    own = TutorialAdam(lr=1.0).update(np.zeros((4, 2)), np.ones((4, 2)))
    return float(mixed[0, 0]), float(own[0, 0])


def changes_its_caller() -> bool:
    """Return whether the tutorial's update changes the array that it was handed (6c)."""
    mine = np.array([1.0, 2.0])
    TutorialAdam().update(mine, np.ones(2))
    return bool((mine != [1.0, 2.0]).any())


def after_a_nan() -> float:
    """Return the tutorial's x ten steps after one gradient was not a number (6d)."""
    adam, x = TutorialAdam(lr=0.1), np.array([1.0])
    x = adam.update(x, np.array([np.nan]))
    for _ in range(10):
        x = adam.update(x, np.array([1.0]))
    return float(x[0])


def decay_twice(name: str) -> np.ndarray:
    """Return where Adam + L2 (`adam`) or AdamW (`adamw`) is after 100 steps on Rosenbrock (14a)."""
    knobs = {"lr": LR, "weight_decay": DECAY}
    run = race(SURFACES["rosenbrock"], START, {name: knobs}, steps=STEPS, stop=None)[name]
    return run.x[-1]


def noisy_weight(decoupled: bool, noise: float = 30.0, weight_decay: float = 0.1) -> float:
    """Return a weight that starts at 10 and should only decay, after 1000 steps (14b).

    Its gradient is noise of this size, drawn with seed 2: with 30 and with 0 the tutorial's rule
    ends where the audit of its code did, at 9.988 and 9.022.
    """
    drawn = noise * np.random.default_rng(2).standard_normal(1000)
    x, m, v = 10.0, 0.0, 0.0
    for t, g in enumerate(drawn, 1):
        if decoupled:
            x *= 1 - 1e-3 * weight_decay
        else:
            g += weight_decay * x
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        x -= 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return float(x)


def first_steps(count: int = 10) -> list[float]:
    """Return the first step over η of ten equal parameters whose t is shared (14c)."""
    adam = TutorialAdam(lr=1.0)
    moments = [np.zeros(1), np.zeros(1)]
    steps = []
    for _ in range(count):
        adam.m, adam.v = (m.copy() for m in moments)
        steps.append(-float(adam.update(np.zeros(1), np.ones(1))[0]))
    return steps


def loss_and_gradient(n: int = 20, k: int = 5) -> float:
    """Return the tutorial's gradient over the gradient of the loss it reports (14d)."""
    rng = np.random.default_rng(0)
    out, y = rng.standard_normal((n, k)), rng.standard_normal((n, k))
    reported = 2 * (out - y) / out.size
    used = 2 * (out - y) / n
    return float(used[0, 0] / reported[0, 0])


def _point(x: np.ndarray) -> str:
    return f"({x[0]:.5f}, {x[1]:.5f})"


def _shared() -> tuple[str, str]:
    mixed, own = shared_state()
    return f"the second parameter moves {mixed:.3f} η", f"with its own moments it moves {own:.3f} η"


def _in_place() -> tuple[str, str]:
    told = "changes the caller's array" if changes_its_caller() else "leaves the array alone"
    return told, "a step returns a new state and changes nothing"


def _nan() -> tuple[str, str]:
    lost = SURFACES["rosenbrock"].f([np.nan, 0.0])
    told = f"ten steps later x is still {after_a_nan()}"
    return told, f"a run ends at its last finite point and says so (f there: {lost})"


def _decay() -> tuple[str, str]:
    return (
        f"“AdamW” ends at {_point(decay_twice('adam'))}: Adam + L2",
        f"AdamW ends at {_point(decay_twice('adamw'))}",
    )


def _noisy() -> tuple[str, str]:
    return (
        f"after 1000 steps from 10: {noisy_weight(False):.3f}; "
        f"without the noise {noisy_weight(False, 0.0):.3f}",
        f"AdamW: {noisy_weight(True):.3f}; without the noise {noisy_weight(True, 0.0):.3f}",
    )


def _clock() -> tuple[str, str]:
    steps = ", ".join(f"{s:.3f}" for s in first_steps()[:4])
    return (
        f"first steps of equal parameters: {steps} … η",
        "1 η each: t counts steps, not parameters",
    )


def _scaled() -> tuple[str, str]:
    return (
        f"the gradient is {loss_and_gradient():.0f} times the loss's",
        "2(out − y)/out.size: 1 time",
    )


def _decay_query() -> str:
    own = (("lr", LR), ("weight_decay", DECAY))
    rules = {"steps": STEPS, "stop": "none", "x0": START[0], "y0": START[1]}
    both = {"methods": ("adam", "adamw"), "hyper": (("adam", own), ("adamw", own))}
    return to_query(Race(surface="rosenbrock", **rules, **both), "race_")  # type: ignore[arg-type]


ROWS = (
    Pitfall("6b", "One m, v and t for every parameter", _shared, "State belongs to its parameter."),
    Pitfall("6c", "It writes into the caller's array", _in_place, "Copy, cast to float, return."),
    Pitfall("6d", "One gradient that is not a number", _nan, "Check what comes in, and clip."),
    Pitfall(
        "14a",
        "“AdamW” that is Adam + L2",
        _decay,
        "100 steps on Rosenbrock, η = 0.05, λ = 0.01.",
        _decay_query(),
    ),
    Pitfall(
        "14b",
        "Decay that large gradients divide away",
        _noisy,
        "L2 goes through √v: a weight with large gradients is hardly decayed.",
    ),
    Pitfall("14c", "t advances once per parameter", _clock, "Bias correction with the wrong t."),
    Pitfall(
        "14d", "A loss and a gradient that do not match", _scaled, "Divide both by the same number."
    ),
)
