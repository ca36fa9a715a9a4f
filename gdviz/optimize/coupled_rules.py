"""Rules that look at all coordinates of a point at once: lengths, means, estimates of a distance.

They are written like elementwise rules, with `total` and `average` over the coordinates besides,
never one inside the other.
What they remember of the whole point stands once for each coordinate.
"""

from typing import Annotated, Any

import numpy as np

from gdviz.knobs import Range
from gdviz.optimize.elementwise import average, elementwise, total
from gdviz.optimize.rules import Beta1, Beta2, Decay, Epsilon, Momentum, Rate

First = Annotated[float, Range(1e-12, 1.0, "d₀", "The first guess of the distance.", log=True)]
Strength = Annotated[float, Range(0.0, 1.0, "strength γ", "How far a gradient is corrected.")]
Forget = Annotated[float, Range(0.1, 1.0, "forgetting", "A new square weighs t to minus this.")]
Bound = Annotated[float, Range(0.1, 10.0, "bound d", "The largest root mean square of a step.")]
Least = Annotated[float, Range(1e-8, 1.0, "ε₂", "The least size of a point.", log=True)]


@elementwise
def prodigy(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    s: Any,
    first: Any,
    r: Any,
    distance: Any,
    lr: Rate = 1.0,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
    d0: First = 1e-6,
) -> Any:
    """Prodigy: Adam whose rate is the distance to the solution, guessed from below as it goes.

    d ← max(d, r/‖s‖₁), where r sums how far the gradients say it has come from its start, and s the
    gradients. Mishchenko & Defazio 2024 (arXiv 2306.06101), the version of Adam, with the
    decay √β₂ of both sums as in the authors' code. η = 1 is natural.
    """
    first = np.where(t == 1, x, first)
    distance = np.where(t == 1, d0, distance)
    rate = lr * distance
    kept = np.sqrt(beta2)
    r = kept * r + distance / d0 * rate * total(g * (first - x))
    m = beta1 * m + (1 - beta1) * distance * g
    v = beta2 * v + (1 - beta2) * distance * distance * g * g
    s = kept * s + distance / d0 * rate * g
    size = total(np.abs(s))
    distance = np.maximum(distance, r / np.where(size > 0, size, 1.0))
    step = m / (np.sqrt(v) + distance * eps) + weight_decay * x
    return x - rate * step, m, v, s, first, r, distance


@elementwise
def d_adaptation(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    s: Any,
    r: Any,
    distance: Any,
    lr: Rate = 1.0,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    d0: First = 1e-6,
) -> Any:
    """D-Adaptation of Adam: the rate is the distance to the solution, guessed from below.

    d ← max(d, r/((1 − √β₂)‖s‖₁)), where s is a mean of steps ηd·g and r one of their products with
    the scaled s before. Defazio & Mishchenko 2023 (arXiv 2301.07733), the version of Adam, as
    in the authors' code. η = 1 is natural.
    """
    distance = np.where(t == 1, d0, distance)
    rate = lr * distance
    kept = np.sqrt(beta2)
    gain = rate * total(g * s / (np.sqrt(v) + eps))
    m = beta1 * m + (1 - beta1) * rate * g
    v = beta2 * v + (1 - beta2) * g * g
    s = kept * s + (1 - kept) * rate * g
    r = kept * r + (1 - kept) * gain
    size = (1 - kept) * total(np.abs(s))
    distance = np.maximum(distance, r / np.where(size > 0, size, 1.0))
    return x - m / (np.sqrt(v) + eps), m, v, s, r, distance


