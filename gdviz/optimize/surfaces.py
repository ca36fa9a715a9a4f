"""Functions of two variables worth descending; each is text and says what it teaches."""

from fractions import Fraction
from itertools import product
from math import pi

from gdviz.optimize.likelihood_surfaces import normal_likelihood
from gdviz.optimize.problems import Box, Problem
from gdviz.optimize.surface_minima import (
    ACKLEY,
    DEEP,
    RASTRIGIN,
    SHALLOW,
    Points,
    with_mirror_images,
)


def rosenbrock(a: float = 1.0, b: float = 100.0) -> Problem:
    """Return Rosenbrock's valley (a − x)² + b(y − x²)², with its minimum at (a, a²) (1960).

    Raises `ValueError` unless b > 0.
    """
    if not b > 0:
        raise ValueError(f"Rosenbrock's valley needs b > 0, not {b:g}.")
    return Problem(
        f"({_number(a)} - x)**2 + {_number(b)}*(y - x**2)**2",
        ("x", "y"),
        name="Rosenbrock",
        box=((-2.0, 2.0), (-1.0, 3.0)),
        start=(-1.5, 2.0),
        minima=((float(a), float(a) ** 2),),
        teaches="A curved valley: easy to find, slow to follow.",
        residuals=(f"{_number(a)} - x", f"sqrt({_number(b)})*(y - x**2)"),
    )


def quadratic(condition: float = 10.0, angle: float = 0.0) -> Problem:
    """Return the bowl u²/2 + condition·v²/2, with u and v the axes turned by `angle` degrees.

    The eigenvalues of its Hessian are 1 and `condition`. Raises `ValueError` unless condition > 0.
    """
    if not condition > 0:
        raise ValueError(f"a bowl needs a condition number > 0, not {condition:g}.")
    turn, k = _turn(angle), _number(condition)
    u = f"(x*cos({turn}) + y*sin({turn}))" if angle else "x"
    v = f"(y*cos({turn}) - x*sin({turn}))" if angle else "y"
    return Problem(
        f"{u}**2/2 + {k}*{v}**2/2",
        ("x", "y"),
        name="Rotated bowl" if angle else "Bowl",
        box=((-3.0, 3.0), (-2.0, 2.0)) if angle else ((-4.0, 4.0), (-2.0, 2.0)),
        start=(-2.5, 0.5) if angle else (-3.0, 1.5),
        minima=((0.0, 0.0),),
        teaches=f"Condition number {k}: the steep direction limits η, the flat one pays for it."
        + (" Rates per coordinate do not help against a rotation." if angle else ""),
        residuals=(f"{u}/sqrt(2)", f"sqrt({k}/2)*{v}"),
    )


def _number(value: float) -> str:
    """Return a number as it is typed, every digit kept."""
    return repr(float(value)).removesuffix(".0")


def _turn(angle: float) -> str:
    """Return an angle in degrees as text in radians: 30 is `pi/6`."""
    part = Fraction(angle) / 180
    if part.denominator > 360:
        return f"{_number(angle)}*pi/180"
    top = {1: "pi", -1: "-pi"}.get(part.numerator, f"{part.numerator}*pi")
    return top if part.denominator == 1 else f"{top}/{part.denominator}"


def _square(half: float) -> Box:
    return ((-half, half), (-half, half))


def entry(
    name: str,
    text: str,
    box: Box,
    start: tuple[float, float],
    minima: Points,
    teaches: str,
    residuals: tuple[str, ...] = (),
) -> Problem:
    # Unchecked, unlike `surface`: two dozen formulas would cost a page its start; the tests read
    # them all.
    return Problem(text, ("x", "y"), name, box, start, minima, teaches, residuals)


