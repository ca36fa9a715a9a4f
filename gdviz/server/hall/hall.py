"""A hall: its code, who may steer it, what its phones are told, and who may guess.

The lecturer has a secret, of which a hall keeps a digest; a phone has a token that the hall has
signed. Whatever a browser says is checked here, and a `HallError` says in a sentence what is wrong.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from gdviz.catalogue.lookup import has_topic
from gdviz.catalogue.question import Guess, Question, is_valid

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # 32 of them; no I, L, O, U: they are misread
LENGTH = 8  # signs of a code: 40 bits
_MISREAD = str.maketrans("ILO", "110")
LONGEST_QUERY = 12_000  # bytes of the settings
MOST_STEPS, FASTEST = 1_000_000, 100
OPEN, ASKING, REVEALED = "open", "asking", "revealed"


class HallError(ValueError):
    """What a browser has said is refused; the words say why."""


class HallState(NamedTuple):
    """What every phone is told: the `n`-th state, and in it nothing of an answer before `told`.

    `held` says that a hand moves the settings right now, `hidden` that the run is to be guessed; it
    plays from its `step` at a `speed`, or stands. `round` counts the questions; `question` is what
    is asked, `told` how it ended: see `public` and `gdviz.server.hall.results`.
    """

    n: int = 0
    page: str = ""
    query: str = ""
    step: int | None = None
    speed: float = 0.0
    held: bool = False
    hidden: bool = False
    phase: str = OPEN
    round: int = 0
    question: Mapping[str, Any] | None = None
    told: Mapping[str, Any] | None = None


class Hall(NamedTuple):
    """A hall as it is kept: the digest of the lecturer's secret, the key that signs tokens."""

    code: str
    lock: str
    key: str
    state: HallState


def new_hall() -> tuple[Hall, str]:
    """Return a hall of a new code, and the secret of its lecturer, which is kept nowhere."""
    secret = secrets.token_urlsafe(24)
    code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    return Hall(code, _digest(secret), secrets.token_hex(32), HallState()), secret


def read_code(text: str) -> str | None:
    """Return the code that somebody has typed, None if it cannot be one.

    >>> read_code(" k7mp-2qro ")
    'K7MP2QR0'
    """
    code = "".join(text[:40].upper().translate(_MISREAD).replace("-", " ").split())
    return code if len(code) == LENGTH and set(code) <= set(SIGNS) else None


def spell(code: str) -> str:
    """Return a code as it is read aloud.

    >>> spell("K7MP2QR0")
    'K7MP-2QR0'
    """
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def may_steer(hall: Hall, secret: str) -> bool:
    """Tell whether a secret is that of the lecturer."""
    return hmac.compare_digest(hall.lock, _digest(secret))


def new_token(hall: Hall) -> str:
    """Return a token for one phone."""
    name = secrets.token_hex(16)
    return f"{name}.{_signature(hall, name)}"


def is_token(hall: Hall, token: str) -> bool:
    """Tell whether the hall has given this token to a phone."""
    name, _, signature = token[:200].partition(".")
    return hmac.compare_digest(_signature(hall, name).encode(), signature.encode())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret[:200].encode("utf-8", "replace")).hexdigest()


def _signature(hall: Hall, name: str) -> str:
    key, said = bytes.fromhex(hall.key), name.encode("utf-8", "replace")
    return hmac.new(key, said, hashlib.sha256).hexdigest()[:32]


def steer(state: HallState, said: Mapping[str, Any]) -> HallState:
    """Return the state after the lecturer's stage has said what it shows.

    Other settings than those of a question withdraw it.
    """
    page, query, step, speed = (said.get(name) for name in ("page", "query", "step", "speed"))
    if not (isinstance(page, str) and len(page) < 100 and has_topic(page)):
        raise HallError("This is not a page that a hall can follow.")
    if not isinstance(query, str) or len(query.encode("utf-8", "replace")) > LONGEST_QUERY:
        raise HallError("These settings are too long for a hall.")
    if step is not None and not (type(step) is int and 0 <= step <= MOST_STEPS):
        raise HallError("A step is a whole number from 0.")
    if speed is not None and not (_is_number(speed) and 0 <= speed <= FASTEST):
        raise HallError(f"A speed is a number from 0 to {FASTEST}.")
    held, hidden = (said.get(name) is True for name in ("held", "hidden"))
    moved = state._replace(n=state.n + 1, page=page, query=query, held=held, hidden=hidden)
    moved = moved._replace(step=step, speed=speed or 0.0)
    if (page, query) == (state.page, state.query):
        return moved
    return moved._replace(phase=OPEN, question=None, told=None)


def ask_question(state: HallState, question: Question) -> HallState:
    """Return the state in which a question is open; guesses of an earlier one do not count."""
    after = state._replace(n=state.n + 1, held=False, phase=ASKING, round=state.round + 1)
    return after._replace(question=public(question), told=None)


def close_question(state: HallState) -> HallState:
    """Return the state in which no more guess counts; raise `HallError` if nothing was asked."""
    if state.phase == OPEN or state.told:
        raise HallError("There is no open question to reveal.")
    return state._replace(n=state.n + 1, phase=REVEALED)


def public(question: Question) -> dict[str, Any]:
    """Return a question as it is told before the reveal: without what answers it."""
    return {n: v for n, v in question._asdict().items() if n not in ("answers", "told", "places")}


def guess_of(state: HallState, said: Mapping[str, Any]) -> Guess:
    """Return the guess that a phone has sent; raise `HallError` if it is none of this question."""
    if state.phase != ASKING or state.question is None or said.get("round") != state.round:
        raise HallError("This question is closed.")
    values = said.get("guess")
    if not isinstance(values, list) or len(values) > 2 or not all(map(_is_number, values)):
        raise HallError("A guess is one number, or two.")
    guess, question = tuple(map(float, values)), Question(**state.question, answers=(), told="")
    if not is_valid(question, guess):
        raise HallError("This guess lies outside of what can be chosen.")
    return guess


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and abs(value) < 1e300  # type: ignore[arg-type]


def to_text(state: HallState) -> str:
    """Return a state as JSON."""
    return json.dumps(state._asdict(), allow_nan=False)


def from_text(text: str) -> HallState:
    """Return the state of a text by `to_text`."""
    said = json.loads(text)
    if question := said["question"]:
        lists = {n: tuple(v) for n, v in question.items() if isinstance(v, list)}
        said["question"] = question | lists
    return HallState(**said)
