"""Regression: from two points that a hand drags to twenty thousand houses."""

from functools import partial

from gdviz.catalogue.lookup import presets
from gdviz.catalogue.pages import entry_of
from gdviz.topics.regression.controls import PAGE
from gdviz.ui import frame
from gdviz.ui.rooms import room_asked

ROOMS = {"line": "A line", **entry_of(PAGE).rooms}

room = room_asked(PAGE, ROOMS)
place = frame.header(PAGE, presets(PAGE if room == "line" else f"{PAGE}_{room}"), names=ROOMS)
# The rooms of tables import pandas and scikit-learn, which take seconds: nobody else should wait.
if room == "line":
    from gdviz.topics.regression import screen, tabs

    frame.run(place, PAGE, screen.body, tabs.outputs)
elif room == "many":
    from gdviz.topics.regression.many import screen as many
    from gdviz.topics.regression.many import tabs as many_tabs

    frame.run(place, PAGE, partial(frame.live, many.body), many_tabs.outputs)
else:
    from gdviz.topics.regression.houses import screen as houses

    frame.run(place, PAGE, partial(frame.live, houses.body), houses.outputs)
