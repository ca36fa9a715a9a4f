"""A training on the page: at once where it is short; else under a bar, and it can be stopped."""

from time import monotonic

import streamlit as st

from gdviz.learn.ratings import Ratings, RatingsError
from gdviz.topics import recommender as topic
from gdviz.topics.recommender import Course, Recommender
from gdviz.ui.controls import complain

KEPT = "recommender_long"
PAUSE = 0.15  # seconds between two looks at the bar


def trained(spec: Recommender, upload: Ratings | None) -> Course:
    """Return the training of the spec; what cannot be trained gives way to the defaults."""
    try:
        data = topic.data_of(spec, upload)
        if topic.seconds_needed(spec, data) > topic.LONGEST:
            topic.run(spec, upload)  # says why it will not
        if topic.seconds_needed(spec, data) <= topic.LONG:
            return topic.run(spec, upload)
        return _watched(spec, data)
    except RatingsError as error:
        complain(error)
        return topic.run(Recommender())


def _watched(spec: Recommender, data: topic.Data) -> Course:
    """Train under a bar; a stop, or any other touch of the page, keeps what has been learnt."""
    key = id(data.ratings), str(topic.settings_of(spec))
    kept = st.session_state.setdefault(KEPT, {})
    if kept.get("key") != key:
        kept.clear()
        kept["key"] = key
    if kept.get("done"):
        return kept["course"]
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, "Training …")
        st.button("Stop here", key="recommender_stop", on_click=_stop)
    last = 0.0
    for share, course in topic.epochs(data, topic.settings_of(spec)):
        if monotonic() - last > PAUSE or share >= 1:
            last, kept["course"] = monotonic(), course()
            train, test = kept["course"].train[-1], kept["course"].test[-1]
            bar.progress(min(share, 1.0), f"{share:.0%}: train {train:.3f}, test {test:.3f}")
    kept["course"] = course()
    kept["done"] = True
    place.empty()
    return kept["course"]


def _stop() -> None:
    kept = st.session_state.get(KEPT, {})
    kept["done"] = "course" in kept
