"""The recommender as a short program."""

from gdviz.learn.recommender.factorize import Groups
from gdviz.topics.recommender.course import settings_of
from gdviz.topics.recommender.ratings_source import TEST
from gdviz.topics.recommender.settings import MOVIELENS, NOISE, PLANTED, Recommender


def as_python(spec: Recommender) -> str:
    """Return a short program on the public API that prints the numbers of the page."""
    imports, source = _source(spec)
    settings = settings_of(spec)
    if any(isinstance(value, Groups) for value in settings.values()):
        imports.append("from gdviz.learn.recommender import Groups")
    told = ",\n    ".join(f"{name}={value!r}" for name, value in settings.items())
    return "\n".join(
        [
            "from gdviz.learn import factorize" + (", read_ratings" if "read_" in source else ""),
            *imports,
            "",
            f"ratings = {source}",
            f"train, test = ratings.split({TEST}, seed={spec.seed})",
            f"model = factorize(\n    train,\n    test,\n    {told},\n)",
            "print(model.reason)",
            "for epoch, error in enumerate(model.test_rmse.tolist(), 1):",
            "    print(epoch, error)",
        ]
    )


def _source(spec: Recommender) -> tuple[list[str], str]:
    if spec.data == PLANTED:
        shape = f"rank={spec.rank}, filled={spec.filled}, noise={spec.noise}, seed={spec.seed}"
        return [
            "from gdviz.learn.recommender.synthetic import low_rank_ratings"
        ], f"low_rank_ratings({shape}).ratings"
    if spec.data == NOISE:
        return [
            "from gdviz.learn.recommender.synthetic import pure_noise"
        ], f"pure_noise(seed={spec.seed})"
    if spec.data == MOVIELENS:
        line = "from gdviz.learn.recommender.movielens import fetch_movielens"
        return [line], "read_ratings(fetch_movielens())"
    return [], 'read_ratings("your_file.csv")'
