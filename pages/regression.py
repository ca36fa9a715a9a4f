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

    frame.run_page(place, PAGE, screen.body, tabs.outputs)
elif room == "many":
    from gdviz.topics.regression.many import screen as many
    from gdviz.topics.regression.many import tabs as many_tabs

    frame.run_page(place, PAGE, partial(frame.live_body, many.body), many_tabs.outputs)
elif room == "double_descent":
    from gdviz.topics.regression.double_descent import screen as double
    from gdviz.topics.regression.double_descent import tabs as double_tabs

    frame.run_page(place, PAGE, double.body, double_tabs.outputs)
else:
    from gdviz.topics.regression.houses import screen as houses

    frame.run_page(place, PAGE, partial(frame.live_body, houses.body), houses.outputs)
