"""What each line of an update rule says, in a sentence and in a symbol."""

import ast
import re
from typing import Any

from gdviz.optimize.methods import METHODS

SYMBOLS = {
    "lr": r"\eta",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "momentum": r"\beta",
    "beta": r"\beta",
    "alpha": r"\alpha",
    "rho": r"\rho",
    "rho_inf": r"\rho_\infty",
    "eps": r"\varepsilon",
    "weight_decay": r"\omega",
    "m_hat": r"\hat m",
    "v_hat": r"\hat v",
    "v_max": r"v_{\max}",
    "mu": r"\mu_t",
    "mu_next": r"\mu_{t+1}",
    "nu": r"\nu",
    "nu1": r"\nu_1",
    "nu2": r"\nu_2",
    "growth": r"\eta^+",
    "cut": r"\eta^-",
    "delta": r"\Delta",
    "gamma": r"\gamma",
    "beta3": r"\beta_3",
    "mix": r"\alpha",
    "pull": r"\alpha",
    "period": r"k",
    "d0": r"d_0",
    "distance": r"d",
    "strength": r"\gamma",
    "average": r"\bar x",
    "slow_mean": r"m_2",
    "u_hat": r"\hat u",
    "final_lr": r"\eta_\infty",
    "centered": "c",
}

# What a line says that no other method has. A name alone says too little: the v of another rule is
# something else.
SENTENCES = {
    "adam": {"g": "Weight decay, if any, joins the gradient, and is scaled with it."},
    "rprop": {
        "g": "After a turn this coordinate waits for one step.",
        "turn": "Has the gradient kept its sign?",
        "factor": "Longer if it has, shorter if it turned.",
        "stride": "The length of this coordinate's step.",
    },
    "rmsprop": {
        "spread": "The length by which the gradient is divided.",
        "b": "Divide the gradient by the spread, and keep some of the last step.",
    },
    "adadelta": {
        "delta": "Scale the gradient by the ratio of the two root mean squares.",
        "u": "Decay the mean square of the steps, and mix in this step.",
    },
    "adamax": {"v": "Keep the largest gradient seen, slowly forgetting it."},
    "amsgrad": {"v_max": "Keep the largest mean square so far."},
    "nadam": {
        "mu": "The momentum of this step, by its schedule.",
        "mu_next": "The momentum of the next step, to look ahead.",
        "decayed": "What the momenta so far have let through.",
        "look": "Mix the gradient with the momentum one step ahead.",
    },
    "radam": {
        "rho_inf": "How long the average of squares is in the end.",
        "rho": "How long the average of squares is by now; below 5 it is not trusted.",
        "sure": "Are there squares enough to trust?",
        "short": "How much the step must be shortened while squares are few.",
        "adaptive": "The factor by which the mean is turned into a step.",
    },
    "yogi": {
        "first": "The means start at a millionth instead of zero.",
        "square": "The squared gradient.",
        "m": "Decay the mean of gradients, and mix in the new gradient.",
        "v": "Move the mean square towards the new square by a share of the square itself.",
        "m_hat": "The mean started near zero: undo that bias.",
        "v_hat": "The mean square started near zero: undo that bias.",
    },
    "adabelief": {"v": "Decay the mean square of the surprise, g − m, and mix in the new one."},
    "adabound": {
        "rate": "Adam's own rate for this coordinate.",
        "lower": "The lower bound of the rate, rising to the rate of SGD.",
        "upper": "The upper bound of the rate, falling to the rate of SGD.",
    },
    "qhadam": {
        "top": "Mix the gradient with its mean.",
        "under": "Mix the squared gradient with its mean.",
    },
    "schedule_free_sgd": {
        "z": "The point beneath takes the step.",
        "average": "Let it into the mean of all its points.",
    },
    "schedule_free_adamw": {
        "z": "The point beneath takes the scaled step.",
        "average": "Let it into the mean of all its points.",
    },
    "lookahead": {
        "fast": "Adam's own step.",
        "back": "Is it time to return?",
        "slow": "At a return the slow point follows by a share; else it waits.",
    },
    "ademamix": {
        "step": "Quick and slow mean together, over the root of the squares.",
    },
    "adopt": {
        "bound": "No scaled gradient may be longer than this.",
        "scaled": "Divide by the squares before this gradient, and hold it to the bound.",
        "m": "Decay the mean of scaled gradients, and mix in the new one.",
        "v": "Now the squared gradient joins its mean; the first one starts it.",
    },
    "adan": {
        "change": "How the gradient has changed since the step before.",
        "ahead": "The gradient as it will be if it goes on changing so.",
        "u": "Decay the mean of changes, and mix in the new one.",
        "v": "Decay the mean square of the gradient ahead, and mix in the new one.",
    },
    "prodigy": {
        "distance": "The guess of the distance: it never falls.",
        "rate": "The rate is that guess, times η.",
        "kept": "The share of both sums that is kept.",
        "r": "How far, by the gradients, the run has come from its start.",
        "m": "Decay the mean of gradients, and mix in the new gradient, in the unit of the guess.",
        "v": "Decay the mean of squared gradients, and mix in the new square, in that unit.",
        "s": "Add the gradient to the sum of gradients.",
        "size": "How long that sum is, all coordinates together.",
        "step": "Adam's direction.",
    },
    "d_adaptation": {
        "distance": "The guess of the distance: it never falls.",
        "rate": "The rate is that guess, times η.",
        "kept": "The share of all sums that is kept.",
        "gain": "How far this gradient agrees with those before.",
        "m": "Decay the mean of steps, and mix in the new one.",
        "s": "Decay the sum of steps, and mix in the new one.",
        "r": "Decay the agreement, and mix in the new one.",
        "size": "How long the sum of steps is, all coordinates together.",
    },
    "cautious_adamw": {
        "agrees": "Does the mean point the way of this gradient?",
        "share": "The share of coordinates for which it does.",
        "step": "Those that agree step, farther by one over that share; the others wait.",
    },
    "mars": {
        "c": "Correct the gradient by its change; if it is longer than 1, shorten it to 1.",
        "m": "Decay the mean of corrected gradients, and mix in the new one.",
        "v": "Decay the mean square of corrected gradients, and mix in the new one.",
    },
    "lamb": {
        "step": "Adam's direction, and the decay.",
        "size": "How far the point lies from zero.",
        "length": "How long that direction is.",
        "trust": "Their ratio: the step becomes as long as the point, times η.",
    },
    "lars": {
        "step": "The gradient, and the decay.",
        "size": "How far the point lies from zero.",
        "length": "How long the gradient is.",
        "trust": "Their ratio: the gradient becomes as long as the point, times η.",
        "v": "Keep a share of the velocity, and add the scaled gradient.",
    },
    "adafactor": {
        "fresh": "The weight of what is new, less with each step.",
        "v": "Move the mean of squared gradients towards the new square.",
        "step": "Divide by the root of the squares; no step may be longer than the bound.",
        "size": "How large the coordinates of the point are.",
        "rate": "The rate, in proportion to that size.",
    },
    "barzilai_borwein": {
        "move": "The last move.",
        "turn": "How the gradient turned along it.",
        "bend": "Their product: the curvature along the move, times its length twice.",
        "rate": "One over that curvature; η where it is not positive.",
    },
    "lion": {"step": "Take only the sign of the mixture of mean and gradient."},
}

