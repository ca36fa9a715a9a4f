"""What leaves gdviz: figures, films, tables and pages that play, of any page at any settings."""

from gdviz.export.captions import HERE, bibtex, caption, link, title
from gdviz.export.decks import save_tour
from gdviz.export.files import DATA, FILMS, FORMATS, PICTURES, forecast, save, to_bytes
from gdviz.export.grid import Part, save_grid
from gdviz.export.notebook import show
from gdviz.export.origins import reopen, verify
from gdviz.export.renderer import ExportError, NoBrowser, browser_path
from gdviz.export.styles import STYLES, Style, figure
from gdviz.export.tables import csv_of, parquet_of, tables

__all__ = [
    "DATA",
    "FILMS",
    "FORMATS",
    "HERE",
    "PICTURES",
    "STYLES",
    "ExportError",
    "NoBrowser",
    "Part",
    "Style",
    "bibtex",
    "browser_path",
    "caption",
    "csv_of",
    "figure",
    "forecast",
    "link",
    "parquet_of",
    "reopen",
    "save",
    "save_grid",
    "save_tour",
    "show",
    "tables",
    "title",
    "to_bytes",
    "verify",
]