@elementwise
def cautious_adamw(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.01,
) -> Any:
    """Cautious AdamW: a coordinate whose mean points against its gradient waits.

    The others step farther, by one over their share. Liang et al. 2024 (arXiv 2411.16085),
    with the share held above 0.001 as in the authors' code.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    agrees = m * g > 0
    share = np.maximum(average(1.0 * agrees), 1e-3)
    step = np.where(agrees, m_hat / (np.sqrt(v_hat) + eps) / share, 0.0)
    return x * (1 - lr * weight_decay) - lr * step, m, v


@elementwise
def mars(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    before: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.95,
    beta2: Beta2 = 0.99,
    strength: Strength = 0.025,
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
) -> Any:
    """MARS: AdamW on c = g + γβ₁/(1 − β₁)·(g − g₋), shortened to length 1: less noise in the mean.

    Yuan et al. 2024 (arXiv 2411.10438), the approximate version: g₋ is the gradient of the step
    before, and 0 at the first, as in the authors' code.
    """
    c = g + strength * beta1 / (1 - beta1) * (g - before)
    c = c / np.maximum(np.sqrt(total(c * c)), 1.0)
    m = beta1 * m + (1 - beta1) * c
    v = beta2 * v + (1 - beta2) * c * c
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return x * (1 - lr * weight_decay) - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, g


@elementwise
def lamb(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.01,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-6,
    weight_decay: Decay = 0.0,
) -> Any:
    """LAMB: Adam's direction, as long as the point itself: ‖x‖/‖step‖ scales each layer.

    You et al. 2020 (arXiv 1904.00962), Algorithm 2; all coordinates are one layer here. Where the
    point or the step is zero the scale is 1.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    step = m_hat / (np.sqrt(v_hat) + eps) + weight_decay * x
    size = np.sqrt(total(x * x))
    length = np.sqrt(total(step * step))
    trust = np.where(size * length > 0, size / np.where(length > 0, length, 1.0), 1.0)
    return x - lr * trust * step, m, v


@elementwise
def lars(
    x: Any,
    g: Any,
    t: Any,
    v: Any,
    lr: Rate = 0.01,
    momentum: Momentum = 0.9,
    weight_decay: Decay = 0.0,
) -> Any:
    """LARS: momentum on gradients that are scaled to the length of the point, ‖x‖/‖g + ωx‖.

    You, Gitman & Ginsburg 2017 (arXiv 1708.03888), Algorithm 1; η stands for γ times the trust
    coefficient, and all coordinates are one layer. As in optax decay joins the gradient before it
    is measured; where the point or the gradient is zero the scale is 1.
    """
    step = g + weight_decay * x
    size = np.sqrt(total(x * x))
    length = np.sqrt(total(step * step))
    trust = np.where(size * length > 0, size / np.where(length > 0, length, 1.0), 1.0)
    v = momentum * v + lr * trust * step
    return x - v, v


@elementwise
def adafactor(
    x: Any,
    g: Any,
    t: Any,
    v: Any,
    lr: Rate = 0.05,
    forget: Forget = 0.8,
    bound: Bound = 1.0,
    least: Least = 1e-3,
) -> Any:
    """Adafactor: rates relative to the size of the point, v forgotten more slowly with time.

    Shazeer & Stern 2018 (arXiv 1804.04235), Algorithm 5: a vector's squares are not factored into
    rows and columns, as those of a matrix are. η is the largest relative rate; after 1/η² steps it
    is 1/√t. As in PyTorch the root of v is held above float64's ε, 2.2e-16.
    """
    fresh = t ** (-forget)
    v = v + fresh * (g * g - v)
    step = g / np.sqrt(np.maximum(v, 4.930380657631324e-32))
    step = step / np.maximum(np.sqrt(average(step * step)) / bound, 1.0)
    size = np.maximum(np.sqrt(average(x * x)), least)
    rate = size * np.minimum(lr, 1 / np.sqrt(t))
    return x - rate * step, v


@elementwise
def barzilai_borwein(x: Any, g: Any, t: Any, point: Any, slope: Any, lr: Rate = 0.1) -> Any:
    """Barzilai-Borwein: gradient descent with the rate ‖s‖²/sᵀy of the last move s and its turn y.

    Barzilai & Borwein 1988, the longer of their two. η is the rate of the first step, and
    of steps at which the curvature sᵀy along the last move is not positive. f need not fall.
    """
    move = x - np.where(t == 1, x, point)
    turn = g - np.where(t == 1, g, slope)
    bend = total(move * turn)
    rate = np.where(bend > 0, total(move * move) / np.where(bend > 0, bend, 1.0), lr)
    return x - rate * g, x, g
