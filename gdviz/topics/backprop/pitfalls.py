"""The mistakes of the tutorial's networks, live: its own algorithm beside the corrected one."""

import numpy as np

from gdviz.cache import cached
from gdviz.catalogue.pitfall import Pitfall
from gdviz.learn import forward, init_params, loss_and_grads, train
from gdviz.learn.activations import sigmoid
from gdviz.learn.network import flat, unflat


def tutorial_backward(X: np.ndarray, y: np.ndarray, activations: np.ndarray) -> np.ndarray:
    """The tutorial's backward pass of one layer: a − y, whatever loss and activation are."""
    return X.T @ (activations - y) / len(X)


class TutorialLayer:
    """The tutorial's layer, mistakes kept: weights of 0.01, a summed gradient, updates inside."""

    def __init__(self, inputs: int, outputs: int, seed: int = 0) -> None:
        self.weights = np.random.default_rng(seed).standard_normal((inputs, outputs)) * 0.01
        self.bias = np.zeros((1, outputs))
        self.input: np.ndarray | None = None

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return XW + b, and remember X."""
        self.input = X
        return X @ self.weights + self.bias

    def backward(self, upstream: np.ndarray, learning_rate: float = 0.01) -> np.ndarray:
        """Change the weights by the sum over the batch, and return the gradient by the input."""
        dW = self.input.T @ upstream  # type: ignore[union-attr]
        dinput = upstream @ self.weights.T
        self.weights -= learning_rate * dW
        self.bias -= learning_rate * upstream.sum(axis=0, keepdims=True)
        return dinput


def sum_over_batch(n: int, mean: bool, steps: int = 100, lr: float = 0.01) -> float:
    """Return the squared error after 100 steps on n samples of a line, by sum or by mean (4a)."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 3))
    y = X @ np.array([[1.0], [-2.0], [0.5]])
    layer = TutorialLayer(3, 1)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            off = layer.forward(X) - y
            layer.backward(off / n if mean else off, lr * (20 if mean else 1))
        return float(np.mean((layer.forward(X) - y) ** 2))


def deltas() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the tutorial's gradient under sigmoid + squared error, ours, and by differences."""
    rng = np.random.default_rng(1)
    X, y, W = rng.standard_normal((6, 3)), rng.random((6, 1)), rng.standard_normal((3, 1))
    params = [(W, np.zeros(1))]
    wrong = tutorial_backward(X, y, sigmoid(X @ W))
    _, grads = loss_and_grads(params, X, y, loss="sigmoid_mse")
    return wrong.ravel(), grads[0][0].ravel(), _differences(params, X, y)[:3]


def _differences(params: list, X: np.ndarray, y: np.ndarray, h: float = 1e-6) -> np.ndarray:
    theta = flat(params)

    def value(t: np.ndarray) -> float:
        return loss_and_grads(unflat(t, (3, 1)), X, y, loss="sigmoid_mse")[0]

    steps = h * np.eye(len(theta))
    return np.array([(value(theta + s) - value(theta - s)) / (2 * h) for s in steps])


def twice() -> tuple[float, float]:
    """Return how far a second, identical call of `backward` differs: the tutorial's, ours (4b)."""
    rng = np.random.default_rng(2)
    X, upstream = rng.standard_normal((32, 10)), rng.standard_normal((32, 5))
    layer = TutorialLayer(10, 5)
    layer.forward(X)
    first, second = layer.backward(upstream), layer.backward(upstream)
    params, y = init_params([10, 5]), rng.random((32, 5))
    one, two = (flat(loss_and_grads(params, X, y)[1]) for _ in range(2))
    return float(np.abs(first - second).max()), float(np.abs(one - two).max())


def spread_after(scheme: str, layers: int = 6, width: int = 10) -> float:
    """Return the spread of a signal behind six linear layers of ten (4c)."""
    X = np.random.default_rng(3).standard_normal((1000, width))
    return float(forward(init_params([width] * (layers + 1), scheme), X, "identity").std())


@cached
def train_epochs(
    sizes: tuple[int, ...], scheme: str, lr: float, epochs: int, xor: bool = False
) -> float:
    """Return the loss of a sigmoid network after gradient descent on the whole set (8)."""
    if xor:
        X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])
    else:
        X = np.random.default_rng(0).standard_normal((100, 3))
        y = (X.sum(axis=1) > 0).astype(float)
    params = init_params(sizes, scheme, seed=1)
    done = train(params, X, y, activation="sigmoid", loss="bce", lr=lr, epochs=epochs)
    return float(done.losses[-1])


