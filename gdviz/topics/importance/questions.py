"""What the page of importance sampling asks before its samples are seen."""

import numpy as np

from gdviz.catalogue.question import Questions, ask_choice, ask_place
from gdviz.catalogue.usual_questions import ask_share
from gdviz.numerals import number
from gdviz.topics.importance.settings import ImportanceResult, Weighing, run

SHARES = (0.01, 0.1, 0.5, 0.9)  # of the samples that are effective: the limits of the choices


def questions(spec: Weighing) -> Questions:
    """Return what can be asked: the heaviest sample, how many are worth something, the variance."""
    weighed = run(spec)
    return (*_heaviest(weighed), *_effective(weighed), *_variance(weighed))


def _heaviest(weighed: ImportanceResult) -> Questions:
    """Ask where the sample with the largest weight lies; equal weights have none."""
    logs = weighed.found.log_weights
    x = float(weighed.found.samples[np.argmax(logs)])
    most = float(np.exp(logs.max() - np.logaddexp.reduce(logs)))
    if not np.ptp(logs) > 1e-9:
        return ()
    told = f"The heaviest sample lies at x = {number(x)} and has {most:.1%} of all weight."
    text = "Where does the sample with the largest weight lie?"
    return ask_place("heaviest", text, "x", (x,), told)


def _effective(weighed: ImportanceResult) -> Questions:
    """Ask which share of the samples is effective."""
    found = weighed.found
    text = f"How large is the effective sample size (Σw)²/Σw² of the {found.n} samples?"
    told = f"The effective sample size is {found.ess:.0f} of {found.n}."
    return ask_share("effective", text, float(found.ess / found.n), SHARES, told)


def _variance(weighed: ImportanceResult) -> Questions:
    """Ask whether the plain estimate has a variance, where the target has a mean to estimate."""
    if weighed.truth is None:
        return ()
    told = "It is infinite: however many samples, the next one may change all."
    if weighed.second is not None:
        told = "It is finite: the standard error falls as 1/√n."
    text = "Is the variance of the plain estimate finite?"
    right = 1 if weighed.second is None else 0
    return ask_choice("variance", text, ("Finite", "Infinite"), {right}, told)
