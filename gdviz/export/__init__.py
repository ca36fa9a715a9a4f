"""What leaves gdviz: figures, films, tables and pages that play, of any page at any settings."""

from gdviz.export.captions import HERE, bibtex, caption, link, title
from gdviz.export.files import DATA, FILMS, FORMATS, PICTURES, save, to_bytes
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
    "Style",
    "bibtex",
    "browser_path",
    "caption",
    "csv_of",
    "figure",
    "link",
    "parquet_of",
    "save",
    "tables",
    "title",
    "to_bytes",
]
