"""What the page of Markov chains asks before the chains are seen."""

import numpy as np

from gdviz.catalogue.question import Questions, ask_choice, ask_place
from gdviz.catalogue.usual_questions import ask_share
from gdviz.numerals import number
from gdviz.probability.target import Component
from gdviz.topics.mcmc.settings import Mcmc, McmcResult, run
from gdviz.topics.mcmc.verdicts import BAD, WARNING, verdicts

TRUST = {BAD: "Do not trust them", WARNING: "Doubtful", "": "Nothing speaks against them"}
RATES = (0.02, 0.1, 0.3, 0.6, 0.9)  # acceptance: the limits between the choices
TESTED = ("rwm", "adaptive", "independence", "mala", "hmc")  # each proposal is accepted or not
SEEN, MISSED = 0.02, 0.002  # shares of the draws: a hump was visited, and was not


def questions(spec: Mcmc) -> Questions:
    """Return what can be asked of a run: its mean, the humps it finds, whether to trust it."""
    seen = run(spec)
    return (*_mean(seen), *_humps(seen), *_trust(seen), *_accepted(seen))


def _mean(seen: McmcResult) -> Questions:
    """Ask for the mean of all draws behind the burn-in."""
    means = [s.mean for s in seen.summaries]
    told = f"The draws have the mean {', '.join(map(number, means))}."
    text = "Where is the mean of all draws behind the burn-in?"
    middles = [tuple(map(float, part.mean)) for part in seen.trace.target.mixture]
    humps = [(f"the hump around ({', '.join(map(number, at))})", at) for at in middles]
    kind = "point" if len(means) > 1 else "x"
    return ask_place("mean", text, kind, means, told, places=humps)


def _humps(seen: McmcResult) -> Questions:
    """Ask how many humps of a mixture the chains visit, where each is theirs or is not."""
    parts = seen.trace.target.mixture
    if len(parts) < 2 or not np.isfinite(seen.trace.x).all():
        return ()
    x = seen.trace.x.reshape(-1, seen.trace.target.d)
    shares = np.bincount(_hump_of(x, parts), minlength=len(parts)) / len(x)
    if ((shares > MISSED) & (shares < SEEN)).any():
        return ()
    count = int((shares >= SEEN).sum())
    choices = [f"{k + 1} of {len(parts)}" for k in range(len(parts))]
    told = f"{count} of {len(parts)}: the humps have " + ", ".join(f"{part:.0%}" for part in shares)
    text = "How many humps of the density do the chains find?"
    return ask_choice("humps", text, choices, {count - 1}, f"{told} of the draws.")


def _hump_of(x: np.ndarray, parts: tuple[Component, ...]) -> np.ndarray:
    """Return the part of a mixture that each point `(n, d)` most likely comes from."""
    logs = []
    for part in parts:
        off, cov = x - np.array(part.mean), np.array(part.cov)
        size = np.einsum("ni,ij,nj->n", off, np.linalg.inv(cov), off)
        logs.append(np.log(part.weight) - (size + np.linalg.slogdet(cov)[1]) / 2)
    return np.argmax(logs, axis=0)


def _trust(seen: McmcResult) -> Questions:
    """Ask what the diagnostics say of the run."""
    said = verdicts(seen)
    levels = {verdict.level for verdict in said}
    level = next((one for one in (BAD, WARNING) if one in levels), "")
    text = "What will the diagnostics say of these draws?"
    told = f"{TRUST[level]}. {said[0].words}"
    return ask_choice("trust", text, tuple(TRUST.values()), {list(TRUST).index(level)}, told)


def _accepted(seen: McmcResult) -> Questions:
    """Ask what share of the proposals is accepted."""
    rate = float(seen.trace.accepted.mean())
    text = "What share of the proposals is accepted?"
    told = f"{rate:.1%} are accepted."
    return ask_share("accepted", text, rate, RATES, told) if seen.trace.sampler in TESTED else ()
