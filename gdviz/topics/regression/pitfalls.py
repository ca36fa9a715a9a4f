"""The mistakes of the tutorial's regression, batches and house prices: its own way beside ours."""

import warnings
from functools import lru_cache

import numpy as np

from gdviz.catalogue.pitfall import Pitfall
from gdviz.learn import closed_form, fit_linear, largest_stable_rate, scores
from gdviz.learn.linear_training import batches
from gdviz.topics.regression.houses.pitfalls import (
    TutorialHousePrices,
    _glued,
    _missing,
    _tall,
    _undefined,
    tutorial_data,
)
from gdviz.topics.regression.tutorial import (
    TutorialRegression,
    _line,
    standardised_diabetes,
    tutorial_batches,
)

# --- slide 2 -------------------------------------------------------------------------------------


def _column() -> tuple[str, str]:
    X, y = tutorial_data()
    model = TutorialRegression()
    try:
        model.fit(X, y)
        told = _line(model.weights, model.bias)
    except ValueError as error:
        told = f"it stops ({str(error)[:48]} …); {_line(model.weights, model.bias)}"
    fit = fit_linear(X, y, lr=0.1)
    return told, f"the column is flattened: {_line(fit.weights[-1], fit.bias[-1])}"


def silent_fit(rate: float = 0.03) -> TutorialRegression:
    """Return the tutorial's model, written `w = w - ...`, after its thousand epochs (2b)."""
    model = TutorialRegression(rate, in_place=False)
    with np.errstate(all="ignore"):
        model.fit(*tutorial_data())
    return model


def _silent() -> tuple[str, str]:
    model = silent_fit()
    X, y = tutorial_data()
    fit = fit_linear(X, y, lr=0.03)
    shapes = f"weights {model.weights.shape}, predictions {model.predict(X).shape}"
    end = f"at η = 0.03 w = {np.ravel(model.weights)[0]:.1e}, b = {model.bias:.1e}"
    return f"no error, but {shapes}; {end}", f"{_line(fit.weights[-1], fit.bias[-1])} at η = 0.03"


def broadcast_error() -> tuple[float, float]:
    """Return the MSE by broadcasting (100,) against (100, 1), and the right one (2c)."""
    X, y = tutorial_data()
    weights, bias = closed_form(X, y)
    prediction = X @ weights + bias
    return float(np.mean((prediction - y) ** 2)), scores(y, prediction).mse


def _broadcast() -> tuple[str, str]:
    wrong, right = broadcast_error()
    return f"MSE = {wrong:.3f}, a mean over 100 × 100 differences", f"MSE = {right:.5f}"


def _no_edge() -> tuple[str, str]:
    X, y = tutorial_data()
    model = TutorialRegression(3.0)
    with np.errstate(all="ignore"):
        model.fit(X, y[:, 0])
    fit = fit_linear(X, y, lr=3.0)
    return f"η = 3: {_line(model.weights, model.bias)}, and not a word", fit.reason


# --- slide 5 -------------------------------------------------------------------------------------


