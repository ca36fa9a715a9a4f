"""Functions of one variable worth descending; each is text and says what it teaches."""

import numpy as np
from scipy.optimize import brentq

from gdviz.optimize.problems import Problem, function

SCAN = 2001  # points between which a minimum is bracketed


def entry(name: str, text: str, lo: float, hi: float, start: float, teaches: str) -> Problem:
    return function(text, name=name, box=((lo, hi),), start=(start,), teaches=teaches)


FUNCTIONS: dict[str, Problem] = {
    "parabola": entry(
        "Parabola",
        "x**2",
        -3,
        3,
        2.0,
        "Every rule of thumb about η is exact here: the limit is 2/f″ = 1.",
    ),
    "shifted": entry(
        "Shifted parabola",
        "(x - 2)**2 + 1",
        -2,
        6,
        5.0,
        "The minimum value is not zero: watch f − f*.",
    ),
    "flat": entry(
        "Flat parabola",
        "1e-4*x**2",
        -6,
        6,
        5.0,
        "A rule that stops when f hardly changes stops at the start.",
    ),
    "double_well": entry(
        "Two minima",
        "x**4 - 3*x**2 + x",
        -2.2,
        2.2,
        2.0,
        "Which minimum you reach depends on the start, and on η.",
    ),
    "absolute": entry(
        "Absolute value",
        "abs(x)",
        -3,
        3,
        2.0,
        "The slope never shrinks: a fixed step jumps over 0 for ever, unless it lands on it.",
    ),
    "huber": entry(
        "Huber",
        "min(abs(x), 1)**2/2 + abs(x) - min(abs(x), 1)",
        -4,
        4,
        3.5,
        "Linear far out, a parabola near the minimum.",
    ),
    "log_cosh": entry(
        "log cosh",
        "log(cosh(x))",
        -4,
        4,
        3.5,
        "Smooth everywhere; plain Newton still overshoots far out.",
    ),
    "wavy": entry(
        "Wavy bowl",
        "sin(3*x) + 0.1*x**2",
        -6,
        6,
        5.0,
        "Momentum can roll through small dips that stop plain descent.",
    ),
    "x_sin_x": entry(
        "x sin x",
        "x*sin(x)",
        -10,
        10,
        4.0,
        "The valleys grow deeper outwards: no minimum is the last.",
    ),
    "rastrigin": entry(
        "Rastrigin",
        "10 + x**2 - 10*cos(2*pi*x)",
        -5.12,
        5.12,
        4.3,
        "A minimum close to each whole number, and the one at 0 is global.",
    ),
    "ackley": entry(
        "Ackley",
        "20 - 20*exp(-abs(x)/5) + e - exp(cos(2*pi*x))",
        -5,
        5,
        3.3,
        "Nearly flat with dimples far out, a sharp funnel in the middle.",
    ),
    "plateau": entry(
        "Sigmoid plateau",
        "(1/(1 + exp(-x)) - 0.2)**2",
        -6,
        12,
        6.0,
        "A saturated neuron: far out the gradient all but vanishes.",
    ),
    "cliff": entry(
        "Cliff",
        "x**2/20 + 2/(1 + exp(-20*(x - 1)))",
        -4,
        6,
        4.0,
        "One step that lands on the cliff is thrown far away.",
    ),
    "cubic": entry(
        "x³: no minimum", "x**3", -2, 2, 1.5, "The gradient vanishes at 0, yet 0 is not a minimum."
    ),
}


def local_minima(problem: Problem, lo: float, hi: float) -> np.ndarray:
    """Return the local minima of a function of one variable inside [lo, hi], in order, `(n,)`.

    They are bracketed by a fall and a rise between neighbouring points of a scan, then f′ = 0 is
    solved by Brent's method; where f has a kink instead, the lowest point of the scan is refined.
    """
    x = np.linspace(lo, hi, SCAN)
    f = problem.f(x[:, None])
    dips = [
        i for i in range(1, SCAN - 1) if np.isfinite(f[i]) and f[i] < f[i - 1] and f[i] <= f[i + 1]
    ]
    found = [_refine(problem, x[i - 1], x[i + 1]) for i in dips]
    return np.array([point for point in found if point is not None])


def _refine(problem: Problem, lo: float, hi: float) -> float | None:
    def slope(x: float) -> float:
        return float(np.nan_to_num(problem.grad([x])[0]))  # a kink may have no slope: √|x| at 0

    if not (slope(lo) < 0 < slope(hi)):
        return None
    return float(brentq(slope, lo, hi, xtol=1e-14, maxiter=1000))
