"""The optimizer race: every optimizer on the same surface, from the same point, explained."""

from gdviz.catalogue.lookup import presets
from gdviz.catalogue.pages import entry_of
from gdviz.topics.race.controls import PAGE, forget_own_knobs
from gdviz.ui import frame
from gdviz.ui.presets import open_with
from gdviz.ui.rooms import room_asked

ROOMS = {"race": "The race", **entry_of(PAGE).rooms}

if room_asked(PAGE, ROOMS) == "race":
    from gdviz.topics.race import screen, tabs

    open_with(PAGE, presets(PAGE)[0])
    place = frame.header(PAGE, presets(PAGE), forget_own_knobs, ROOMS)
    frame.run_page(place, PAGE, screen.body, tabs.outputs)
else:
    from gdviz.topics.race.compare import screen as compare
    from gdviz.topics.race.compare import tabs as compare_tabs

    place = frame.header(PAGE, presets(f"{PAGE}_compare"), names=ROOMS)
    frame.run_page(place, PAGE, compare.body, compare_tabs.outputs)
