"""Two rooms of the recommender: one rating at a time, and the films with you among them."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.knobs import clamp
from gdviz.learn.recommender.data import factorization_data, groups
from gdviz.learn.recommender.factorize import Settings
from gdviz.learn.recommender.ratings import positions
from gdviz.learn.recommender.solvers import SOLVERS
from gdviz.numerals import number
from gdviz.topics.recommender.block import title_of
from gdviz.topics.recommender.course import TrainingCourse, data_key, settings_of
from gdviz.topics.recommender.ratings_source import Data
from gdviz.topics.recommender.settings import Recommender
from gdviz.topics.recommender.upload_cache import cached_unless_upload

VISITS = 60
STARS = (0.5, 5.0)
MOST_MINE = 60  # ratings of one's own
ON_MAP = 300  # items that are drawn, the most rated
PICKS = 10


class UpdateWalk(NamedTuple):
    """SGD with two factors, rating by rating: `P, Q (n + 1, rows, 2)` of the rows it visits.

    `user, item (n,)` are the places among these rows, `predicted, after (n,)` the prediction
    before and after the update, `names (n,)` says who rates what.
    """

    P: np.ndarray
    Q: np.ndarray
    user: np.ndarray
    item: np.ndarray
    rating: np.ndarray
    predicted: np.ndarray
    after: np.ndarray
    names: tuple[str, ...]


def walk(spec: Recommender, data: Data) -> UpdateWalk:
    """Return the first visits after some epochs, at the rate and penalty of the spec."""
    names = ("lr", "reg", "biases", "bias_lr", "bias_reg", "decay", "spread", "seed", "after")
    return _walk(data_key(data), tuple(getattr(spec, name) for name in names))


@cached_unless_upload
def _walk(key: Any, values: tuple[Any, ...]) -> UpdateWalk:
    names = ("lr", "reg", "biases", "bias_lr", "bias_reg", "decay", "spread", "seed", "after")
    spec = Recommender(**dict(zip(names, values, strict=True)))
    said = settings_of(spec) | {"factors": 2, "dtype": "float64"}
    settings = Settings(**said)
    of = factorization_data(key.data.train, settings)
    method = SOLVERS["sgd"](of)
    state = method.init(None)
    for _ in range(spec.after):
        following = method.step(state)
        if not all(np.isfinite(array).all() for array in following.parameters):
            break
        state = following
    return _visits(key.data, of, settings, state.parameters, state.t)


def _visits(data: Data, of: Any, settings: Settings, start: Any, epoch: int) -> UpdateWalk:
    bu, bi, P, Q = (array.copy() for array in start)
    count = min(VISITS, len(of.users))
    shown = np.unique(of.users[:count]), np.unique(of.items[:count])
    rates = np.array(groups(settings.lr)) / (1 + settings.decay * epoch)
    reg, both = groups(settings.reg), settings.biases
    Ps, Qs, told, names = [P[shown[0], :2].copy()], [Q[shown[1], :2].copy()], [], []
    for u, i, r in zip(of.users[:count], of.items[:count], of.values, strict=False):
        guess = of.mean + bu[u] + bi[i] + P[u, :2] @ Q[i, :2]
        e = r - guess
        bu[u] += both * rates[0] * (e - reg[0] * bu[u])
        bi[i] += both * rates[1] * (e - reg[1] * bi[i])
        p = P[u].copy()
        P[u] += rates[2] * (e * Q[i] - reg[2] * P[u])
        Q[i] += rates[3] * (e * p - reg[3] * Q[i])
        then = of.mean + bu[u] + bi[i] + P[u, :2] @ Q[i, :2]
        if not abs(then) < 1e6:
            break
        Ps.append(P[shown[0], :2].copy())
        Qs.append(Q[shown[1], :2].copy())
        told.append((np.searchsorted(shown[0], u), np.searchsorted(shown[1], i), r, guess, then))
        who = str(data.train.user_ids[u])[:20]
        names.append(f"user {who} gave “{title_of(data, i)[:32]}” {number(r, 3)}")
    columns = np.array(told).reshape(len(told), 5)
    rows = columns[:, 0].astype(int), columns[:, 1].astype(int)
    rating, before, after = columns[:, 2:].T
    return UpdateWalk(np.array(Ps), np.array(Qs), *rows, rating, before, after, tuple(names))


# --- films and you --------------------------------------------------------------------------------


class Axes(NamedTuple):
    """The two directions in which the items differ most: `V (k, 2)`, items on them `(items, 2)`."""

    V: np.ndarray
    items: np.ndarray


class You(NamedTuple):
    """You among the items: where the ratings put you, where you stand, and every score.

    `picks` are the places of the best items that you have not rated, `rated` those that you have.
    """

    fold: np.ndarray
    place: np.ndarray
    scores: np.ndarray
    picks: np.ndarray
    rated: np.ndarray


def axes(course: TrainingCourse) -> Axes:
    """Return the first two right singular vectors of Q, their signs fixed so that no map flips."""
    Q = course.model.item_factors.astype(float)
    k = Q.shape[1]
    V = np.zeros((k, 2))
    if k:
        found = np.linalg.eigh(Q.T @ Q)[1][:, ::-1][:, :2]
        V[:, : found.shape[1]] = found * np.sign(
            found[np.abs(found).argmax(axis=0), range(found.shape[1])]
        )
    return Axes(V, Q @ V)


def my_ratings(text: str) -> dict[str, float]:
    """Return the ratings in `item:stars, item:stars`, those that make sense, by the item's id."""
    found: dict[str, float] = {}
    for part in text.split(",")[: 2 * MOST_MINE]:
        item, _, stars = part.strip().rpartition(":")
        try:
            value = float(stars)
        except ValueError:
            continue
        if item and STARS[0] <= value <= STARS[1] and len(found) < MOST_MINE:
            found[item] = value
    return found


