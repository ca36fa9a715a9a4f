"""Rules that keep a second path beside the one that is drawn: an average, or a slow point."""

from typing import Annotated, Any

import numpy as np

from gdviz.knobs import Range
from gdviz.optimize.elementwise import elementwise
from gdviz.optimize.rules import Beta1, Beta2, Decay, Epsilon, Momentum, Rate

Period = Annotated[int, Range(1, 50, "period k", "Steps between two returns.")]
Pull = Annotated[float, Range(0.0, 1.0, "share α", "How far the slow point follows.")]


@elementwise
def schedule_free_sgd(
    x: Any, g: Any, t: Any, z: Any, average: Any, lr: Rate = 0.1, momentum: Momentum = 0.9
) -> Any:
    """Schedule-Free SGD: z ← z − η∇f(x), x̄ the mean of all z, x ← (1 − β)z + βx̄.

    Defazio et al. 2024 (arXiv 2405.15682), eq. 3-5. The gradient is taken at x, which is what is
    drawn and judged (the paper's y); the `average` is what the method gives back (the paper's x).
    It weighs all points alike, as it should for the constant η that the method is made for.
    """
    z = np.where(t == 1, x, z)
    average = np.where(t == 1, x, average)
    z = z - lr * g
    average = average + (z - average) / t
    return (1 - momentum) * z + momentum * average, z, average


@elementwise
def schedule_free_adamw(
    x: Any,
    g: Any,
    t: Any,
    z: Any,
    average: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
) -> Any:
    """Schedule-Free AdamW: steps of g/√v̂ for z, x̄ the mean of all z, x ← (1 − β₁)z + β₁x̄.

    Defazio et al. 2024 (arXiv 2405.15682), Algorithm 1, with v corrected for its start as in the
    authors' code since version 1.3 (the paper shortens η instead). The gradient is taken at x, as
    in `schedule_free_sgd`; decay adds ωx to the step.
    """
    z = np.where(t == 1, x, z)
    average = np.where(t == 1, x, average)
    v = beta2 * v + (1 - beta2) * g * g
    v_hat = v / (1 - beta2**t)
    z = z - lr * (g / (np.sqrt(v_hat) + eps) + weight_decay * x)
    average = average + (z - average) / t
    return (1 - beta1) * z + beta1 * average, z, average, v


@elementwise
def lookahead(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    slow: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    period: Period = 5,
    pull: Pull = 0.5,
) -> Any:
    """Lookahead around Adam: every k steps back to a slow point, which follows by a share α.

    Zhang et al. 2019 (arXiv 1907.08610), Algorithm 1; Adam's memory is kept at a return.
    """
    slow = np.where(t == 1, x, slow)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    fast = x - lr * m_hat / (np.sqrt(v_hat) + eps)
    back = t % period == 0
    slow = np.where(back, slow + pull * (fast - slow), slow)
    return np.where(back, slow, fast), m, v, slow
