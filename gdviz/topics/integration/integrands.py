"""The gallery of integrands: where rules shine, and where each of them fails."""

import math
from typing import NamedTuple


class Sample(NamedTuple):
    """An integrand as text, its range, the places that a quadrature must be told of, and why."""

    label: str
    text: str
    a: float
    b: float
    why: str
    points: tuple[float, ...] = ()
    reach: str = "ab"


SPIKE = 0.3
GALLERY = {
    "smooth": Sample(
        "Smooth", "1 + sin(2*x)*exp(-x/3)", 0.0, 4.0, "Every rule converges at its own order."
    ),
    "polynomial": Sample(
        "Polynomial of degree 5",
        "x**5/4 - x**3 + x/2 + 1",
        -1.0,
        2.0,
        "Three Gauss nodes are exact; Boole needs four strips.",
    ),
    "periodic": Sample(
        "Periodic",
        "exp(sin(x))",
        0.0,
        2 * math.pi,
        "Over a whole period the trapezoid rule beats every order: its errors cancel.",
    ),
    "bell": Sample(
        "Bell on the whole line",
        "exp(-x**2)",
        -2.0,
        2.0,
        "An infinite range is carried to a finite one, or handed to Gauss–Hermite.",
        reach="line",
    ),
    "kink": Sample(
        "Kink",
        "exp(-3*abs(x - 0.3))",
        -1.0,
        1.0,
        "Across a corner equal strips do no better than order two; an adaptive rule goes there.",
        (0.3,),
    ),
    "jump": Sample(
        "Jump",
        "heaviside(x - 0.3) + x/4",
        -1.0,
        1.0,
        "Equal strips fall back to order one: the one with the jump errs by a share of its width.",
        (0.3,),
    ),
    "spike": Sample(
        "Spike",
        "exp(-50000000*(x - 0.3)**2) + 0.05",
        -1.0,
        1.0,
        "A peak of width 0.0001: until a node falls on it, all rules agree, and all are wrong.",
        (SPIKE - 0.001, SPIKE, SPIKE + 0.001),
    ),
    "oscillation": Sample(
        "Oscillation",
        "1 + sin(40*x)",
        0.0,
        3.0,
        "Fewer than two nodes a wave see a wave that is not there.",
    ),
    "runge": Sample(
        "Runge's function",
        "1/(1 + 25*x**2)",
        -1.0,
        1.0,
        "Poles at ±i/5 beside the range decide how fast Gauss converges.",
        (0.0,),
    ),
    "endpoint": Sample(
        "Singular end",
        "1/sqrt(x)",
        0.0,
        1.0,
        "Infinite at 0, and yet the integral is 2: closed rules stop, tanh–sinh does not care.",
    ),
    "heavy": Sample(
        "Heavy tail",
        "x**2/(pi*(1 + x**2))",
        -3.0,
        3.0,
        "x² times the Cauchy density: each rule gives a number, and there is none.",
        reach="line",
    ),
}
