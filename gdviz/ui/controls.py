"""From knobs to widgets: one annotation gives the widget, its link, its bounds and its help."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import streamlit as st

from gdviz.knob_texts import parse
from gdviz.knobs import Choice, Choices, Knob, KnobError, Range, Switch, Text, knobs, validate
from gdviz.queries import to_query
from gdviz.ui.dial import Mark, dial
from gdviz.ui.lecture import lecture_mode

# Parameters of the link beside the settings, which others write.
NO_SETTINGS = ("step", "pin", "tab", "view", "room")
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
        self.moving = False

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
            value = _WIDGETS[type(knob.kind)](knob, key, on_change)
        else:
            value = st.session_state.get(key, knob.default)
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

        `check` raises `ValueError` with a sentence for the page. Only the knobs `names` are
        replaced, and only for the run: what the visitor typed stays in its field.
        """
        key = f"{self.page}_sound_{'_'.join(names)}"
        try:
            check(self.spec())
            st.session_state[key] = {name: self.values[name] for name in names}
        except ValueError as error:
            show_error(error)
            defaults = {name: self.knobs[name].default for name in names}
            self.values |= st.session_state.get(key, defaults)


def write(page: str, values: Mapping[str, Any]) -> None:
    """Set knobs from a callback (a preset, a click on a map), before their widgets are drawn.

    `hyper` holds the knobs of methods, `((method, ((knob, value), ...)), ...)`.
    """
    for name, value in values.items():
        if name == "hyper":
            for method, own in value:
                write(f"{page}_{method}", dict(own))
            continue
        st.session_state[key_of(page, name)] = list(value) if isinstance(value, tuple) else value


def _number(knob: Knob, key: str, on_change: Callable[[], None] | None) -> Any:
    kind = knob.kind
    assert isinstance(kind, Range)
    whole = knob.type is int
    return st.number_input(
        kind.label,
        knob.type(kind.lo),
        knob.type(kind.hi),
        knob.default,
        step=1 if whole else None,
        format="%d" if whole else "%g",
        key=key,
        persist_state="session",
        help=kind.help or None,
        on_change=on_change,
    )


def _one(knob: Knob, key: str, on_change: Callable[[], None] | None) -> Any:
    kind = knob.kind
    assert isinstance(kind, Choice)
    options = list(kind.options)
    return st.selectbox(
        kind.label,
        options,
        options.index(knob.default),
        format_func=lambda option: kind.options.get(option, option),
        key=key,
        persist_state="session",
        help=kind.help or None,
        on_change=on_change,
    )


def _several(knob: Knob, key: str, on_change: Callable[[], None] | None) -> Any:
    kind = knob.kind
    assert isinstance(kind, Choices)
    return st.multiselect(
        kind.label,
        list(kind.options),
        list(knob.default),
        format_func=lambda option: kind.options.get(option, option),
        max_selections=kind.most,
        key=key,
        persist_state="session",
        help=kind.help or None,
        on_change=on_change,
    )


def restore_from_query(knob: Knob, key: str) -> None:
    """Take a value from the link when the session has none.

    Streamlit's own binding would write labels into the link, and only of widgets that are drawn.
    Ours writes keys, which stay the same when a label is reworded.
    """
    if key in st.session_state or key not in st.query_params:
        return
    with suppress(KnobError):
        value = parse(knob, st.query_params.get_all(key))
        st.session_state[key] = list(value) if isinstance(value, tuple) else value


def settings_to_query(page: str, spec: Any) -> None:
    """Write the settings of a page into the link, without those that are defaults."""
    sync_query(page, parse_qs(to_query(spec, f"{page}_"), keep_blank_values=True))


def sync_query(page: str, told: Mapping[str, list[str]], others: Sequence[str] = ()) -> None:
    """Let the link say of a page what is in `told`, and keep `others`, which write themselves."""
    own = {f"{page}_{name}" for name in (*NO_SETTINGS, *others)}
    old = {name for name in st.query_params if name.startswith(f"{page}_")}
    for name in (old | set(told)) - own:
        set_query_param(name, told.get(name, []))


def set_query_param(name: str, texts: list[str]) -> None:
    """Write the values of one parameter into the link; remove it if there are none."""
    if st.query_params.get_all(name) == texts:
        return
    if texts:
        st.query_params[name] = texts
    elif name in st.query_params:
        del st.query_params[name]


def _text(knob: Knob, key: str, on_change: Callable[[], None] | None) -> Any:
    kind = knob.kind
    assert isinstance(kind, Text)
    return st.text_input(
        kind.label,
        knob.default,
        max_chars=kind.most,
        key=key,
        persist_state="session",
        help=kind.help or None,
        on_change=on_change,
    )


def _switch(knob: Knob, key: str, on_change: Callable[[], None] | None) -> Any:
    return st.toggle(
        knob.kind.label,
        knob.default,
        key=key,
        persist_state="session",
        help=knob.kind.help or None,
        on_change=on_change,
    )


_WIDGETS: dict[type, Callable[[Knob, str, Callable[[], None] | None], Any]] = {
    Range: _number,
    Choice: _one,
    Choices: _several,
    Text: _text,
    Switch: _switch,
}
