"""Update rules as LaTeX: in symbols, and the same with the numbers of one step substituted."""

from collections.abc import Callable, Mapping
from typing import Any

RULES = {
    "gd": r"x_{k+1} = x_k - \eta\, f'(x_k)",
    "heavy_ball": r"v_{k+1} = \beta v_k + f'(x_k), \qquad x_{k+1} = x_k - \eta\, v_{k+1}",
    "nesterov": r"v_{k+1} = \beta v_k + f'(x_k), \qquad "
    r"x_{k+1} = x_k - \eta\,\bigl(f'(x_k) + \beta v_{k+1}\bigr)",
    "adam": r"\begin{aligned} m_{k+1} &= \beta_1 m_k + (1-\beta_1) f'(x_k), &"
    r" v_{k+1} &= \beta_2 v_k + (1-\beta_2) f'(x_k)^2 \\"
    r" x_{k+1} &= x_k - \eta\,\frac{m_{k+1} / (1-\beta_1^{k+1})}"
    r"{\sqrt{v_{k+1} / (1-\beta_2^{k+1})} + \varepsilon} \end{aligned}",
    "newton": r"x_{k+1} = x_k - \alpha \frac{f'(x_k)}{|f''(x_k)|}, \qquad "
    r"\alpha \in \{1, \tfrac12, \tfrac14, \dots\} \text{ the first that satisfies Armijo}",
    "newton_plain": r"x_{k+1} = x_k - \frac{f'(x_k)}{f''(x_k)}",
    "backtracking": r"x_{k+1} = x_k - \alpha f'(x_k), \qquad "
    r"f(x_{k+1}) \le f(x_k) - c_1 \alpha f'(x_k)^2, \quad \alpha \in \{1, \tfrac12, \dots\}",
    "golden_section": r"[a, b] \to [a, d] \text{ if } f(c) \le f(d) \text{ else } [c, b], \qquad "
    r"c = b - \tfrac{b-a}{\varphi},\; d = a + \tfrac{b-a}{\varphi},\; "
    r"\varphi = \tfrac{1 + \sqrt5}{2}",
}


def number(value: Any) -> str:
    """Return a number with 4 significant digits as LaTeX, negative ones in parentheses."""
    text = f"{float(value):.4g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return f"({text})" if text.startswith("-") else text


def substitute_numbers(method: str, run: Any, k: int, hyper: Mapping[str, float]) -> str:
    """Return the step from k to k + 1 of a run as LaTeX with its numbers, `k < len(run.f) - 1`."""
    return _SUBSTITUTED[method](run, k, hyper)


def _x(run: Any, k: int) -> str:
    return number(run.x[k, 0])


def _g(run: Any, k: int) -> str:
    return number(run.grad[k, 0])


def _gd(run: Any, k: int, h: Mapping[str, float]) -> str:
    return (
        rf"x_{{{k + 1}}} = {_x(run, k)} - {number(h['lr'])} \cdot {_g(run, k)} = {_x(run, k + 1)}"
    )


def _velocity(run: Any, k: int, h: Mapping[str, float]) -> str:
    beta, v = number(h["momentum"]), number(run.v[k, 0])
    new = number(run.v[k + 1, 0])
    return rf"v_{{{k + 1}}} = {beta} \cdot {v} + {_g(run, k)} = {new}"


def _heavy_ball(run: Any, k: int, h: Mapping[str, float]) -> str:
    move = rf"{number(h['lr'])} \cdot {number(run.v[k + 1, 0])}"
    return (
        rf"{_velocity(run, k, h)}, \qquad x_{{{k + 1}}} = {_x(run, k)} - {move} = {_x(run, k + 1)}"
    )


def _nesterov(run: Any, k: int, h: Mapping[str, float]) -> str:
    beta, v = number(h["momentum"]), number(run.v[k + 1, 0])
    move = rf"{number(h['lr'])} \cdot \bigl({_g(run, k)} + {beta} \cdot {v}\bigr)"
    return (
        rf"{_velocity(run, k, h)}, \qquad x_{{{k + 1}}} = {_x(run, k)} - {move} = {_x(run, k + 1)}"
    )