# What a line of any method says, by its form: SELF is what it computes, MEMORY a slot of the state.
FORMS = (
    (r"np\.where\(t == 1, .*, SELF\)", "Start the memory at the first step, and keep it later."),
    (r"(\w+) \* SELF \+ g", "Keep a share of the velocity and add the gradient."),
    (
        r"(\w+) \* SELF \+ \(1 - \1\) \* g",
        "Decay the mean of gradients, and mix in the new gradient.",
    ),
    (
        r"(\w+) \* SELF \+ \(1 - \1\) \* g \* g",
        "Decay the mean of squared gradients, and mix in the new square.",
    ),
    (r"SELF \+ g \* g", "Add the squared gradient to the sum of all squares so far."),
    (r"(?:MEMORY) / \(1 - \w+ \*\* t\)", "The mean started at zero: undo that bias."),
)


NOTHING = r"(?!)"  # the pattern that no text has


def sentence(name: str, target: str, value: ast.expr) -> str:
    """Return what the line `target = value` of a method does, in a sentence.

    A line that nobody has described says the name of what it computes, and no more.
    """
    if target == "x":
        return "Take the step."
    factory: Any = METHODS[name]
    line, memory = ast.unparse(value), factory.state._fields[4:]
    names = {"SELF": target if target in memory else NOTHING, "MEMORY": "|".join(memory) or NOTHING}
    for form, said in FORMS if _means_what_it_says(factory, line) else ():
        if re.fullmatch(re.sub("SELF|MEMORY", lambda word: names[word[0]], form), line):
            return said
    return SENTENCES.get(name, {}).get(target, f"Compute {target.replace('_', ' ')}.")


def _means_what_it_says(factory: Any, line: str) -> bool:
    """Tell whether the names of a line are what they are in ours; in a typed rule they may not be.

    There `g` may have become another quantity, and what is divided by 1 − βᵗ may be no mean.
    """
    source = getattr(factory, "rule_source", "")
    corrected = re.fullmatch(r"(\w+) / \(1 - (\w+) \*\* t\)", line)
    if not source or not corrected:
        return "    g = " not in source
    memory, beta = corrected.groups()
    return f"    {memory} = {beta} * {memory} + (1 - {beta}) * g" in source
