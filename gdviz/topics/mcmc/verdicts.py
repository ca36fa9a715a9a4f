"""What the draws say about themselves, in sentences, the gravest first."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gdviz.numerals import number
from gdviz.probability.density_check import check_density
from gdviz.probability.diagnostics import Summary
from gdviz.probability.samplers import HOTTEST
from gdviz.probability.target_moments import Moments, moments
from gdviz.probability.tempered import hottest_proper
from gdviz.topics.mcmc.settings import McmcResult

# Vehtari et al. (2021), section 4: below both, nothing should be reported.
RHAT, ESS = 1.01, 400
# Where acceptance is best in many dimensions: Roberts, Gelman and Gilks (1997); Roberts and
# Rosenthal (1998); Beskos et al. (2013).
BEST = {"rwm": 0.234, "adaptive": 0.234, "mala": 0.574, "hmc": 0.651}
BAD, WARNING, GOOD = "bad", "warning", "good"


UNKNOWN = (
    "The true mean is not known: it does not exist, or what finds it by quadrature does not agree "
    "with itself."
)
NO_SPREAD = "The variance is infinite, or not known: this error means nothing."


class Verdict(NamedTuple):
    """A sentence, and how grave it is: bad, warning or good."""

    level: str
    words: str


def verdicts(seen: McmcResult) -> list[Verdict]:
    """Return what is to be said of a run."""
    found = [*_status(seen), *_loners(seen), *_rhat(seen), *_ess(seen)]
    found += [*_acceptance(seen), *_improper(seen)]
    truth = moments(seen.trace.target) if check_density(seen.trace.target).status == "ok" else None
    content = not any(v.level in (BAD, WARNING) for v in found)
    if content:
        found.append(
            Verdict(
                GOOD,
                "R̂ ≤ 1.01 and ESS ≥ 400 everywhere: nothing here speaks against these draws.",
            )
        )
    if truth is not None:
        found += _truth(seen, truth, content)
    return found


def _names(seen: McmcResult) -> Sequence[str]:
    return seen.trace.target.variables


def _status(seen: McmcResult) -> list[Verdict]:
    status, reason = seen.trace.status, seen.trace.reason
    if status == "ok":
        return []
    return [Verdict(WARNING if status in ("nan", "divergent") else BAD, reason)]


def _loners(seen: McmcResult) -> list[Verdict]:
    """Name the chain that stayed where the others did not go."""
    found: dict[int, Verdict] = {}
    for j, name in enumerate(_names(seen)):
        x = seen.trace.x[:, :, j]
        if x.shape[1] < 2 or not seen.summaries[j].rhat > 1.1:
            continue
        low, high = np.quantile(x, [0.05, 0.95], axis=0)
        for c in range(x.shape[1]):
            others = [i for i in range(x.shape[1]) if i != c]
            if high[c] < np.median(low[others]) or low[c] > np.median(high[others]):
                side = "left" if high[c] < np.median(low[others]) else "right"
                where = side if j == 0 else {"left": "lower", "right": "upper"}[side]
                span = f"{name} from {number(low[c], 3)} to {number(high[c], 3)}"
                words = f"Not converged: chain {c + 1} spent its time in the {where} part, {span}; "
                found.setdefault(c, Verdict(BAD, words + "most others spent theirs elsewhere."))
    return list(found.values())[:1]


def _rhat(seen: McmcResult) -> list[Verdict]:
    if len(seen.trace.chains[0]) < 2:
        words = "One chain has no other to disagree with: R̂ needs two or more, from apart."
        return [Verdict(WARNING, words)]
    worst = max(range(len(seen.summaries)), key=lambda j: _or(seen.summaries[j].rhat, np.inf))
    value, name = seen.summaries[worst].rhat, _names(seen)[worst]
    if np.isnan(value):
        return [Verdict(BAD, f"R̂ of {name} is undefined: the chains did not move.")]
    if value > RHAT:
        level = BAD if value > 1.1 else WARNING
        words = "the chains tell different stories" if value > 1.05 else "run longer"
        return [Verdict(level, f"R̂ of {name} is {number(value)} > 1.01: {words}.")]
    return []


def rhat_words(seen: McmcResult) -> tuple[str, ...]:
    """Return R̂ of each coordinate in words; it needs two chains, and chains that move."""
    if len(seen.trace.chains[0]) < 2:
        return ("needs two chains",) * len(seen.summaries)
    values = [s.rhat for s in seen.summaries]
    return tuple(f"{value:.3f}" if np.isfinite(value) else number(value) for value in values)


def _or(value: float, other: float) -> float:
    return other if np.isnan(value) else value


def least_ess(s: Summary) -> float:
    """Return the smaller of bulk and tail ESS; 0 where they are undefined."""
    return _or(min(_or(s.ess_bulk, 0.0), _or(s.ess_tail, 0.0)), 0.0)


def _ess(seen: McmcResult) -> list[Verdict]:
    worst = min(range(len(seen.summaries)), key=lambda j: least_ess(seen.summaries[j]))
    size, name = least_ess(seen.summaries[worst]), _names(seen)[worst]
    total = seen.trace.x[..., 0].size
    if size >= ESS:
        return []
    if size == 0:
        return [Verdict(BAD, f"ESS of {name} is undefined: nothing has been learnt of it.")]
    words = f"{total} draws are worth {size:.0f} independent ones in {name}: fewer than 400."
    return [Verdict(BAD if size < 100 else WARNING, words)]


def _acceptance(seen: McmcResult) -> list[Verdict]:
    if seen.trace.sampler not in BEST:
        return []
    rate, best = float(seen.trace.accepted.mean()), BEST[seen.trace.sampler]
    if rate > (0.85 if seen.trace.sampler in ("rwm", "adaptive") else 0.995):
        return [Verdict(WARNING, f"{rate:.0%} accepted: the steps are timid. Make them larger.")]
    if rate < best / 3:
        return [Verdict(WARNING, f"{rate:.1%} accepted: most steps are wasted. Make them smaller.")]
    return []


def _improper(seen: McmcResult) -> list[Verdict]:
    """Say where the hot rungs of parallel tempering are no densities."""
    if seen.trace.sampler != "tempering":
        return []
    most, hottest = (
        hottest_proper(seen.trace.target),
        float(seen.trace.knobs.get("hottest", HOTTEST)),
    )
    if hottest < most:
        return []
    words = (
        f"The hot rungs are improper: this tail is so heavy that p^(1/T) has no finite integral "
        f"for T ≥ {number(most, 3)}, so they wander off and swap seldom. Keep the hottest below "
        "that."
    )
    return [Verdict(WARNING, words)]


def _truth(seen: McmcResult, truth: Moments, content: bool) -> list[Verdict]:
    """Compare with the exact mean, which in earnest nobody has."""
    if not truth.known:
        return [Verdict(WARNING, UNKNOWN)]
    off = []
    for j, s in enumerate(seen.summaries):
        error = abs(s.mean - truth.mean[j]) / s.mcse_mean if s.mcse_mean > 0 else np.inf
        off.append((error, j))
    error, j = max(off)
    s, name = seen.summaries[j], _names(seen)[j]
    exact = round(float(truth.mean[j]), 12)  # quadrature says 0 to the last bit but few
    found = f"mean of {name}: {number(s.mean, 3)} ± {number(s.mcse_mean, 2)}"
    numbers = f"{found}, in truth {number(exact, 3)}"
    if not np.isfinite(truth.cov[j, j]):
        return [Verdict(WARNING, f"Against the truth, {numbers}. {NO_SPREAD}")]
    if error <= 4:
        return [Verdict(GOOD, f"Against the truth, {numbers}: within {error:.1f} standard errors.")]
    if content or len(seen.trace.chains[0]) < 2:
        return [
            Verdict(
                BAD,
                f"And yet wrong: {numbers}. No diagnostic sees a place where no chain has been.",
            )
        ]
    return [Verdict(BAD, f"Against the truth, {numbers}: {error:.0f} standard errors off.")]