def _adam(run: Any, k: int, h: Mapping[str, float]) -> str:
    b1, b2, m, v = h["beta1"], h["beta2"], run.m[k + 1, 0], run.v[k + 1, 0]
    m_hat, v_hat = m / (1 - b1 ** (k + 1)), v / (1 - b2 ** (k + 1))
    old_m, old_v, g = number(run.m[k, 0]), number(run.v[k, 0]), _g(run, k)
    fraction = rf"\frac{{{number(m_hat)}}}{{\sqrt{{{number(v_hat)}}} + \varepsilon}}"
    rows = [
        rf"m_{{{k + 1}}} &= {number(b1)} \cdot {old_m} + {number(1 - b1)} \cdot {g} = {number(m)},"
        rf" & \hat m &= {number(m_hat)}",
        rf"v_{{{k + 1}}} &= {number(b2)} \cdot {old_v} + {number(1 - b2)} \cdot {g}^2"
        rf" = {number(v)},"
        rf" & \hat v &= {number(v_hat)}",
        rf"x_{{{k + 1}}} &= {_x(run, k)} - {number(h['lr'])} \cdot {fraction} = {_x(run, k + 1)}",
    ]
    return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"


def _curvature(run: Any, k: int) -> float:
    return float(run.problem.hess(run.x[k])[0, 0])


def _newton_plain(run: Any, k: int, h: Mapping[str, float]) -> str:
    second = number(_curvature(run, k))
    return rf"x_{{{k + 1}}} = {_x(run, k)} - \frac{{{_g(run, k)}}}{{{second}}} = {_x(run, k + 1)}"


def _searched(run: Any, k: int, direction: str) -> str:
    tried = int(run.tried[k + 1])
    if run.x[k + 1, 0] == run.x[k, 0]:
        return (
            rf"x_{{{k + 1}}} = x_{{{k}}} = {_x(run, k)} \qquad (\text{{no trial was low enough}})"
        )
    alpha = number(0.5 ** (tried - 1))
    trials = f"{tried} trial" + ("s" if tried > 1 else "")
    return (
        rf"x_{{{k + 1}}} = {_x(run, k)} - {alpha} \cdot {direction} = {_x(run, k + 1)}"
        rf" \qquad (\text{{{trials}}})"
    )


def _newton(run: Any, k: int, h: Mapping[str, float]) -> str:
    return _searched(run, k, rf"\frac{{{_g(run, k)}}}{{{number(abs(_curvature(run, k)))}}}")


def _backtracking(run: Any, k: int, h: Mapping[str, float]) -> str:
    return _searched(run, k, _g(run, k))


def _golden_section(run: Any, k: int, h: Mapping[str, float]) -> str:
    sign = r"\le" if run.f_left[k] <= run.f_right[k] else ">"
    return (
        rf"f(c) = {number(run.f_left[k])} {sign} f(d) = {number(run.f_right[k])}"
        rf" \;\Rightarrow\; [a, b] = [{number(run.lo[k + 1, 0])},\, {number(run.hi[k + 1, 0])}]"
    )


_SUBSTITUTED: dict[str, Callable[[Any, int, Mapping[str, float]], str]] = {
    "gd": _gd,
    "heavy_ball": _heavy_ball,
    "nesterov": _nesterov,
    "adam": _adam,
    "newton": _newton,
    "newton_plain": _newton_plain,
    "backtracking": _backtracking,
    "golden_section": _golden_section,
}


def matrix(values: Any) -> str:
    """Return the rows of a matrix `(rows, columns)` as LaTeX, four digits each."""
    rows = r"\\".join("&".join(f"{value:.4g}" for value in row) for row in values)
    return rf"\begin{{pmatrix}}{rows}\end{{pmatrix}}"
