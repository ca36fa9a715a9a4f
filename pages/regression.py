"""Regression: from two points that a hand drags to twenty thousand houses."""

from functools import partial

from gdviz.catalogue.pages import entry_of
from gdviz.topics.regression import screen as regression_line
from gdviz.topics.regression.presets import PRESETS
from gdviz.ui import frame

PAGE = "regression"
ROOMS = {"line": "A line", **entry_of(PAGE).rooms}

room = frame.room_asked(PAGE, ROOMS)
if room == "line":
    frame.run(
        frame.header(PAGE, PRESETS, names=ROOMS),
        PAGE,
        regression_line.body,
        regression_line.outputs,
    )
elif room == "many":
    # These rooms import pandas and scikit-learn, which take seconds: nobody else should wait.
    from gdviz.topics.regression.many import screen as many
    from gdviz.topics.regression.many.presets import PRESETS as MANY_PRESETS

    place = frame.header(PAGE, MANY_PRESETS, names=ROOMS)
    frame.run(place, PAGE, partial(frame.live, many.body), many.outputs)
else:
    from gdviz.topics.regression.houses import screen as houses
    from gdviz.topics.regression.houses.presets import PRESETS as HOUSES_PRESETS

    place = frame.header(PAGE, HOUSES_PRESETS, names=ROOMS)
    frame.run(place, PAGE, partial(frame.live, houses.body), houses.outputs)
