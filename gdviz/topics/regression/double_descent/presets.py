"""The presets of the room *double descent*, and why each is worth seeing."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.regression.double_descent.settings import DoubleDescent, Errors
from gdviz.topics.regression.double_descent.verdict import Bends, bends_of


def _bends(done: Errors) -> Bends:
    return bends_of(done, done.test[-1])


def _peaks_at_n(spec: DoubleDescent, done: Errors) -> bool:
    """The peak stands at p = n, a hundred times above both ends, and p is there."""
    bends, test = _bends(done), done.test[-1]
    high = test[bends.peak] > 100 * max(test[bends.before], test[bends.after])
    return bool(bends.double and done.p[bends.peak] == spec.p == spec.rows and high)


def _peaks_without_noise(spec: DoubleDescent, done: Errors) -> bool:
    return spec.sigma == 0 and _peaks_at_n(spec, done)


def _tame_again(spec: DoubleDescent, done: Errors) -> bool:
    """All points are met, and the error is near the least below n and far below the peak."""
    bends, test = _bends(done), done.test[-1]
    met = done.train[-1][done.p == spec.p].max() < 1e-20
    last = float(test[done.p == spec.p][0])
    return bool(met and last < 1.2 * test[bends.before] and last < test[bends.peak] / 100)


def _is_flat(spec: DoubleDescent, done: Errors) -> bool:
    """What is left of the peak is under a hundredth of it, and nowhere is far above the least."""
    beyond = done.test[-1][done.p >= 4]
    tamed = bool(spec.ridge or spec.stop)
    return tamed and bool(beyond.max() < min(done.plain.max() / 100, 3 * beyond.min()))


def _is_deeper(spec: DoubleDescent, done: Errors) -> bool:
    bends, test = _bends(done), done.test[-1]
    near = abs(int(done.p[bends.peak]) - spec.rows) <= 1
    return bool(bends.double and near and test[bends.after] < 0.8 * test[bends.before])


def _runs_wild(spec: DoubleDescent, done: Errors) -> bool:
    return spec.basis == "legendre" and bool(done.test[-1].max() > 1e4) and _peaks_at_n(spec, done)


_preset = partial(preset, DoubleDescent)

PRESETS = (
    _preset(
        "The peak at p = n",
        False,
        "15 features for 15 points: one curve meets them all, and it is a wild one. Drag p away, "
        "either way.",
        _peaks_at_n,
    ),
    _preset(
        "Far beyond p = n",
        True,
        "200 features for 15 points: the curve meets them all again, and is tame, for of all such "
        "curves it is the one of least |w|.",
        _tame_again,
        p=200,
    ),
    _preset(
        "Degree 14",
        False,
        "A polynomial through 15 points, the textbook's over-fit, is the peak at p = n: the test "
        "error is above 10,000.",
        _runs_wild,
        basis="legendre",
    ),
    _preset(
        "Flat by a ridge",
        True,
        "λ = 0.01 leaves less than a hundredth of the peak: it puts s/(s² + nλ) for 1/s.",
        _is_flat,
        ridge=0.01,
    ),
    _preset(
        "Flat by stopping early",
        True,
        "After 100 steps of gradient descent the flat directions, where the peak is made, have "
        "hardly begun.",
        _is_flat,
        stop=100,
    ),
    _preset(
        "The second is deeper",
        True,
        "A step that few waves cannot say, and little noise: here many features are better than "
        "any number below n.",
        _is_deeper,
        truth="step",
        sigma=0.1,
        sample=5,
        drawn=5,
        p=176,
    ),
    _preset(
        "Without noise",
        False,
        "σ = 0, and the peak is there: what the features cannot say of the truth is noise to them.",
        _peaks_without_noise,
        sigma=0.0,
    ),
)
