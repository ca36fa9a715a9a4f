"""From knobs to widgets: one annotation gives the widget, its link, its bounds and its help."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import streamlit as st

from gdviz.knob_texts import parse
from gdviz.knobs import Choice, Knob, KnobError, Range, Switch, Text, knobs, validate
from gdviz.queries import OF_A_PAGE, to_query
from gdviz.ui.dial import Mark, dial
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.unheard import is_meant, link_in_message, set_knob, tell_link

_REFUSED = "refused_in_link"
ROW = 25  # pixels of a row of a text of several
MORE_KNOBS = ("More knobs", ":material/tune:")  # of the menu that most pages have


def key_of(page: str, name: str) -> str:
    """Return the widget key, which is also the URL parameter, of a knob on a page."""
    return f"{page}_{name}"


def escape_markdown(text: Any) -> str:
    """Return a visitor's text, escaped so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]<>$:~#|&])", r"\\\1", str(text))


def show_error(error: Exception) -> None:
    """Show an error in red. The message may quote a visitor, so it is not read as Markdown."""
    quoted = re.sub(r"`(.+?)`(?!`)", r"“\1”", str(error))
    st.caption(f":red[{escape_markdown(quoted)}]")


class Controls:
    """The knobs of a page, which draws them one by one where it wants.

    `draw` returns the value of a knob, `spec` all values, checked again in Python because a
    browser's bounds can be bypassed. `moving` is True while a dial is held. A `live` dial updates
    the stage while it is dragged, and reaches Python on release. While `shown` is False, in a
    closed menu, knobs have no widgets and keep their values.
    """

    def __init__(
        self, spec_type: Callable[..., Any], page: str, live: bool = False, shown: bool = True
    ) -> None:
        self.spec_type, self.page, self.live, self.shown = spec_type, page, live, shown
        self.knobs, self.asked = knobs(spec_type), set(st.query_params)
        self.values: dict[str, Any] = {name: knob.default for name, knob in self.knobs.items()}
        self.moving = self.outdated = False
        self.below: dict[str, Any] = {}  # the place under each text field, for what is wrong in it

    def draw(
        self,
        name: str,
        marks: Sequence[Mark] = (),
        window: tuple[float, float] | None = None,
        on_change: Callable[[], None] | None = None,
        with_dial: bool = True,
        label: str = "",
    ) -> Any:
        """Draw the widget of one knob and return its checked value.

        `window` is the range of its dial, if narrower than its bounds; `label` replaces the knob's
        own label.
        """
        knob, key = self.knobs[name], key_of(self.page, name)
        if label:
            knob = knob._replace(kind=knob.kind._replace(label=label))
        if key in self.asked:
            restore_from_query(knob, key)
        if self.shown:
            value = draw_widget(knob, key, on_change)
        else:
            value = st.session_state.get(key, knob.default)
        if isinstance(knob.kind, Text) and self.shown:
            self.below[name] = st.empty()
        try:
            self.values[name] = validate(knob, value)
        except KnobError as error:
            show_error(error)
        if self.shown and with_dial and isinstance(knob.kind, Range) and knob.type is float:
            self._dial(knob, key, marks, window)
        return self.values[name]

    def beside(self, *names: str) -> None:
        """Draw knobs side by side, without dials."""
        key = f"{self.page}_beside_{names[0]}"  # by which frame.py keeps them in one row
        row = partial(st.container, key=key, horizontal=True, vertical_alignment="bottom")
        with row() if self.shown else nullcontext():
            for name in names:
                self.draw(name, with_dial=False)

    @contextmanager
    def menu(self, name: str, label: str, icon: str | None = None) -> Iterator[bool]:
        """Make a menu of more knobs; tell whether it is open, because only then they are drawn.

        With eight methods, fields that nobody sees would take most of the time of a rerun.
        """
        key = f"{self.page}_menu_{name}"
        place = st.popover(label, icon=icon, width="stretch", key=key, on_change="rerun")
        before, self.shown = self.shown, bool(place.open)
        try:
            with place:
                yield self.shown
        finally:
            self.shown = before

    def _dial(
        self, knob: Knob, key: str, marks: Sequence[Mark], window: tuple[float, float] | None
    ) -> None:
        kind, value = knob.kind, self.values[knob.name]
        assert isinstance(kind, Range)
        lo, hi = window or (kind.lo, kind.hi)
        self.moving |= dial(
            key,
            label=kind.label,
            lo=lo,
            hi=hi,
            value=value,
            log=kind.log,
            marks=marks,
            large=lecture_mode(),
            live=self.live,
        )

    def spec(self) -> Any:
        """Return the values as the page's frozen dataclass."""
        return self.spec_type(**self.values)

    def keep_valid(self, names: Sequence[str], check: Callable[[Any], Any]) -> None:
        """Let `check` test the settings; if they are not valid, use the last valid ones.

        `check` raises `ValueError` with a sentence, which stands under the text that is wrong. Only
        the knobs `names` are replaced, and only for the run: what the visitor typed stays in its
        field, and the stage says that its picture is an older one.
        """
        key = f"{self.page}_sound_{'_'.join(names)}"
        sound = st.session_state.get(key, {name: self.knobs[name].default for name in names})
        try:
            check(self.spec())
            st.session_state[key] = {name: self.values[name] for name in names}
        except ValueError as error:
            with self.below.get(self._culprit(sound, check), nullcontext()):
                show_error(error)
            self.values |= sound
            self.outdated = True
        st.session_state[outdated_key(self.page)] = self.outdated

    def _culprit(self, sound: Mapping[str, Any], check: Callable[[Any], Any]) -> str:
        """Return the text field whose last valid text would put things right, else the last one."""
        for name in self.below:
            try:
                check(self.spec_type(**self.values | {name: sound.get(name, self.values[name])}))
                return name
            except ValueError:
                continue
        return next(reversed(self.below), "")