def rows_used(n: int, batch_size: int = 32) -> tuple[int, int]:
    """Return how many of n rows the tutorial's epoch uses, and how many ours (5a)."""
    X = np.arange(float(n))[:, None]
    theirs = sum(len(a) for a, _ in tutorial_batches(X, X, batch_size, lambda data: None))
    stream = batches(n, batch_size, 0)
    ours = np.concatenate([next(stream) for _ in range(-(-n // batch_size))])
    return theirs, len(set(ours.tolist()))


def _partial() -> tuple[str, str]:
    some, all_of = rows_used(100)
    few, all_few = rows_used(63)
    return f"{some} of 100 rows seen, {few} of 63", f"{all_of} of 100, {all_few} of 63"


def _no_batch() -> tuple[str, str]:
    X, y = np.ones((20, 1)), np.ones((20, 1))
    made = tutorial_batches(X, y, 32, lambda data: None)
    try:
        told = f"epoch loss {0 / len(made)}"
    except ZeroDivisionError:
        told = f"{len(made)} batches, then ZeroDivisionError in the mean loss"
    fit = fit_linear(np.arange(20.0)[:, None], np.arange(20.0), batch_size=32, steps=3)
    return (
        told,
        f"one batch of all 20 rows: {len(fit.loss) - 1} steps are {fit.epoch[-1]:.0f} epochs",
    )


def _flat() -> tuple[str, str]:
    X = np.arange(40.0)[:, None]
    try:
        tutorial_batches(X, np.arange(40.0), 8, lambda data: None)
        told = ""
    except ValueError as error:
        told = f"ValueError: {str(error)[:60]} …"
    fit = fit_linear(X, np.arange(40.0), batch_size=8, steps=5)
    return told, f"a flat y is as good as a column: {len(fit.loss) - 1} steps taken"


def global_state() -> tuple[float, float]:
    """Return the first draw of a legacy generator, and what it is once batches were drawn (5e)."""
    alone = np.random.RandomState(0)
    shared = np.random.RandomState(0)
    tutorial_batches(np.ones((100, 1)), np.ones((100, 1)), 32, shared.shuffle)
    return float(alone.random_sample()), float(shared.random_sample())


def _global() -> tuple[str, str]:
    before, after = global_state()
    kept = np.random.RandomState(0)
    fit_linear(*tutorial_data(), batch_size=32, steps=10)
    same = float(kept.random_sample())
    told = f"the next draw of everybody else: {before:.4f} becomes {after:.4f}"
    return told, f"a generator of one's own: {same:.4f} stays"


def running_loss() -> tuple[float, float]:
    """Return the tutorial's epoch loss, a mean while the weights move, and the loss after (5f)."""
    X, y = tutorial_data()
    X, y = 3 * X, 3 * y[:, 0]
    fit = fit_linear(X, y, lr=0.02, batch_size=8, steps=13, seed=0)
    stream = batches(100, 8, 0)
    means = [
        np.mean((X[rows] @ fit.weights[k] + fit.bias[k] - y[rows]) ** 2)
        for k, rows in zip(range(13), stream, strict=False)
    ]
    return float(np.mean(means)), 2 * float(fit.loss[-1])


def _running() -> tuple[str, str]:
    running, after = running_loss()
    return (
        f"epoch 1: MSE {running:.3f}",
        f"MSE {after:.3f}, of the weights that the epoch ends with",
    )


@lru_cache(maxsize=1)
def noise_floor(
    rates: tuple[float, ...] = (0.3, 0.1, 0.01), epochs: int = 60
) -> dict[float, float]:
    """Return the MSE over the last third of an SGD run with batches of 8, by rate (5g)."""
    X, y = tutorial_data()
    found = {}
    for rate in rates:
        fit = fit_linear(X, y, lr=rate, batch_size=8, steps=13 * epochs)
        found[rate] = 2 * float(np.mean(fit.loss[-13 * epochs // 3 :]))
    return found


def _floor() -> tuple[str, str]:
    floors = ", ".join(f"η = {rate:g}: {value:.6f}" for rate, value in noise_floor().items())
    X, y = tutorial_data()
    weights, bias = closed_form(X, y)
    decayed = fit_linear(X, y, lr=0.3, batch_size=8, steps=780, schedule="exponential")
    best = scores(y, X @ weights + bias).mse
    return (
        f"MSE never settles; {floors}",
        f"η = 0.3 that decays: {2 * decayed.loss[-1]:.6f}; the least: {best:.6f}",
    )


# --- slide 9 -------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def badly_conditioned() -> tuple[float, float, float]:
    """Return the weight of s1 after the tutorial's 1000 epochs, the truth, the worst error (9a)."""
    X, y = standardised_diabetes()
    model = TutorialHousePrices(0.01)
    model.fit(X, y)
    truth, _ = closed_form(X, y)
    return float(model.weights[4]), float(truth[4]), float(np.abs(model.weights - truth).max())


def _conditioned() -> tuple[str, str]:
    found, truth, error = badly_conditioned()
    X, y = standardised_diabetes()
    fit = fit_linear(X, y, method="nesterov", steps=1000)
    return (
        f"s1 gets {found:.2f} after 1000 epochs; the worst weight is off by {error:.1f}",
        f"s1 is {truth:.2f} in closed form; Nesterov at 1/L: {fit.weights[-1, 4]:.2f}",
    )


def _too_fast() -> tuple[str, str]:
    X, y = standardised_diabetes()
    model = TutorialHousePrices(1.5)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
        mse = float(np.mean((model.predict(X) - y) ** 2))
    edge = largest_stable_rate(X) / 2
    return f"η = 1.5: MSE {mse}", f"this loss, without the half, is stable below 1/L = {edge:.5f}"


ROWS = (
    Pitfall(
        "2a",
        "y is a column, the prediction is not",
        _column,
        "NumPy broadcasts (100,) − (100, 1) to (100, 100).",
    ),
    Pitfall(
        "2b",
        "Written w = w − …, it runs silently",
        _silent,
        "At η = 0.01 the wrong b comes out right by luck.",
    ),
    Pitfall(
        "2c",
        "A mean squared error of 10,000 differences",
        _broadcast,
        "Check shapes before you subtract.",
    ),
    Pitfall(
        "2d", "No look at the rate", _no_edge, "Beyond 2/L every step is longer than the last."
    ),
    Pitfall(
        "5a",
        "The last partial batch is dropped",
        _partial,
        "Divide by the size that a batch really has.",
    ),
    Pitfall("5b", "Fewer rows than a batch", _no_batch, "No batch, no mean."),
    Pitfall("5c", "X and y glued together", _glued, "Shuffle an index, never the data."),
    Pitfall("5d", "A flat y", _flat, "Both shapes of y are common; take both."),
    Pitfall(
        "5e", "The global generator", _global, "Pass a seed in, and nobody else's numbers change."
    ),
    Pitfall(
        "5f", "A loss of weights that move", _running, "Say “running”, or evaluate after the epoch."
    ),
    Pitfall(
        "5g",
        "A constant rate has a noise floor",
        _floor,
        "Batches of 8; the floor sinks with η, or with decay.",
    ),
    Pitfall(
        "9a",
        "Well-conditioned data hide the point",
        _conditioned,
        "κ of diabetes is 470: the slow directions take thousands of steps.",
    ),
    Pitfall(
        "9b", "One missing cell", _missing, "Not-a-number goes through every sum to every weight."
    ),
    Pitfall(
        "9c",
        "Twice the loss, half the edge",
        _too_fast,
        "The limit of η belongs to the loss: know L.",
    ),
    Pitfall("9d", "A column y again", _tall, "Flatten where the data come in."),
    Pitfall(
        "9e",
        "Scores that do not exist",
        _undefined,
        "R² compares with the variance of y; two rows are the least.",
    ),
)
