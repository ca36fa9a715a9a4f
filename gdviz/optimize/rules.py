"""The elementwise optimizers: update rules in the symbols of their papers.

A rule sees one coordinate `x`, its gradient `g`, the step number `t = 1, 2, ...` and its own slots,
and returns the new coordinate and slots; the same text serves a float, an array of starts and a
compiled block. Where a paper leaves a choice open, the formulas are PyTorch's; where optax or the
paper differs, the docstring says how.
"""

from typing import Annotated, Any

import numpy as np

from gdviz.knobs import Range, Switch
from gdviz.optimize.elementwise import elementwise

Rate = Annotated[float, Range(1e-7, 10.0, "learning rate η", "A factor of every step.", log=True)]
Momentum = Annotated[float, Range(0.0, 0.999, "momentum β", "How much velocity is kept.")]
Beta1 = Annotated[float, Range(0.0, 0.999, "β₁", "Decay of the mean of gradients.")]
Beta2 = Annotated[float, Range(0.0, 0.9999, "β₂", "Decay of the mean of squared gradients.")]
Alpha = Annotated[float, Range(0.0, 0.9999, "smoothing α", "Decay of the mean of squares.")]
Rho = Annotated[float, Range(0.0, 0.9999, "decay ρ", "Decay of both means of squares.")]
Epsilon = Annotated[float, Range(1e-16, 1.0, "ε", "Keeps the division finite.", log=True)]
Decay = Annotated[
    float,
    Range(0.0, 1.0, "weight decay ω", "Pull towards zero; the papers call it λ."),
]
Share = Annotated[float, Range(0.0, 1.0, "share ν", "Weight of the mean against the gradient.")]
Centered = Annotated[bool, Switch("centred", "Divide by the standard deviation instead.")]
Growth = Annotated[float, Range(1.0, 2.0, "growth η⁺", "Factor while the sign stays.")]
Cut = Annotated[float, Range(0.1, 1.0, "cut η⁻", "Factor when the sign turns.")]
Final = Annotated[float, Range(1e-4, 10.0, "final rate", "The rate of SGD it ends as.", log=True)]
Gamma = Annotated[float, Range(1e-5, 1.0, "γ", "How fast the bounds close.", log=True)]


@elementwise
def gd(x: Any, g: Any, t: Any, lr: Rate = 0.1) -> Any:
    """Gradient descent: x ← x − η ∇f (Cauchy 1847)."""
    return (x - lr * g,)


@elementwise
def heavy_ball(x: Any, g: Any, t: Any, v: Any, lr: Rate = 0.1, momentum: Momentum = 0.9) -> Any:
    """Heavy ball: v ← βv + ∇f, x ← x − ηv (Polyak 1964, eq. 9; PyTorch's `SGD(momentum)`)."""
    v = momentum * v + g
    return x - lr * v, v


@elementwise
def nesterov(x: Any, g: Any, t: Any, v: Any, lr: Rate = 0.1, momentum: Momentum = 0.9) -> Any:
    """Nesterov's momentum: v ← βv + ∇f, x ← x − η(∇f + βv).

    Nesterov 1983; Sutskever et al. 2013, eq. 3-4, in the shifted variable that PyTorch's
    `SGD(nesterov=True)` keeps, so that the gradient is taken where the path is drawn.
    """
    v = momentum * v + g
    return x - lr * (g + momentum * v), v


@elementwise
def signsgd(x: Any, g: Any, t: Any, lr: Rate = 0.01) -> Any:
    """Sign descent: x ← x − η sign(∇f) (Bernstein et al. 2018, arXiv 1802.04434, Algorithm 1)."""
    return (x - lr * np.sign(g),)


@elementwise
def adagrad(x: Any, g: Any, t: Any, v: Any, lr: Rate = 0.1, eps: Epsilon = 1e-10) -> Any:
    """AdaGrad: v ← v + g², x ← x − η g / (√v + ε) (Duchi et al. 2011, eq. 1).

    optax starts v at 0.1 and puts ε inside the root.
    """
    v = v + g * g
    return x - lr * g / (np.sqrt(v) + eps), v


@elementwise
def rmsprop(
    x: Any,
    g: Any,
    t: Any,
    v: Any,
    m: Any,
    b: Any,
    lr: Rate = 0.01,
    alpha: Alpha = 0.99,
    eps: Epsilon = 1e-8,
    centered: Centered = False,
    momentum: Momentum = 0.0,
) -> Any:
    """RMSProp: v ← αv + (1 − α)g², x ← x − η g / (√v + ε).

    Tieleman & Hinton 2012, lecture 6.5; centred: √(v − m²) as in Graves 2013, arXiv 1308.0850,
    eq. 38-41. optax decays by 0.9 and puts ε inside the root by default.
    """
    v = alpha * v + (1 - alpha) * g * g
    m = alpha * m + (1 - alpha) * g
    spread = np.sqrt(np.maximum(v - centered * m * m, 0.0)) + eps
    b = momentum * b + g / spread
    return x - lr * b, v, m, b


@elementwise
def adadelta(
    x: Any,
    g: Any,
    t: Any,
    v: Any,
    u: Any,
    lr: Rate = 1.0,
    rho: Rho = 0.9,
    eps: Epsilon = 1e-6,
) -> Any:
    """AdaDelta: Δ = √(u + ε)/√(v + ε) · g, x ← x − ηΔ, u the mean of Δ² (Zeiler 2012)."""
    v = rho * v + (1 - rho) * g * g
    delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
    u = rho * u + (1 - rho) * delta * delta
    return x - lr * delta, v, u


@elementwise
def rprop(
    x: Any,
    g: Any,
    t: Any,
    before: Any,
    stride: Any,
    lr: Rate = 0.01,
    growth: Growth = 1.2,
    cut: Cut = 0.5,
) -> Any:
    """Rprop: a stride per coordinate, longer while the sign stays, shorter when it turns.

    Riedmiller & Braun 1993, with PyTorch's rule: after a turn the coordinate waits one step.
    Strides stay between 1e-6 and 50; the first is η.
    """
    turn = np.sign(g * before)
    stride = np.where(t == 1, lr, stride)
    factor = np.where(turn > 0, growth, np.where(turn < 0, cut, 1.0))
    stride = np.minimum(np.maximum(stride * factor, 1e-6), 50.0)
    g = np.where(turn < 0, 0.0, g)
    return x - np.sign(g) * stride, g, stride


@elementwise
def lion(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    lr: Rate = 0.01,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.99,
    weight_decay: Decay = 0.0,
) -> Any:
    """Lion: x ← x − η(sign(β₁m + (1 − β₁)g) + ωx) (Chen et al. 2023, arXiv 2302.06675, Program 1).

    As in optax; PyTorch has none. Their λ is our ω, for λ is a curvature here.
    """
    step = np.sign(beta1 * m + (1 - beta1) * g) + weight_decay * x
    return x - lr * step, beta2 * m + (1 - beta2) * g


@elementwise
def qhm(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    lr: Rate = 0.1,
    momentum: Momentum = 0.999,
    nu: Share = 0.7,
) -> Any:
    """Quasi-hyperbolic momentum: x ← x − η[(1 − ν)g + νm], m ← βm + (1 − β)g.

    Ma & Yarats 2019 (arXiv 1810.06801), eq. 3-4.
    """
    m = momentum * m + (1 - momentum) * g
    return x - lr * ((1 - nu) * g + nu * m), m
