"""All optimizers by name: the keys stand in links, so renaming one is a change of the interface."""

from collections.abc import Callable
from typing import Any

from gdviz.core import Method
from gdviz.optimize.adam_rules import (
    adabelief,
    adabound,
    adam,
    adamax,
    adamw,
    amsgrad,
    nadam,
    qhadam,
    radam,
    yogi,
)
from gdviz.optimize.derivative_free import golden_section, nelder_mead
from gdviz.optimize.rules import (
    adadelta,
    adagrad,
    gd,
    heavy_ball,
    lion,
    nesterov,
    qhm,
    rmsprop,
    rprop,
    signsgd,
)
from gdviz.optimize.second_order import (
    backtracking,
    bfgs,
    conjugate_gradient,
    gauss_newton,
    lbfgs,
    newton,
    newton_plain,
)

METHODS: dict[str, Callable[..., Method]] = {
    "gd": gd,
    "heavy_ball": heavy_ball,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adadelta": adadelta,
    "adam": adam,
    "amsgrad": amsgrad,
    "adamw": adamw,
    "nadam": nadam,
    "radam": radam,
    "adamax": adamax,
    "rprop": rprop,
    "lion": lion,
    "yogi": yogi,
    "adabelief": adabelief,
    "adabound": adabound,
    "qhm": qhm,
    "qhadam": qhadam,
    "signsgd": signsgd,
    "newton": newton,
    "newton_plain": newton_plain,
    "gauss_newton": gauss_newton,
    "bfgs": bfgs,
    "lbfgs": lbfgs,
    "conjugate_gradient": conjugate_gradient,
    "nelder_mead": nelder_mead,
    "backtracking": backtracking,
    "golden_section": golden_section,
}

LABELS = {
    "gd": "Gradient descent",
    "heavy_ball": "Heavy ball",
    "nesterov": "Nesterov",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSProp",
    "adadelta": "AdaDelta",
    "adam": "Adam",
    "amsgrad": "AMSGrad",
    "adamw": "AdamW",
    "nadam": "NAdam",
    "radam": "RAdam",
    "adamax": "AdaMax",
    "rprop": "Rprop",
    "lion": "Lion",
    "yogi": "Yogi",
    "adabelief": "AdaBelief",
    "adabound": "AdaBound",
    "qhm": "QHM",
    "qhadam": "QHAdam",
    "signsgd": "signSGD",
    "newton": "Newton, safeguarded",
    "newton_plain": "Newton, plain",
    "gauss_newton": "Gauss-Newton",
    "bfgs": "BFGS",
    "lbfgs": "L-BFGS",
    "conjugate_gradient": "Conjugate gradient",
    "nelder_mead": "Nelder-Mead",
    "backtracking": "Backtracking",
    "golden_section": "Golden section",
}
ONE_VARIABLE = {"golden_section"}  # the methods that know only a line
SUMS_OF_SQUARES = {"gauss_newton"}  # the methods that need the residuals of a problem
ARRAYS_ONLY = {"bfgs", "lbfgs", "conjugate_gradient", "nelder_mead", "gauss_newton"}


def can_run(name: str, problem: Any) -> bool:
    """Tell whether a method knows what to do with a problem: its variables, its residuals."""
    if name in ONE_VARIABLE and problem.d != 1:
        return False
    return name not in SUMS_OF_SQUARES or bool(problem.residuals)
