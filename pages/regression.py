"""Regression: from two points that a hand drags to twenty thousand houses."""

from gdviz.topics import regression as line_topic
from gdviz.ui import frame, regression_line

PAGE = "regression"
ROOMS = {"line": "A line", "many": "Many features", "houses": "House prices"}

room = frame.room_asked(PAGE, ROOMS)
if room == "line":
    place = frame.header(PAGE, line_topic.PRESETS, names=ROOMS)
    drawn = frame.live(regression_line.body)
    code, csv = line_topic.as_python(drawn.spec), regression_line.csv_of
    panels = regression_line.panels(drawn)
elif room == "many":
    # These rooms import pandas and scikit-learn, which take seconds: nobody else should wait.
    from gdviz.topics import regression_table as topic
    from gdviz.ui import regression_many

    place = frame.header(PAGE, topic.MANY_PRESETS, names=ROOMS)
    drawn = frame.live(regression_many.body)
    code, csv = regression_many.as_python(drawn.spec, drawn.runs), regression_many.csv_of
    panels = regression_many.panels(drawn)
else:
    from gdviz.topics import regression_table as topic
    from gdviz.ui import regression_houses

    place = frame.header(PAGE, topic.HOUSES_PRESETS, names=ROOMS)
    drawn = frame.live(regression_houses.body)
    code, csv = topic.as_python_houses(drawn.spec, drawn.runs.source), regression_houses.csv_of
    panels = regression_houses.panels(drawn)

frame.finish(place, PAGE, drawn, panels, code, csv=lambda: csv(drawn.runs))