def as_text(mine: dict[str, float]) -> str:
    """Return ratings as the text that a link holds."""
    return ", ".join(f"{item}:{stars:g}" for item, stars in mine.items())


def you(spec: Recommender, course: TrainingCourse, on: Axes) -> You:
    """Return you, folded in from your ratings and moved by the hand along the two axes."""
    model = course.model
    if spec.user.strip():
        return _user_of_the_data(spec, course, on)
    mine = my_ratings(spec.mine)
    ids = {str(item): n for n, item in enumerate(model.item_ids)}
    rated = np.array([ids[item] for item in mine if item in ids], int)
    stars = [value for item, value in mine.items() if item in ids]
    new = model.fold_in(model.item_ids[rated], stars)
    fold = new.factors @ on.V
    factors = new.factors + on.V @ [spec.east, spec.north]
    scores = model.mean + new.bias + model.item_bias + model.item_factors @ factors
    return _standing(spec, fold, scores, rated)


def _user_of_the_data(spec: Recommender, course: TrainingCourse, on: Axes) -> You:
    """Return the user of the data that is asked for; one who is not known stands at the middle."""
    model, u = course.model, place_of_user(spec, course)
    known = u < len(model.user_ids)
    fold = model.user_factors[u].astype(float) @ on.V if known else np.zeros(2)
    items = np.arange(len(model.item_ids))
    scores = model.scores(np.full(len(items), u), items)
    scores = scores + model.item_factors @ (on.V @ [spec.east, spec.north])
    return _standing(spec, fold, scores, np.unique(model.train.items[model.train.users == u]))


def _standing(spec: Recommender, fold: Any, scores: np.ndarray, rated: np.ndarray) -> You:
    left = np.setdiff1d(np.arange(len(scores)), rated)
    picks = left[np.argsort(-scores[left], kind="stable")[:PICKS]]
    return You(fold, fold + [spec.east, spec.north], scores, picks, rated)


def place_of_user(spec: Recommender, course: TrainingCourse) -> int:
    """Return the row of the user of the spec, the number of users for one who is not known."""
    ids = course.model.user_ids
    (found,) = np.nonzero(ids.astype(str) == spec.user.strip())
    return int(found[0]) if len(found) else len(ids)


