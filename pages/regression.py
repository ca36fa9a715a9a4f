"""Regression: from two points that a hand drags to twenty thousand houses."""

from functools import partial

from gdviz.topics.regression_presets import PRESETS
from gdviz.ui import frame, regression_line
from gdviz.ui.pages import entry_of

PAGE = "regression"
ROOMS = {"line": "A line", **entry_of(PAGE).rooms}

room = frame.room_asked(PAGE, ROOMS)
if room == "line":
    frame.run(
        frame.header(PAGE, PRESETS, names=ROOMS), PAGE, regression_line.body, regression_line.tell
    )
elif room == "many":
    # These rooms import pandas and scikit-learn, which take seconds: nobody else should wait.
    from gdviz.topics.regression_many_presets import PRESETS as MANY_PRESETS
    from gdviz.ui import regression_many as many

    place = frame.header(PAGE, MANY_PRESETS, names=ROOMS)
    frame.run(place, PAGE, partial(frame.live, many.body), many.tell)
else:
    from gdviz.topics.regression_houses_presets import PRESETS as HOUSES_PRESETS
    from gdviz.ui import regression_houses as houses

    place = frame.header(PAGE, HOUSES_PRESETS, names=ROOMS)
    frame.run(place, PAGE, partial(frame.live, houses.body), houses.tell)
