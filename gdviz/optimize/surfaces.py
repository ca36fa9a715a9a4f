"""Functions of two variables worth descending; each is text and says what it teaches."""

from gdviz.optimize.problems import Problem, surface

SURFACES: dict[str, Problem] = {
    "rosenbrock": surface(
        "(1 - x)**2 + 100*(y - x**2)**2",
        name="Rosenbrock",
        box=((-2.0, 2.0), (-1.0, 3.0)),
        start=(-1.5, 2.0),
        minima=((1.0, 1.0),),
        teaches="A curved valley: easy to find, slow to follow.",
    ),
    "himmelblau": surface(
        "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        name="Himmelblau",
        box=((-6.0, 6.0), (-6.0, 6.0)),
        start=(-0.15, 0.67),
        minima=(
            (3.0, 2.0),
            (3.584428340330492, -1.8481265269644034),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
        ),
        teaches="Four minima, equally deep: the start decides.",
    ),
    "bowl": surface(
        "x**2/2 + 10*y**2/2",
        name="Bowl",
        box=((-4.0, 4.0), (-2.0, 2.0)),
        start=(-3.0, 1.5),
        minima=((0.0, 0.0),),
        teaches="Condition number 10: the steep direction limits η, the flat one pays for it.",
    ),
    "saddle": surface(
        "x**2 - y**2",
        name="Saddle",
        box=((-2.0, 2.0), (-2.0, 2.0)),
        start=(1.5, 1e-3),
        teaches="The gradient vanishes at the origin, which is no minimum.",
    ),
}