SURFACES: dict[str, Problem] = {
    "rosenbrock": rosenbrock(),
    "himmelblau": entry(
        "Himmelblau",
        "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        _square(6.0),
        (-0.15, 0.67),
        (
            (3.0, 2.0),
            (3.5844283403304917, -1.8481265269644036),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.2831859912861696),
        ),
        "Four minima, equally deep: the start and the method decide.",
        ("x**2 + y - 11", "x + y**2 - 7"),
    ),
    "bowl": quadratic(),
    "rotated_bowl": quadratic(100.0, 30.0),
    "saddle": entry(
        "Saddle",
        "x**2 - y**2",
        _square(2.0),
        (1.5, 1e-3),
        (),
        "The gradient vanishes at the origin, which is no minimum.",
    ),
    "monkey_saddle": entry(
        "Monkey saddle",
        "x**3 - 3*x*y**2",
        _square(2.0),
        (1.5, 0.05),
        (),
        "Three ways down, and no curvature at all at the origin: Newton has nothing to divide by.",
    ),
    "beale": entry(
        "Beale",
        "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
        _square(4.5),
        (1.0, 1.6),
        ((3.0, 0.5),),
        "Steep walls around a flat floor: the rate that survives the walls crawls on the floor.",
        ("1.5 - x + x*y", "2.25 - x + x*y**2", "2.625 - x + x*y**3"),
    ),
    "booth": entry(
        "Booth",
        "(x + 2*y - 7)**2 + (2*x + y - 5)**2",
        _square(10.0),
        (-8.0, 7.0),
        ((1.0, 3.0),),
        "Linear least squares: Gauss-Newton and Newton need a single step.",
        ("x + 2*y - 7", "2*x + y - 5"),
    ),
    "matyas": entry(
        "Matyas",
        "0.26*(x**2 + y**2) - 0.48*x*y",
        _square(10.0),
        (-9.08, -7.83),
        ((0.0, 0.0),),
        "25 times as steep across the diagonal as along it, where nearly all of the way lies.",
        ("(x + y)/10", "(x - y)/2"),
    ),
    "trid": entry(
        "Trid",
        "(x - 1)**2 + (y - 1)**2 - x*y",
        _square(4.0),
        (-3.0, 1.0),
        ((2.0, 2.0),),
        "A tilted bowl of condition 3: here every sensible method is good.",
    ),
    "narrow_canyon": entry(
        "Narrow canyon",
        "x**2/10 + 50*(y - sin(2*x)/2)**2",
        ((-4.0, 4.0), (-1.5, 1.5)),
        (-3.5, 1.0),
        ((0.0, 0.0),),
        "A winding canyon: momentum that was right before the bend is wrong after it.",
        ("x/sqrt(10)", "sqrt(50)*(y - sin(2*x)/2)"),
    ),
    "abs_banana": entry(
        "Kinked banana",
        "(1 - x)**2 + 20*(y - abs(x))**2",
        ((-2.0, 2.0), (-1.0, 3.0)),
        (-1.5, 2.0),
        ((1.0, 1.0),),
        "A valley with a corner: at x = 0 the gradient jumps, and no small rate makes it smooth.",
        ("1 - x", "sqrt(20)*(y - abs(x))"),
    ),
    "plateau": entry(
        "Plateau",
        "1 - exp(-(x**2 + 3*y**2)/2)",
        ((-4.0, 4.0), (-3.0, 3.0)),
        (-2.5, 1.2),
        ((0.0, 0.0),),
        "Far out the gradient all but vanishes: plain descent stands still, adaptive rates walk.",
    ),
    "flower": entry(
        "Flower",
        "x*sin(y) + y*sin(x) + x**2 + y**2",
        _square(6.0),
        (-3.5, 2.75),
        ((0.0, 0.0),),
        "At the minimum the curvature along x = −y is zero: even Newton gets there only linearly.",
    ),
    "hills": entry(
        "Hills",
        "x**2 + 1.96*y**2 + 2*exp(-5*(x - 1)**2 - 9.8*y**2) + 6*exp(-5*(x + 1)**2 - 9.8*y**2)"
        " - 2*exp(-5*(x - 1)**2 - 5*(1.4*y + 1)**2)",
        _square(2.0),
        (-1.8, 0.2),
        (
            (0.9003065222993073, -0.6534011583039486),
            (0.04150712569956181, -0.0006403776376543042),
        ),
        "Two hills stand in the way of the hollow: go round them, or stop between them.",
    ),
    "three_hump_camel": entry(
        "Three-hump camel",
        "2*x**2 - 1.05*x**4 + x**6/6 + x*y + y**2",
        _square(2.5),
        (-2.2, -1.5),
        (
            (0.0, 0.0),
            (1.7475523458302888, -0.8737761729151444),
            (-1.7475523458302888, 0.8737761729151444),
        ),
        "Three valleys side by side: from the outer one enough momentum rolls on to the deepest.",
    ),
    "six_hump_camel": entry(
        "Six-hump camel",
        "(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (4*y**2 - 4)*y**2",
        ((-3.0, 3.0), (-2.0, 2.0)),
        (-2.4, 1.2),
        (
            (0.08984201310031806, -0.7126564030207396),
            (-0.08984201310031806, 0.7126564030207396),
            (1.703606714969981, -0.7960835686726251),
            (-1.703606714969981, 0.7960835686726251),
            (1.6071047529201972, 0.5686514548841314),
            (-1.6071047529201972, -0.5686514548841314),
        ),
        "Six minima in three pairs: colour the starts by where they end.",
    ),
    "styblinski_tang": entry(
        "Styblinski-Tang",
        "(x**4 - 16*x**2 + 5*x + y**4 - 16*y**2 + 5*y)/2",
        _square(5.0),
        (0.6, -0.4),
        ((DEEP, DEEP), (DEEP, SHALLOW), (SHALLOW, DEEP), (SHALLOW, SHALLOW)),
        "Each coordinate chooses its own well: four minima, one of them the deepest.",
    ),
    "goldstein_price": entry(
        "Goldstein-Price",
        "(1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))"
        "*(30 + (2*x - 3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))",
        _square(2.0),
        (-1.5, 1.0),
        ((0.0, -1.0), (-0.6, -0.4), (1.8, 0.2), (1.2, 0.8)),
        "Values from 3 to a million: no single rate suits all of it.",
    ),
    "branin": entry(
        "Branin",
        "(y - 5.1*x**2/(4*pi**2) + 5*x/pi - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10",
        ((-5.0, 10.0), (0.0, 15.0)),
        (5.5, 13.0),
        ((-pi, 12.275), (pi, 2.275), (3 * pi, 2.475)),
        "Three minima, equally deep, along one curved valley.",
    ),
    "mccormick": entry(
        "McCormick",
        "sin(x + y) + (x - y)**2 - 1.5*x + 2.5*y + 1",
        ((-1.5, 4.0), (-3.0, 4.0)),
        (3.5, -1.5),
        (
            (0.5 - pi / 3, -0.5 - pi / 3),
            (0.5 + 2 * pi / 3, -0.5 + 2 * pi / 3),
        ),
        "A ripple on a trough: the nearer minimum is not the deeper one.",
    ),
    "dixon_price": entry(
        "Dixon-Price",
        "(x - 1)**2 + 2*(2*y**2 - x)**2",
        ((-2.0, 4.0), (-2.0, 2.0)),
        (3.5, 0.05),
        ((1.0, 0.5**0.5), (1.0, -(0.5**0.5))),
        "Two mirrored minima with a saddle between: a tiny y decides which is reached.",
        ("x - 1", "sqrt(2)*(2*y**2 - x)"),
    ),
    "normal_likelihood": normal_likelihood(),
    "rastrigin": entry(
        "Rastrigin",
        "20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)",
        _square(5.12),
        (3.3, -2.4),
        tuple(product((0.0, *RASTRIGIN, *(-x for x in RASTRIGIN)), repeat=2)),
        "A minimum close to each pair of whole numbers, and the one at (0, 0) is the deepest.",
    ),
    "ackley": entry(
        "Ackley",
        "20 + e - 20*exp(-sqrt((x**2 + y**2)/2)/5) - exp((cos(2*pi*x) + cos(2*pi*y))/2)",
        _square(5.0),
        (-3.4, 2.6),
        with_mirror_images(ACKLEY),
        "Dimples on a funnel: at the bottom it is a cone, where no gradient tells of the end.",
    ),
}
