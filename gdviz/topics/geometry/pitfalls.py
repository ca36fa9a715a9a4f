"""The mistakes of the tutorial's geometry, live: its own algorithm beside the corrected one."""

import numpy as np

from gdviz.catalogue.pitfall import Pitfall
from gdviz.geometry import GeometryError, christoffel, distance, metric, parallel_transport


class TutorialGeometry:
    """The tutorial's class, mistakes kept."""

    def __init__(self, distribution_family: str = "gaussian") -> None:
        self.family = distribution_family

    def fisher_metric(self, theta: np.ndarray) -> np.ndarray | None:
        """Return the metric of the normal; nothing for any other family."""
        if self.family == "gaussian":
            sigma = theta[1]
            return np.array([[1 / (sigma**2), 0], [0, 2 / (sigma**2)]])
        return None

    def geodesic_distance(self, one: np.ndarray, other: np.ndarray, steps: int = 100) -> float:
        """Return the length of the straight line, by `steps` midpoints."""
        path = np.linspace(one, other, steps)
        total = 0.0
        for i in range(steps - 1):
            delta = path[i + 1] - path[i]
            g = self.fisher_metric((path[i] + path[i + 1]) / 2)
            total += float(np.sqrt(np.dot(delta, np.dot(g, delta))))  # type: ignore[arg-type]
        return total

    def compute_christoffel_symbols(self, theta: np.ndarray) -> np.ndarray:
        """Return the derivatives of the metric, which are no Christoffel symbols yet."""
        h, dim = 1e-7, len(theta)
        symbols = np.zeros((dim, dim, dim))
        for i in range(dim):
            plus, minus = theta.copy(), theta.copy()
            plus[i] += h
            minus[i] -= h
            change = self.fisher_metric(plus) - self.fisher_metric(minus)  # type: ignore[operator]
            symbols[:, :, i] = change / (2 * h)
        return symbols

    def parallel_transport(
        self, theta: np.ndarray, vector: np.ndarray, direction: np.ndarray, epsilon: float = 1e-5
    ) -> np.ndarray:
        """Return the vector after one step of a hundred-thousandth."""
        symbols = self.compute_christoffel_symbols(theta)
        return vector + epsilon * -np.einsum("ijk,j,k", symbols, direction, vector)


def _symbols_at(theta: list[float]) -> tuple[str, str]:
    wrong = TutorialGeometry().compute_christoffel_symbols(np.array(theta))
    right = christoffel("normal", theta)
    return (
        f"[μμσ] = {wrong[0, 0, 1]:.4g}, [σσσ] = {wrong[1, 1, 1]:.4g}, the rest "
        f"{abs(wrong[0, 1]).max():.2g}: these are ∂g",
        f"Γᵘ_μσ = {right[0, 0, 1]:.4g}, Γˢ_μμ = {right[1, 0, 0]:.4g}, Γˢ_σσ = {right[1, 1, 1]:.4g}",
    )


def _whole_numbers() -> tuple[str, str]:
    with np.errstate(divide="ignore", invalid="ignore"):
        wrong = TutorialGeometry().compute_christoffel_symbols(np.array([0, 1]))
    right = christoffel("normal", np.array([0, 1]))
    return (
        f"with θ = [0, 1] as whole numbers: {wrong[1, 1, 1]}",
        f"Γˢ_σσ = {right[1, 1, 1]:.4g}: every θ is taken as floats",
    )


def _straight() -> tuple[str, str]:
    pairs = (((0, 1), (1, 2)), ((0, 1), (4, 1)), ((0, 0.1), (1, 0.1)), ((0, 0.01), (1, 0.01)))
    wrong = [TutorialGeometry().geodesic_distance(np.array(a), np.array(b)) for a, b in pairs]
    right = [float(distance("normal", a, b)) for a, b in pairs]
    return " · ".join(f"{d:.5f}" for d in wrong), " · ".join(f"{d:.5f}" for d in right)


def _steps() -> tuple[str, str]:
    a, b = np.array([0, 0.01]), np.array([0, 10.0])
    few, many = (TutorialGeometry().geodesic_distance(a, b, n) for n in (100, 1000))
    return (
        f"100 steps: {few:.3f}; 1000 steps: {many:.3f}",
        f"{float(distance('normal', a, b)):.5f}, in closed form",
    )


def _transport() -> tuple[str, str]:
    a, step = np.array([0.0, 1.0]), np.array([1.0, 1.0])
    moved = [TutorialGeometry().parallel_transport(a, np.array(v), step) for v in _BASIS]
    right = parallel_transport("normal", a, a + step, _BASIS)
    return (
        " and ".join(f"({v[0]:.6f}, {v[1]:.6f})" for v in moved),
        " and ".join(f"({v[0]:.6f}, {v[1]:.6f})" for v in right) + ", that is (34, −12)/19 …",
    )


_BASIS = [[1.0, 0.0], [0.0, 1.0]]


def _outside() -> tuple[str, str]:
    wrong = TutorialGeometry().fisher_metric(np.array([0.0, -1.0]))
    other = TutorialGeometry("gamma").fisher_metric(np.array([1.0, 1.0]))
    try:
        metric("normal", [0, -1])
    except GeometryError as error:
        said = str(error)
    return f"σ = −1 gives {wrong.tolist()}; a gamma gives {other}", said  # type: ignore[union-attr]


ROWS = (
    Pitfall(
        "13a",
        "Derivatives of the metric are not Christoffel symbols",
        lambda: _symbols_at([0.0, 1.0]),
        "Γ = ½ g⁻¹(∂g + ∂g − ∂g). At (0, 1).",
    ),
    Pitfall("13b", "The same at (1, 2)", lambda: _symbols_at([1.0, 2.0]), "They shrink as 1/σ."),
    Pitfall(
        "13c",
        "Whole numbers",
        _whole_numbers,
        "σ − 10⁻⁷ put into an array of integers is 0, and 1/0 follows.",
    ),
    Pitfall(
        "13d",
        "The straight line is not the shortest",
        _straight,
        "(0, 1)→(1, 2), (0, 1)→(4, 1), (0, 0.1)→(1, 0.1), (0, 0.01)→(1, 0.01): lengths.",
    ),
    Pitfall(
        "13e",
        "A hundred steps, wherever",
        _steps,
        "From σ = 0.01 to 10 the first of even steps is the longest by far.",
    ),
    Pitfall(
        "13f",
        "One step of a hundred-thousandth is no transport",
        _transport,
        "(1, 0) and (0, 1) from (0, 1) to (1, 2). The angle with the geodesic is what is kept.",
    ),
    Pitfall(
        "13g",
        "Nothing is checked",
        _outside,
        "A sentence is better than a number that means nothing.",
    ),
)