def list_words(spec: Recommender, course: TrainingCourse) -> str:
    """Return whose list it is and by which rule: where nothing is known, that of a cold start."""
    model, test = course.model, course.data.test
    rule, alone = ("μ + b_u + b_i + p·q", "μ + b_i") if model.settings.biases else ("p·q", "0")
    cold = f"a cold start. All that is left is {alone}, the same list for everybody"
    name = spec.user.strip()
    if not name:
        count = len(you(spec, course, axes(course)).rated)
        if not count:
            return f"You have rated nothing yet: {cold}. Give stars, or ask for a user of the data."
        return f"Your {count} ratings put you on the map by one ridge solve; the list is {rule}."
    u = place_of_user(spec, course)
    if u == len(model.user_ids):
        return f"Nobody called “{name}” is in the training part: {cold}."
    rated = int((model.train.users == u).sum())
    picks = model.item_ids[you(spec, course, axes(course)).picks]
    own = test.user_ids[test.users].astype(str) == name
    hits = own & np.isin(test.item_ids[test.items], picks)
    later = (
        f"{int(hits.sum())} of the list are among the {int(own.sum())} ratings kept for the test"
    )
    stars = ", ".join(f"{value:g}" for value in test.values[hits])
    return (
        f"User {name}: {rated} ratings in the training part; the list is {rule} of what else there "
        f"is. {later}{': ' + stars + ' stars' if stars else ''}."
    )


def cold_words(course: TrainingCourse) -> str:
    """Return how many test ratings are cold starts, by which rule they are predicted, how well."""
    model, test = course.model, course.data.test
    users, items = test.user_ids[test.users], test.item_ids[test.items]
    known_user, known_item = model.known(users, items)
    b_u, b_i = (" + b_u", " + b_i") if model.settings.biases else ("", "")
    mean = "μ" if model.settings.biases else "0"
    parts = []
    for who, cold, rule in (
        ("an item", known_user & ~known_item, f"{mean}{b_u}"),
        ("a user", ~known_user & known_item, f"{mean}{b_i}"),
        ("both", ~known_user & ~known_item, mean),
    ):
        if cold.any():
            gap = model.predict(users[cold], items[cold]) - test.values[cold]
            count, error = int(cold.sum()), float(np.sqrt(np.mean(gap**2)))
            parts.append(f"{count:,} of {who}, predicted by {rule}, RMSE {error:.3f}")
    known = "Cold starts in the test part, never seen in training: "
    return f"{known}{'; '.join(parts) or 'none'}."


def apply_hand(spec: Recommender, hand: Hand, course: TrainingCourse) -> Recommender:
    """Return the spec with you where the hand is on the map, or with the cell under the hand."""
    if hand.id == "cell":
        column = clamp(Recommender, "cell_item", hand.x)
        return replace(spec, cell_item=column, cell_user=clamp(Recommender, "cell_user", hand.y))
    if hand.id != "you":
        return spec
    fold = you(spec, course, axes(course)).fold
    east, north = np.array([hand.x, hand.y]) - fold
    return replace(
        spec,
        east=round(clamp(Recommender, "east", east), 3),
        north=round(clamp(Recommender, "north", north), 3),
    )


def known_films(course: TrainingCourse, count: int = 8) -> list[int]:
    """Return the places of the most rated items, the ones that a visitor may know."""
    train = course.model.train
    return np.argsort(-np.bincount(train.items), kind="stable")[:count].tolist()


def search(course: TrainingCourse, text: str, most: int = 8) -> list[int]:
    """Return the places of the items whose title holds the text, the most rated first."""
    wanted = text.strip().lower()
    if not wanted:
        return []
    train = course.model.train
    names = train.titles if train.titles is not None else train.item_ids.astype(str)
    found = [n for n, name in enumerate(names) if wanted in str(name).lower()]
    counts = np.bincount(train.items)
    return sorted(found, key=lambda n: -counts[n])[:most]


def title(course: TrainingCourse, place: int) -> str:
    """Return the title of an item of the model, or its id."""
    train = course.model.train
    return str(train.item_ids[place] if train.titles is None else train.titles[place])[:60]


def neighbours(course: TrainingCourse, place: int, count: int = 5) -> list[int]:
    """Return the places of the items whose factors point the same way."""
    if not course.model.settings.factors:
        return []
    picks = course.model.similar(course.model.item_ids[place], count)
    return positions(course.model.item_ids, [pick.item for pick in picks]).tolist()
