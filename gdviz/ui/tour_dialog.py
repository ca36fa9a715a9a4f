"""The dialog that makes the slides of a tour."""

import streamlit as st

from gdviz.catalogue.export_options import OPTIONS
from gdviz.catalogue.tours import TOURS
from gdviz.export.decks import DECKS, forecast_of_tour, tour_bytes
from gdviz.export.renderer import browser_path
from gdviz.ui.file_maker import file_maker

LABELS = {"html": "HTML, which plays", "pptx": "PPTX, for PowerPoint and LibreOffice"}


@st.dialog("Slides of this tour", width="medium")
def show_slides(tour: str, base: str) -> None:
    """Offer a tour as slides, whose links lead to the app at `base`."""
    able = browser_path() is not None
    formats = [name for name in reversed(DECKS) if able or name == "html"]
    format = st.segmented_control(
        "Format",
        formats,
        default=formats[0],
        format_func=lambda name: LABELS.get(name, name),
        key="tour_export_format",
    )
    stills = st.toggle(
        "Pictures in place of films",
        key="tour_export_stills",
        help=OPTIONS["stills"],
        disabled=format != "pptx",
    )
    if not format:
        return
    still = bool(stills) and format == "pptx"
    file_maker(
        "tour_export",
        (tour, format, still, base),
        f"Make the slides of “{TOURS[tour].title}”",
        f"gdviz-{tour}.{format}",
        lambda tell: tour_bytes(tour, format, stills=still, base=base, progress=tell),
        forecast_of_tour(tour, format, still),
    )
