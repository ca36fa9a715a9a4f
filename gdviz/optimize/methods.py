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
from gdviz.optimize.averaging_rules import lookahead, schedule_free_adamw, schedule_free_sgd
from gdviz.optimize.coupled_rules import (
    adafactor,
    barzilai_borwein,
    cautious_adamw,
    d_adaptation,
    lamb,
    lars,
    mars,
    prodigy,
)
from gdviz.optimize.derivative_free import golden_section, nelder_mead
from gdviz.optimize.evolution import cma_es
from gdviz.optimize.looking_around import polyak, sam
from gdviz.optimize.recent_rules import adan, ademamix, adopt
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
    natural_gradient,
    newton,
    newton_plain,
)
from gdviz.optimize.sophia import sophia
from gdviz.optimize.trust_regions import levenberg_marquardt, trust_region
from gdviz.optimize.typed_rules import RULE_LABEL, is_rule, typed_rule


class WithTyped(dict[str, Any]):
    """A registry that has an entry for the text of a typed rule, too: `typed(text)`."""

    def __init__(self, typed: Callable[[str], Any]) -> None:
        super().__init__()
        self.typed = typed

    def __missing__(self, name: str) -> Any:
        if is_rule(name):
            return self.typed(name)
        raise KeyError(name)


METHODS: dict[str, Callable[..., Method]] = WithTyped(typed_rule)
METHODS |= {
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
    "natural_gradient": natural_gradient,
    "bfgs": bfgs,
    "lbfgs": lbfgs,
    "conjugate_gradient": conjugate_gradient,
    "nelder_mead": nelder_mead,
    "backtracking": backtracking,
    "golden_section": golden_section,
    "schedule_free_sgd": schedule_free_sgd,
    "schedule_free_adamw": schedule_free_adamw,
    "ademamix": ademamix,
    "adopt": adopt,
    "prodigy": prodigy,
    "d_adaptation": d_adaptation,
    "adan": adan,
    "cautious_adamw": cautious_adamw,
    "lookahead": lookahead,
    "sam": sam,
    "mars": mars,
    "lamb": lamb,
    "lars": lars,
    "adafactor": adafactor,
    "barzilai_borwein": barzilai_borwein,
    "polyak": polyak,
    "sophia": sophia,
    "trust_region": trust_region,
    "levenberg_marquardt": levenberg_marquardt,
    "cma_es": cma_es,
}

LABELS: dict[str, str] = WithTyped(lambda text: RULE_LABEL)
LABELS |= {
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
    "natural_gradient": "Natural gradient",
    "bfgs": "BFGS",
    "lbfgs": "L-BFGS",
    "conjugate_gradient": "Conjugate gradient",
    "nelder_mead": "Nelder-Mead",
    "backtracking": "Backtracking",
    "golden_section": "Golden section",
    "schedule_free_sgd": "Schedule-Free SGD",
    "schedule_free_adamw": "Schedule-Free AdamW",
    "ademamix": "AdEMAMix",
    "adopt": "ADOPT",
    "prodigy": "Prodigy",
    "d_adaptation": "D-Adaptation",
    "adan": "Adan",
    "cautious_adamw": "Cautious AdamW",
    "lookahead": "Lookahead (Adam)",
    "sam": "SAM",
    "mars": "MARS",
    "lamb": "LAMB",
    "lars": "LARS",
    "adafactor": "Adafactor",
    "barzilai_borwein": "Barzilai-Borwein",
    "polyak": "Polyak's step",
    "sophia": "Sophia",
    "trust_region": "Trust region",
    "levenberg_marquardt": "Levenberg-Marquardt",
    "cma_es": "CMA-ES",
}
ONE_VARIABLE = {"golden_section"}  # the methods that know only a line
# The methods that need the residuals of a problem, and those that need its Fisher information.
SUMS_OF_SQUARES = {"gauss_newton", "levenberg_marquardt"}
LIKELIHOODS = {"natural_gradient"}
ARRAYS_ONLY = {"bfgs", "lbfgs", "conjugate_gradient", "nelder_mead", "gauss_newton"} | LIKELIHOODS
ARRAYS_ONLY |= {"trust_region", "levenberg_marquardt", "cma_es", "sophia"}


def require_method(name: str) -> None:
    """Raise `ValueError` unless there is a method of this name, or it is the text of a rule."""
    if name not in METHODS and not is_rule(name):
        raise ValueError(f"unknown method {name!r}; there is {', '.join(METHODS)}.")


def can_run(name: str, problem: Any) -> bool:
    """Tell whether a method knows what to do with a problem."""
    return not why_not(name, problem)


def why_not(name: str, problem: Any) -> str:
    """Return why a method cannot run on a problem, in words; empty if it can."""
    if name in ONE_VARIABLE and problem.d != 1:
        return "it searches a line, and has one variable"
    if name in SUMS_OF_SQUARES and not problem.residuals:
        return "it needs residuals, and this function is not written as a sum of squares"
    if name in LIKELIHOODS and not getattr(problem, "information", ()):
        return "it needs the Fisher information of a family, and this function is no likelihood"
    return ""
