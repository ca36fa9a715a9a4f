"""The mistakes of the tutorial's natural gradient, live: its algorithm beside the corrected one."""

import numpy as np

from gdviz.catalogue.pitfall import Pitfall
from gdviz.geometry import empirical_fisher, logistic
from gdviz.geometry.likelihoods import sigmoid

BATCH = 32


class TutorialNet:
    """The tutorial's model, mistakes kept: one layer, whose “gradient” is its output."""

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        rng = np.random.default_rng(0)
        self.parameters = rng.standard_normal((inputs, hidden)) * 0.01

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return tanh(X W)."""
        return np.tanh(np.dot(X, self.parameters))

    def compute_gradients(
        self, output: np.ndarray, targets: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the output, or the residual; neither is a derivative by the parameters."""
        return output if targets is None else (output - targets).flatten()


class TutorialNaturalGradient:
    """The tutorial's optimizer, mistakes kept."""

    def __init__(self, learning_rate: float = 0.1, damping: float = 1e-4) -> None:
        self.lr, self.damping = learning_rate, damping

    def compute_fisher_matrix(self, model: TutorialNet, X: np.ndarray) -> np.ndarray:
        """Return its “Fisher matrix”: one row a batch, of batch size times outputs."""
        gradients = []
        for i in range(0, len(X), BATCH):
            output = model.forward(X[i : i + BATCH])
            gradients.append(model.compute_gradients(output).reshape(1, -1))
        stacked = np.vstack(gradients)
        fisher = np.dot(stacked.T, stacked) / len(X)
        return fisher + np.eye(fisher.shape[0]) * self.damping

    def update_parameters(self, model: TutorialNet, X: np.ndarray, y: np.ndarray) -> None:
        """Take its step, if it can."""
        fisher = self.compute_fisher_matrix(model, X)
        gradients = model.compute_gradients(model.forward(X), y)
        step = np.linalg.solve(fisher, gradients)
        model.parameters -= self.lr * step.reshape(model.parameters.shape)


def data(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return its inputs and its targets, which are noise."""
    rng = np.random.default_rng(1)
    return rng.standard_normal((n, 10)), rng.standard_normal((n, 5))


def try_update(n: int) -> str:
    """Return what happens to the tutorial's step with n rows."""
    model = TutorialNet(10, 5, 1)
    try:
        TutorialNaturalGradient().update_parameters(model, *data(n))
    except ValueError as error:
        return f"{n} rows: {type(error).__name__}, {str(error)[:70]}"
    return f"{n} rows: a step"


def gauss_newton(model: TutorialNet, X: np.ndarray) -> np.ndarray:
    """Return JᵀJ/n of its outputs by its parameters: its Fisher matrix with noise of variance 1."""
    slope = 1 - model.forward(X) ** 2
    J = X[:, None, :, None] * slope[:, :, None, None] * np.eye(5)[:, None, :]  # row, out, in, out
    flat = J.reshape(len(X) * 5, -1)
    return flat.T @ flat / len(X)


def _crash() -> tuple[str, str]:
    F = gauss_newton(TutorialNet(10, 5, 1), data(1000)[0])
    return f"{try_update(1000)}; {try_update(1024)}", f"a Fisher matrix {F.shape} for 50 parameters"


def _not_a_gradient() -> tuple[str, str]:
    model, (X, _) = TutorialNet(10, 5, 1), data(1024)
    fake = TutorialNaturalGradient(damping=0).compute_fisher_matrix(model, X)
    values = np.linalg.eigvalsh(fake)
    rank = int((values > 1e-12 * values[-1]).sum())
    true = np.linalg.eigvalsh(gauss_newton(model, X))
    return (
        f"{fake.shape}, rank {rank}, largest eigenvalue {values[-1]:.2g}",
        f"(50, 50), eigenvalues {true[0]:.3f} … {true[-1]:.3f}",
    )


def traces() -> tuple[float, float, float]:
    """Return the trace of batch means' outer products over n, of the true and the empirical one."""
    rng = np.random.default_rng(2)
    X = rng.standard_normal((1024, 3))
    w = np.array([1.0, -0.5, 0.25])
    y = (rng.random(1024) < sigmoid(X @ w)).astype(float)
    problem = logistic(X, y)
    scores = problem.scores(w)
    means = scores.reshape(-1, BATCH, 3).mean(1)
    wrong = float(np.trace(means.T @ means / len(X)))
    return wrong, float(np.trace(problem.fisher(w))), float(np.trace(empirical_fisher(scores)))


def _means() -> tuple[str, str]:
    wrong, true, seen = traces()
    return f"trace {wrong:.3g}", f"true {true:.4f}; a row a datum, empirical: {seen:.4f}"


def _noise() -> tuple[str, str]:
    model, (X, y) = TutorialNet(10, 5, 1), data(1000)
    W = np.linalg.lstsq(X, y, rcond=None)[0]
    left = 1 - ((y - X @ W) ** 2).sum() / ((y - y.mean(0)) ** 2).sum()
    rng = np.random.default_rng(3)
    planted = X @ rng.standard_normal((10, 5)) + rng.standard_normal(y.shape)
    W = np.linalg.lstsq(X, planted, rcond=None)[0]
    won = 1 - ((planted - X @ W) ** 2).sum() / ((planted - planted.mean(0)) ** 2).sum()
    shape = model.forward(X).shape
    return (
        f"asked for 1 output, gives {shape[1]}; the best linear fit explains {left:.1%} of noise",
        f"with a planted signal the same fit explains {won:.0%}",
    )


ROWS = (
    Pitfall(
        "12a",
        "It cannot take a step",
        _crash,
        "The Fisher matrix has a row and a column a parameter, not a row of a batch.",
    ),
    Pitfall(
        "12b",
        "The “gradient” is the output",
        _not_a_gradient,
        "A score is the derivative of the log-likelihood by the parameters.",
    ),
    Pitfall(
        "12c",
        "Outer products of batch means",
        _means,
        "The mean of products is not the product of means: Σ g gᵀ / n over single data. Logistic "
        "regression, n = 1024, batches of 32.",
    ),
    Pitfall(
        "12d",
        "Targets of pure noise",
        _noise,
        "There is nothing to learn: a bad optimizer looks as good as the best.",
    ),
)