def outdated_key(page: str) -> str:
    """Return the key under which a page keeps that its picture shows older settings."""
    return f"{page}_outdated"


def write(page: str, values: Mapping[str, Any]) -> None:
    """Set knobs from a callback (a preset, a click on a map), before their widgets are drawn.

    `hyper` holds the knobs of methods, `((method, ((knob, value), ...)), ...)`.
    """
    for name, value in values.items():
        if name == "hyper":
            for method, own in value:
                write(f"{page}_{method}", dict(own))
            continue
        set_knob(key_of(page, name), list(value) if isinstance(value, tuple) else value)


def draw_widget(knob: Knob, key: str, on_change: Callable[[], None] | None = None) -> Any:
    """Draw the widget of a knob; return its value. `on_change` is called if the visitor sets it."""
    kind, default = knob.kind, knob.default
    more: dict[str, Any] = {
        "key": key,
        "persist_state": "session",
        "help": kind.help or None,
        "on_change": on_change and (lambda: on_change() if is_meant(key) else None),
    }
    if isinstance(kind, Switch):
        return st.toggle(kind.label, default, **more)
    if isinstance(kind, Text) and kind.rows > 1:
        tall = ROW * kind.rows + 20
        return st.text_area(kind.label, default, tall, max_chars=kind.most, **more)
    if isinstance(kind, Text):
        return st.text_input(kind.label, default, max_chars=kind.most, **more)
    if isinstance(kind, Range):
        ends, whole = (knob.type(kind.lo), knob.type(kind.hi)), knob.type is int
        more |= {"step": 1 if whole else None, "format": "%d" if whole else "%g"}
        return st.number_input(kind.label, *ends, default, **more)
    options = list(kind.options)
    more["format_func"] = lambda option: kind.options.get(option, option)
    if isinstance(kind, Choice):
        return st.selectbox(kind.label, options, options.index(default), **more)
    return st.multiselect(kind.label, options, list(default), max_selections=kind.most, **more)


def restore_from_query(knob: Knob, key: str) -> None:
    """Take a value from the link when the session has none.

    Streamlit's own binding would write labels into the link, and only of widgets that are drawn.
    Ours writes keys, which stay the same when a label is reworded.
    """
    if key in st.session_state or key not in st.query_params:
        return
    try:
        value = parse(knob, st.query_params.get_all(key))
        st.session_state[key] = list(value) if isinstance(value, tuple) else value
    except KnobError:
        note_refused(knob)


def note_refused(knob: Knob) -> None:
    """Keep that a value could not be taken, for `tell_refused`."""
    st.session_state.setdefault(_REFUSED, []).append(knob.kind.label)


def tell_refused() -> None:
    """Say once, in a note that goes away, which values of a link could not be taken."""
    names = ", ".join(f"“{name}”" for name in st.session_state.pop(_REFUSED, ()))
    if names:
        words = f"The link has no valid value for {names}: the usual one is shown."
        st.toast(words, duration="long")  # the page is still on its way


def settings_to_query(page: str, spec: Any) -> None:
    """Write the settings of a page into the link, without those that are defaults."""
    sync_query(page, parse_qs(to_query(spec, f"{page}_"), keep_blank_values=True))


def sync_query(page: str, told: Mapping[str, list[str]], others: Sequence[str] = ()) -> None:
    """Let the link say of a page what is in `told`, and keep `others`, which write themselves."""
    said = link_in_message(page, {f"{page}_{name}" for name in (*OF_A_PAGE, *others)})
    settings = {n: told.get(n, []) for n in (set(said.settings) | set(told)) - said.own}
    _set_params(settings)
    tell_link(said, settings)


def set_query_param(name: str, texts: list[str]) -> None:
    """Write the values of one parameter into the link; remove it if there are none."""
    _set_params({name: texts})


def _set_params(told: Mapping[str, list[str]]) -> None:
    """Write parameters into the link all at once, so that it never holds a mixture."""
    changed = {n: texts for n, texts in told.items() if st.query_params.get_all(n) != texts}
    if changed:
        st.query_params.update(changed)
    for name in [n for n, texts in changed.items() if not texts]:
        del st.query_params[name]  # it has left the address already
