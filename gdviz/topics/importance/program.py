"""The page importance as a short program."""

from gdviz.topics.importance.settings import Weighing


def _law_as_python(shape: str, place: float, width: float, df: float) -> str:
    if shape == "two_humps":
        humps = (place - 1.5 * width, place + 1.5 * width)
        return f"mixture_of((0.4, 0.6), {humps!r}, ({0.5 * width!r}, {0.7 * width!r}))"
    own = f"{df!r}, {place!r}, {width!r}" if shape == "student_t" else f"{place!r}, {width!r}"
    return f'DISTRIBUTIONS["{shape}"]({own})'


def as_python(spec: Weighing) -> str:
    """Return a short program on the public API that prints the numbers of the page."""
    more = (
        ["from gdviz.probability.mixtures import mixture_of"] if spec.target == "two_humps" else []
    )
    return "\n".join(
        [
            "from gdviz.probability import DISTRIBUTIONS, importance_estimate",
            *more,
            "",
            f"target = {_law_as_python(spec.target, spec.mu, spec.sigma, spec.df)}",
            f"proposal = {_law_as_python(spec.proposal, spec.nu, spec.tau, spec.df)}",
            f"h, n, seed = {spec.h!r}, {spec.n}, {spec.seed}",
            "found = importance_estimate(h, target, proposal, n, seed=seed)",
            "print(found.value, found.std_error)",
            "print(found.self_normalised, found.self_normalised_error)",
            "print(found.ess, found.pareto_k)",
            "print(found.warning)",
        ]
    )