def first_layer(scheme: str) -> tuple[float, float]:
    """Return the gradient's norms in the first and the last layer of a deep sigmoid net (8b)."""
    X = np.random.default_rng(0).standard_normal((100, 3))
    y = (X.sum(axis=1) > 0).astype(float)
    _, grads = loss_and_grads(init_params([3, 8, 8, 8, 1], scheme, seed=1), X, y, "sigmoid")
    norms = [float(np.linalg.norm(W)) for W, _ in grads]
    return norms[0], norms[-1]


def _row_3b() -> tuple[str, str]:
    wrong, right, by_difference = deltas()
    off = float(np.abs(right - by_difference).max())
    return f"∂L/∂W = {_three(wrong)}", f"∂L/∂W = {_three(right)}, {off:.0e} from differences"


def _three(values: np.ndarray) -> str:
    return "(" + ", ".join(f"{v:.4f}" for v in values) + ")"


def _row_4a() -> tuple[str, str]:
    sizes = (150, 250, 1000)
    wrong = ", ".join(f"{sum_over_batch(n, False):.1e}" for n in sizes)
    right = ", ".join(f"{sum_over_batch(n, True):.1e}" for n in sizes)
    words = "squared error with 150, 250, 1000 samples: "
    return words + wrong, words + right


def _row_4b() -> tuple[str, str]:
    wrong, right = twice()
    return (
        f"the same call again differs by {wrong:.1e}",
        f"the same call again differs by {right:g}",
    )


def _row_4c() -> tuple[str, str]:
    wrong, right = spread_after("normal"), spread_after("xavier")
    return f"spread behind six layers {wrong:.1e}", f"with Xavier {right:.2f}"


def _row_8a() -> tuple[str, str]:
    wrong, right = (train_epochs((3, 4, 1), s, 0.01, 1000) for s in ("normal", "xavier"))
    return f"loss after 1000 epochs {wrong:.4f}", f"with Xavier {right:.4f}"


def _row_8b() -> tuple[str, str]:
    small, fine = first_layer("normal"), first_layer("xavier")
    words = "gradient of the first layer {:.0e}, of the last {:.0e}"
    return words.format(*small), words.format(*fine)


def _row_8c() -> tuple[str, str]:
    wrong, right = (train_epochs((2, 4, 1), s, 1.0, 5000, xor=True) for s in ("normal", "xavier"))
    return f"XOR after 5000 epochs: {wrong:.5f} (ln 2)", f"with Xavier {right:.5f}"


def from_probability(z: float, y: float) -> float:
    """Return the cross-entropy as probabilities give it (8e)."""
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-np.float64(z)))
        return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)))


def _row_8e() -> tuple[str, str]:
    params = [(np.array([[40.0]]), np.zeros(1))]
    right = loss_and_grads(params, [[1.0]], [1.0])[0]
    return f"loss at z = 40, y = 1: {from_probability(40.0, 1.0)}", f"from the logit: {right:.4g}"


ROWS = (
    Pitfall(
        "3b",
        "δ = a − y for every loss",
        _row_3b,
        "It holds where output and loss belong together: sigmoid or softmax with cross-entropy, "
        "the "
        "identity with half the squared error. Under the squared error the slope of the sigmoid "
        "belongs in δ as well.",
    ),
    Pitfall(
        "4a",
        "A gradient summed over the batch",
        _row_4a,
        "A sum grows with the batch, and the learning rate does not know: divide by n once, in the "
        "loss. (On the right, 20 times the rate.)",
    ),
    Pitfall(
        "4b",
        "A backward pass that also updates",
        _row_4b,
        "Asked twice it answers differently, and cannot be checked. Return gradients; let the "
        "optimizer apply them.",
    ),
    Pitfall("4c", "Weights of 0.01 whatever the width", _row_4c, "Variance 2/(in + out) keeps it."),
    Pitfall(
        "8a", "0.01 under a sigmoid", _row_8a, "All units say the same, the output stays at 1/2."
    ),
    Pitfall("8b", "0.01, three hidden layers deep", _row_8b, "A product of many small numbers."),
    Pitfall("8c", "0.01 on XOR", _row_8c, "The plateau is where all units are alike."),
    Pitfall(
        "8e",
        "Cross-entropy from probabilities",
        _row_8e,
        "1 − p is 0 when z = 40, and 0·log 0 is not a number; log(1 + e⁻ᶻ) has all its digits.",
    ),
)
