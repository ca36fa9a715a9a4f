"""Backpropagation: from one chain rule to a trained network."""

from gdviz.topics import backprop as topic
from gdviz.topics.backprop_presets import PRESETS
from gdviz.ui import backprop_room, frame
from gdviz.ui.backprop_controls import PAGE, forget

place = frame.header(PAGE, PRESETS, forget)
drawn = frame.live(backprop_room.body)
spec, result = drawn.spec, drawn.runs
panels = {name: (lambda: None) for name in frame.TABS}
frame.finish(place, PAGE, drawn, panels, topic.as_python(spec), csv=lambda: b"")
