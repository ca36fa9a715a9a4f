"""The pages and rooms that the command line knows, by name."""

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES


def titles() -> dict[str, str]:
    """Return the title of each page that has settings, by its name."""
    return {entry.stem: entry.title for entry in PAGES if lookup.has_topic(entry.stem)}


def names() -> dict[str, str]:
    """Return the titles of pages and of the rooms that have settings of their own, by name."""
    rooms = {
        f"{entry.stem}_{room}": f"{entry.title}: {title}"
        for entry in PAGES
        for room, title in entry.rooms.items()
    }
    return titles() | rooms


def first_rooms() -> dict[str, str]:
    """Return the name of the room that a page with rooms opens in, by the page's name."""
    return {"regression": "line", "backprop": "playground"}
