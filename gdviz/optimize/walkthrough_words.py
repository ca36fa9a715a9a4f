"""What each line of an update rule says, in a sentence and in a symbol."""

from typing import Any

from gdviz.optimize.methods import METHODS

SYMBOLS = {
    "lr": r"\eta",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "momentum": r"\beta",
    "alpha": r"\alpha",
    "rho": r"\rho",
    "rho_inf": r"\rho_\infty",
    "eps": r"\varepsilon",
    "weight_decay": r"\lambda",
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
    "final_lr": r"\eta_\infty",
    "centered": "c",
}

# What a line of one method says; then what a slot of a state holds; then what a word means.
SENTENCES = {
    ("heavy_ball", "v"): "Keep β of the velocity and add the gradient.",
    ("nesterov", "v"): "Keep β of the velocity and add the gradient.",
    ("adam", "g"): "Weight decay, if any, joins the gradient, and is scaled with it.",
    ("rprop", "g"): "After a turn this coordinate waits for one step.",
    ("adamax", "v"): "Keep the largest gradient seen, slowly forgetting it.",
    ("yogi", "m"): "Decay the mean of gradients, and mix in the new gradient.",
    ("yogi", "v"): "Move the mean square towards the new square by a share of the square itself.",
    ("adabelief", "v"): "Decay the mean square of the surprise, g − m, and mix in the new one.",
    ("lion", "step"): "Take only the sign of the mixture of mean and gradient.",
    ("rmsprop", "b"): "Divide the gradient by the spread, and keep some of the last step.",
    ("radam", "rho"): "How long the average of squares is by now; below 5 it is not trusted.",
}

BY_SLOT = {
    ("MomentumState", "v"): "Update the velocity, which remembers the gradients so far.",
    ("AdagradState", "v"): "Add the squared gradient to the sum of all squares so far.",
    ("RMSpropState", "v"): "Decay the mean of squared gradients, and mix in the new square.",
    ("AdadeltaState", "v"): "Decay the mean of squared gradients, and mix in the new square.",
    ("AdadeltaState", "u"): "Decay the mean square of the steps, and mix in this step.",
    ("AdamState", "v"): "Decay the mean of squared gradients, and mix in the new square.",
    ("AMSGradState", "v"): "Decay the mean of squared gradients, and mix in the new square.",
    ("NadamState", "v"): "Decay the mean of squared gradients, and mix in the new square.",
}

BY_NAME = {
    "x": "Take the step.",
    "m": "Decay the mean of gradients, and mix in the new gradient.",
    "v_max": "Keep the largest mean square so far.",
    "m_hat": "The mean started at zero: undo that bias.",
    "v_hat": "The mean square started at zero: undo that bias.",
    "spread": "The length by which the gradient is divided.",
    "delta": "Scale the gradient by the ratio of the two root mean squares.",
    "mu": "The momentum of this step, by its schedule.",
    "mu_next": "The momentum of the next step, to look ahead.",
    "decayed": "What the momenta so far have let through.",
    "look": "Mix the gradient with the momentum one step ahead.",
    "rho_inf": "How long the average of squares is in the end.",
    "sure": "Are there squares enough to trust?",
    "short": "How much the step must be shortened while squares are few.",
    "adaptive": "The factor by which the mean is turned into a step.",
    "turn": "Has the gradient kept its sign?",
    "factor": "Longer if it has, shorter if it turned.",
    "stride": "The length of this coordinate's step.",
    "rate": "Adam's own rate for this coordinate.",
    "lower": "The lower bound of the rate, rising to the rate of SGD.",
    "upper": "The upper bound of the rate, falling to the rate of SGD.",
    "top": "Mix the gradient with its mean.",
    "under": "Mix the squared gradient with its mean.",
    "square": "The squared gradient.",
    "first": "The means start at a millionth instead of zero.",
}


def sentence(name: str, target: str) -> str:
    """Return what the line of a method that computes `target` does, in a sentence.

    A line that nobody has described says the name of what it computes, and no more.
    """
    factory: Any = METHODS[name]
    by_slot = BY_SLOT.get((factory.state.__name__, target), BY_NAME.get(target))
    return SENTENCES.get((name, target), by_slot or f"Compute {target.replace('_', ' ')}.")
