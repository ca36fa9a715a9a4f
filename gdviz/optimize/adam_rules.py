"""Adam and its kin: update rules with a mean and a mean square of gradients."""

from typing import Annotated, Any

import numpy as np

from gdviz.knobs import Range
from gdviz.optimize.elementwise import elementwise
from gdviz.optimize.rules import Beta1, Beta2, Decay, Epsilon, Final, Gamma, Rate

TopShare = Annotated[float, Range(0.0, 1.0, "share ν₁", "Weight of the mean above the line.")]
UnderShare = Annotated[float, Range(0.0, 1.0, "share ν₂", "Weight of the mean square below it.")]


@elementwise
def adam(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
) -> Any:
    """Adam: x ← x − η m̂ / (√v̂ + ε), m̂ and v̂ corrected for their start at zero.

    Kingma & Ba 2015 (arXiv 1412.6980), Algorithm 1; ε stands outside the root, as in PyTorch.
    `weight_decay` adds ωx to the gradient (L2). Where gradients are noisy, √v̂ is large and the
    decay is divided by it too: see `adamw`. Without noise Adam settles at minima of f + ω|x|²/2.
    """
    g = g + weight_decay * x
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return x - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@elementwise
def adamw(
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
    """AdamW: x ← (1 − ηω)x, then Adam on the clean gradient.

    Loshchilov & Hutter 2019 (arXiv 1711.05101), Algorithm 2; decay times η, as in PyTorch.
    optax's default ω is 1e-4. Their λ is our ω, for λ is a curvature here.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return x * (1 - lr * weight_decay) - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@elementwise
def amsgrad(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    v_max: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
) -> Any:
    """AMSGrad: Adam with the largest v so far (Reddi et al. 2018, arXiv 1904.09237, Algorithm 2).

    The maximum is taken before the bias correction, as in PyTorch; optax takes it after, which
    makes early steps shorter.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    v_max = np.maximum(v_max, v)
    m_hat = m / (1 - beta1**t)
    return x - lr * m_hat / (np.sqrt(v_max / (1 - beta2**t)) + eps), m, v, v_max


@elementwise
def nadam(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    decayed: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
) -> Any:
    """NAdam: Adam that looks ahead as Nesterov does, μ_t = β₁(1 − ½·0.96^(0.004 t)).

    Dozat 2016, Algorithm 2, with PyTorch's momentum schedule; optax keeps β₁ constant.
    """
    mu = beta1 * (1 - 0.5 * 0.96 ** (0.004 * t))
    mu_next = beta1 * (1 - 0.5 * 0.96 ** (0.004 * (t + 1)))
    decayed = 1 - (1 - decayed) * mu
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    look = (1 - mu) * g / decayed + mu_next * m / (1 - (1 - decayed) * mu_next)
    return x - lr * look / (np.sqrt(v / (1 - beta2**t)) + eps), m, v, decayed


@elementwise
def radam(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
) -> Any:
    """RAdam: Adam whose step is rectified while v is still uncertain; plain momentum before.

    Liu et al. 2020 (arXiv 1908.03265), Algorithm 2. The threshold 5 is PyTorch's (the paper's is
    4), as is ε beside √v before its correction.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    rho_inf = 2 / (1 - beta2) - 1
    rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
    sure = rho > 5
    rho = np.where(sure, rho, 6.0)
    short = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
    adaptive = np.sqrt(short) * np.sqrt(1 - beta2**t) / (np.sqrt(v) + eps)
    return x - lr * m_hat * np.where(sure, adaptive, 1.0), m, v


@elementwise
def adamax(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
) -> Any:
    """AdaMax: Adam with the largest gradient, v ← max(β₂v, |g| + ε) (Kingma & Ba 2015)."""
    m = beta1 * m + (1 - beta1) * g
    v = np.maximum(beta2 * v, np.abs(g) + eps)
    return x - lr / (1 - beta1**t) * m / v, m, v


@elementwise
def yogi(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-3,
) -> Any:
    """Yogi: v ← v − (1 − β₂) sign(v − g²) g², so that v changes by (1 − β₂)g² at most.

    Adam's v may lose any share of itself in a step; this one shrinks slowly.

    Zaheer et al. 2018, Algorithm 2; m and v start at 1e-6 and are bias-corrected, as in optax
    (PyTorch has none).
    """
    first = 1e-6 * (t == 1)
    square = g * g
    m = beta1 * (m + first) + (1 - beta1) * g
    v = (v + first) - (1 - beta2) * np.sign((v + first) - square) * square
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return x - lr * m_hat / (np.sqrt(np.abs(v_hat)) + eps), m, v


@elementwise
def adabelief(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-16,
) -> Any:
    """AdaBelief: Adam with v the mean of (g − m)², the surprise (Zhuang et al. 2020, 2010.07468).

    ε stands inside and outside the root, as in optax; the paper adds it to v at every step.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (g - m) * (g - m)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return x - lr * m_hat / (np.sqrt(v_hat + eps) + eps), m, v


@elementwise
def adabound(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.01,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
    final_lr: Final = 0.1,
    gamma: Gamma = 1e-3,
) -> Any:
    """AdaBound: Adam whose rates are clipped to bounds that close on a rate of SGD.

    Luo et al. 2019 (arXiv 1902.09843), Algorithm 2, with the bounds and the bias correction of the
    authors' own code: final·(1 − 1/(γt + 1)) to final·(1 + 1/(γt)).
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) / (np.sqrt(v) + eps)
    lower = final_lr * (1 - 1 / (gamma * t + 1))
    upper = final_lr * (1 + 1 / (gamma * t))
    return x - np.minimum(np.maximum(rate, lower), upper) * m, m, v


@elementwise
def qhadam(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.995,
    beta2: Beta2 = 0.999,
    nu1: TopShare = 0.7,
    nu2: UnderShare = 1.0,
    eps: Epsilon = 1e-8,
) -> Any:
    """QHAdam: quasi-hyperbolic weights in both moments of Adam (Ma & Yarats 2019, eq. 5-7)."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    top = (1 - nu1) * g + nu1 * m / (1 - beta1**t)
    under = (1 - nu2) * g * g + nu2 * v / (1 - beta2**t)
    return x - lr * top / (np.sqrt(under) + eps), m, v
