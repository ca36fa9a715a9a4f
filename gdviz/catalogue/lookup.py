"""Every topic by the name of its page: settings, run, presets, pitfalls, program, picture.

A topic is a folder of `gdviz.topics` with a fixed vocabulary. Its package has the class of the
settings (the type of what `as_python` takes), `run(spec)` and `as_python(spec)`; `presets.PRESETS`,
`figure.picture` and `questions.questions` stand in files of these names, and its pitfalls in
`pitfalls.md`. A room with
settings of its own is a folder inside, and its name is `<page>_<room>`. Nothing is imported before
it is asked for.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_type_hints

from gdviz.catalogue.pages import PAGES
from gdviz.catalogue.pitfall import Pitfall, read_pitfalls
from gdviz.catalogue.preset import Preset
from gdviz.catalogue.question import Questions, in_view
from gdviz.core import usual_errors
from gdviz.knobs import Knob, KnobError, knobs, replace

if TYPE_CHECKING:  # the home page needs names only, and must not wait for Plotly
    from gdviz.figures.explorer import Explorer
    from gdviz.figures.hand import Hand
    from gdviz.figures.scene import Picture, Scene


def packages() -> dict[str, str]:
    """Return the package of every topic that has settings, by the name of its page or room."""
    found = {}
    for entry in PAGES:
        if entry.has_settings:
            found[entry.stem] = f"gdviz.topics.{entry.stem}"
        for room in entry.rooms:
            found[f"{entry.stem}_{room}"] = f"gdviz.topics.{entry.stem}.{room}"
    return found


def has_topic(name: str) -> bool:
    """Tell whether a page, or a room, has settings and a picture, without importing its topic."""
    return name in packages()


def card_file(page: str) -> Path:
    """Return the file of the small picture of a page, whether it is there or not."""
    return Path(__file__).parents[1] / "topics" / page / "card.png"


def has_card(page: str) -> bool:
    """Tell whether there is a page of that name, and a small picture of it."""
    return any(page == entry.stem for entry in PAGES) and card_file(page).is_file()


def topic(name: str) -> ModuleType:
    """Return the package of a page, or of a room; raise `KnobError` if it has no settings."""
    return _part(name)


def _part(name: str, file: str = "") -> ModuleType:
    """Return the package of a topic, or one of its files."""
    package = packages().get(name)
    if package is None:
        raise KnobError(f"“{name[:40]}” is not a page with settings.")
    return import_module(f"{package}.{file}".rstrip("."))


def settings(name: str) -> type:
    """Return the dataclass of a page's settings."""
    hints = get_type_hints(topic(name).as_python)
    return next(hint for argument, hint in hints.items() if argument != "return")


def presets(name: str) -> tuple[Preset, ...]:
    """Return the presets of a page."""
    return tuple(_part(name, "presets").PRESETS)


def pitfalls(page: str) -> tuple[Pitfall, ...]:
    """Return the mistakes that a page shows beside what is right."""
    return read_pitfalls(topic(page).__name__)


def topic_of(spec: Any) -> str:
    """Return the page, or room, that settings belong to; raise `KnobError` if they are of none.

    >>> from gdviz.topics.race import Race
    >>> topic_of(Race())
    'race'
    """
    home = type(spec).__module__.rpartition(".")[0]
    name = next((name for name, package in packages().items() if package == home), None)
    if name is None or type(spec) is not settings(name):
        raise KnobError(f"{type(spec).__name__} is not the settings of a page.")
    return name


def page_of(spec: Any) -> str:
    """Return the name of the page whose settings, or whose room's, these are."""
    return packages()[topic_of(spec)].split(".")[2]


@usual_errors
def picture_of(spec: Any, large: bool = False) -> "Picture":
    """Return the picture of the page whose settings these are; `large` is the type of a lecture."""
    return _part(topic_of(spec), "figure").picture(spec, large)


def live_scene_of(name: str) -> "Callable[[str, Hand | None], Scene] | None":
    """Return the function that draws a page during a drag; None if it waits for the release."""
    return getattr(_part(name, "figure"), "live_scene", None) if has_topic(name) else None


def has_explorer(name: str) -> bool:
    """Tell whether the picture of a page, or of a room, can move without a server."""
    return has_topic(name) and hasattr(_part(name, "figure"), "explorer")


def explorer_of(spec: Any) -> "Explorer | None":
    """Return what moves the page's picture in a file without a server; None if nothing does."""
    make = getattr(_part(topic_of(spec), "figure"), "explorer", None)
    return make(spec) if make else None


@usual_errors
def questions(spec: Any) -> Questions:
    """Return what can be asked of a run before it is seen: questions whose answer is in view.

    The run is made, and raises what it raises.
    """
    name = topic_of(spec)
    if find_spec(f"{packages()[name]}.questions") is None:
        return ()
    asked = _part(name, "questions").questions(spec)
    layout = picture_of(spec).background.layout.to_plotly_json() if asked else {}
    return tuple(seen for question in asked for seen in in_view(question, layout))


@usual_errors
def run(spec: Any) -> Any:
    """Return what a page computes at its settings: for the optimizers a run of each method."""
    return topic(topic_of(spec)).run(spec)


@usual_errors
def numbers(spec: Any, result: Any = None) -> Any:
    """Return the tables of a run: the topic's `numbers(result)`, or else the whole result.

    The run is made unless its `result` is given.
    """
    result = run(spec) if result is None else result
    keep = getattr(topic(topic_of(spec)), "numbers", None)
    return keep(result) if keep else result


@usual_errors
def summary(spec: Any) -> Any:
    """Return how a run ended: the topic's `summary(result)`, or else its tables."""
    keep = getattr(topic(topic_of(spec)), "summary", None)
    return keep(run(spec)) if keep else numbers(spec)


def alike(a: Any, b: Any) -> bool:
    """Tell whether one picture can hold the runs of two settings: the topic's `alike(a, b)`."""
    judge = getattr(topic(topic_of(a)), "alike", None)
    return judge is None or judge(a, b)


def method_knobs(page: str) -> dict[str, Knob]:
    """Return the knobs of a page's methods, which are not fields of its settings."""
    return getattr(topic(page), "method_knobs", dict)()


def all_knobs(page: str) -> dict[str, Knob]:
    """Return the knobs of the settings, and those beyond them."""
    return method_knobs(page) | knobs(settings(page))


def with_values(page: str, spec: Any, values: Mapping[str, Any]) -> Any:
    """Return settings with new values of some knobs, `method_knobs` included, all checked."""
    own = knobs(spec.__class__)
    spec = replace(spec, **{n: v for n, v in values.items() if n in own})
    more = {n: v for n, v in values.items() if n not in own}
    return topic(page).with_more(spec, more) if more else spec


def as_python(spec: Any) -> str:
    """Return a short program on the public API that prints the numbers of a page."""
    return topic(topic_of(spec)).as_python(spec)


def plain_label(label: str) -> str:
    """Return a label as a shell writes it: in small letters, with hyphens for all that is none.

    >>> plain_label("The 2/L edge")
    'the-2-l-edge'
    """
    return "-".join("".join(c if c.isalnum() else " " for c in label.casefold()).split())


def preset(page: str, label: str) -> Any:
    """Return the settings of a preset, by its label; raise `KnobError` if the page has no such.

    >>> preset("race", "the-banana").surface
    'rosenbrock'
    """
    for one in presets(page):
        if plain_label(one.label) == plain_label(label):
            return settings(page)(**one.values)
    labels = ", ".join(one.label for one in presets(page))
    raise KnobError(f"“{label[:40]}” is not a preset of {page}; it has {labels}.")
