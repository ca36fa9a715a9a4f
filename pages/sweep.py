"""Sweeps: a page run over many settings, and what came out of them compared."""

from gdviz.topics.sweep import tabs as sweep_views
from gdviz.topics.sweep.controls import PAGE, controls
from gdviz.ui import frame

place, _ = frame.heading(PAGE)
left, right = frame.knobs_and_stage(3.2)
with left:
    asked = controls()
table = None
with right:
    if asked is not None:
        table = sweep_views.result_of(asked) if asked.frame is None else None
        rows = table.to_pandas() if table is not None else asked.frame
        if rows is not None:
            sweep_views.show(asked, table, rows)
sweep_views.share(place, asked, table)
