"""Kin of Adam of the last years: other means, other orders, differences of gradients."""

from typing import Annotated, Any

import numpy as np

from gdviz.knobs import Range
from gdviz.optimize.elementwise import elementwise
from gdviz.optimize.rules import Beta1, Beta2, Decay, Epsilon, Rate

Beta3 = Annotated[float, Range(0.0, 0.99999, "β₃", "Decay of the third mean.")]
Mix = Annotated[float, Range(0.0, 20.0, "share α", "Weight of the slow mean.")]


@elementwise
def ademamix(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    slow_mean: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    beta3: Beta3 = 0.9999,
    mix: Mix = 5.0,
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
) -> Any:
    """AdEMAMix: Adam with a second mean of gradients, ten times as slow and more.

    x ← x − η((m̂ + αm₂)/(√v̂ + ε) + ωx); m₂ is not corrected for its start. Pagliardini et al. 2025
    (arXiv 2409.03137), Algorithm 1, without the warm-ups of α and β₃.
    """
    m = beta1 * m + (1 - beta1) * g
    slow_mean = beta3 * slow_mean + (1 - beta3) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    step = (m_hat + mix * slow_mean) / (np.sqrt(v_hat) + eps) + weight_decay * x
    return x - lr * step, m, slow_mean, v


@elementwise
def adopt(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.9999,
    eps: Epsilon = 1e-6,
) -> Any:
    """ADOPT: divide by the v of the step before, which has not seen this gradient; then average.

    Taniguchi et al. 2024 (arXiv 2411.02853), Algorithm 2, with the authors' later bound (t − 1)^¼
    on the scaled gradient. The first step only sets v = g²: the point stays.
    """
    bound = (t - 1) ** 0.25
    scaled = g / np.maximum(np.sqrt(v), eps)
    scaled = np.minimum(np.maximum(scaled, -bound), bound)
    m = beta1 * m + (1 - beta1) * scaled
    v = np.where(t == 1, g * g, beta2 * v + (1 - beta2) * g * g)
    return x - lr * m, m, v


@elementwise
def adan(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    u: Any,
    v: Any,
    before: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.98,
    beta2: Beta2 = 0.92,
    beta3: Beta3 = 0.99,
    eps: Epsilon = 1e-8,
) -> Any:
    """Adan: Nesterov's look ahead by the difference of gradients, x ← x − η(m̂ + β₂û)/(√v̂ + ε).

    Xie et al. 2024 (arXiv 2208.06677), Algorithm 1, in the authors' code: β as what is kept (the
    paper's is what is mixed in), all three means corrected for their start.
    """
    change = np.where(t == 1, 0.0, g - before)
    ahead = g + beta2 * change
    m = beta1 * m + (1 - beta1) * g
    u = beta2 * u + (1 - beta2) * change
    v = beta3 * v + (1 - beta3) * ahead * ahead
    m_hat = m / (1 - beta1**t)
    u_hat = u / (1 - beta2**t)
    v_hat = v / (1 - beta3**t)
    return x - lr * (m_hat + beta2 * u_hat) / (np.sqrt(v_hat) + eps), m, u, v, g
