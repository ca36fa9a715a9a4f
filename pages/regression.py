"""Regression: from two points that a hand drags to twenty thousand houses."""

from gdviz.topics.regression import as_python
from gdviz.topics.regression_presets import PRESETS
from gdviz.ui import frame, regression_line

PAGE = "regression"
ROOMS = {"line": "A line", "many": "Many features", "houses": "House prices"}

room = frame.room_asked(PAGE, ROOMS)
if room == "line":
    place = frame.header(PAGE, PRESETS, names=ROOMS)
    drawn = regression_line.body()
    code, csv = as_python(drawn.spec), regression_line.csv_of
    panels = regression_line.panels(drawn)
elif room == "many":
    # These rooms import pandas and scikit-learn, which take seconds: nobody else should wait.
    from gdviz.topics.regression_table_presets import MANY_PRESETS
    from gdviz.ui import regression_many

    place = frame.header(PAGE, MANY_PRESETS, names=ROOMS)
    drawn = frame.live(regression_many.body)
    code, csv = regression_many.as_python(drawn.spec, drawn.runs), regression_many.csv_of
    panels = regression_many.panels(drawn)
else:
    from gdviz.topics.regression_table import as_python_houses
    from gdviz.topics.regression_table_presets import HOUSES_PRESETS
    from gdviz.ui import regression_houses
    from gdviz.ui.regression_stages import csv_of

    place = frame.header(PAGE, HOUSES_PRESETS, names=ROOMS)
    drawn = frame.live(regression_houses.body)
    code, csv = as_python_houses(drawn.spec, drawn.runs.source), csv_of
    panels = regression_houses.panels(drawn)

frame.finish(place, PAGE, drawn, panels, code, csv=lambda: csv(drawn.runs))
