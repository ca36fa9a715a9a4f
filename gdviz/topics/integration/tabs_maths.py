"""The formulas of integration: the question, the rule, and its error."""

import streamlit as st

from gdviz.expressions import formula
from gdviz.probability.substitutions import substitution_of
from gdviz.topics.integration.controls import PAGE
from gdviz.topics.integration.question import formula_of, question
from gdviz.topics.integration.settings import Integration
from gdviz.ui.words import words

_FORMULAS = {
    "left": r"\int_a^b f \approx h\sum_{i=0}^{n-1} f(a+ih)",
    "right": r"\int_a^b f \approx h\sum_{i=1}^{n} f(a+ih)",
    "midpoint": r"\int_a^b f \approx h\sum_{i=0}^{n-1} f\!\left(a+(i+\tfrac12)h\right)"
    r" \qquad E = \tfrac{b-a}{24}\,h^2 f''(\xi)",
    "trapezoid": r"\int_a^b f \approx h\left[\tfrac12 f_0 + f_1 + \dots + \tfrac12 f_n\right]"
    r" \qquad E = -\tfrac{b-a}{12}\,h^2 f''(\xi)",
    "simpson": r"\int_a^b f \approx \tfrac h3\left[f_0 + 4f_1 + 2f_2 + \dots + f_n\right]"
    r" \qquad E = -\tfrac{b-a}{180}\,h^4 f^{(4)}(\xi)",
    "boole": r"\int_a^b f \approx \tfrac{2h}{45}\left[7f_0 + 32f_1 + 12f_2 + 32f_3 + 14f_4"
    r" + \dots\right] \qquad E = O(h^6)",
    "romberg": r"R_{k,j} = R_{k,j-1} + \frac{R_{k,j-1}-R_{k-1,j-1}}{4^j-1}",
    "gauss_legendre": r"\int_{-1}^1 f \approx \sum_{i=1}^n w_i f(x_i),\quad P_n(x_i)=0,\quad"
    r" w_i = \frac{2}{(1-x_i^2)\,P_n'(x_i)^2}",
    "clenshaw_curtis": r"x_k = \cos\frac{\pi k}{n},\qquad f \text{ replaced by its interpolant}"
    r" \sum c_j T_j",
    "tanh_sinh": r"x = \tanh\left(\tfrac\pi2\sinh t\right),\qquad \int_{-1}^1 f\,dx \approx"
    r" h\sum_i f(x_i)\,\frac{\tfrac\pi2\cosh t_i}{\cosh^2(\tfrac\pi2\sinh t_i)}",
    "gauss_hermite": r"\int_{-\infty}^{\infty} e^{-x^2} h(x)\,dx \approx \sum_i w_i h(x_i),\quad"
    r" H_n(x_i)=0",
    "gauss_laguerre": r"\int_0^\infty e^{-x} h(x)\,dx \approx \sum_i w_i h(x_i),\quad L_n(x_i)=0",
    "adaptive_simpson": r"E \approx \tfrac1{15}\left|S_{l}+S_{r}-S\right|,\qquad"
    r" \text{halve the piece with the largest } E",
    "adaptive_gauss_kronrod": r"E \approx \left|K_{21}-G_{10}\right|,\qquad"
    r" \text{halve the piece with the largest } E",
    "monte_carlo": r"\int_a^b f \approx \frac{b-a}{n}\sum f(U_i),\qquad"
    r" \text{s.e.} = (b-a)\,\frac{s_f}{\sqrt n}",
    "stratified": r"\text{two points in each of } n/2 \text{ strips},\qquad"
    r" \text{s.e.} = O(n^{-3/2})",
    "quasi_monte_carlo": r"\text{scrambled Sobol}' \text{ points},\qquad |E| \le V(f)\,D_n^*",
}


def maths(spec: Integration) -> None:
    """Write the question, the rule with the numbers of the page, and the words."""
    asked = question(spec)
    if spec.quantity == "integral":
        latex = formula(formula_of(spec), ("x",)).latex
        st.latex(rf"f(x) = {latex}")
    elif spec.quantity == "probability":
        st.latex(r"P(a \le X \le b) = \int_a^b p(x)\,dx = F(b)-F(a) = S(a)-S(b)")
    else:
        latex = formula(spec.g, ("x",)).latex
        st.latex(rf"E[g(X)] = \int g(x)\,p(x)\,dx,\qquad g(x) = {latex}")
    st.latex(_FORMULAS[spec.rule])
    if spec.reach != "ab":
        change = substitution_of(asked.lo, asked.hi, spec.change)
        st.latex(change.latex + r",\qquad \int f\,dx = \int_{-1}^{1} f(x(u))\,x'(u)\,du")
    words(PAGE)
