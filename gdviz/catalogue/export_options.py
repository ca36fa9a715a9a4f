"""What can be asked of an export, by the same names on the dialog, by command, in the library."""

from collections.abc import Mapping

STYLE_NAMES = ("screen", "slide", "paper", "page")
OPTIONS: Mapping[str, str] = {
    "style": "Size, type and lines of a picture or film.",
    "step": "The step a picture shows.",
    "words": "Caption and alternative text beside the file: .caption.txt, .alt.txt.",
    "grid": "Rows and columns of several pages as one figure: 2x2, 1x3.",
    "letters": "The letters (a), (b) … of the parts.",
    "stills": "Pictures in place of films.",
    "base": "Where the app is, for the links on the slides.",
}
# Which of them count for the figure of a page, for several pages as one, for a tour as slides.
OF_FIGURE = ("style", "step", "words")
OF_GRID = ("style", "words", "grid", "letters")
OF_TOUR = ("stills", "base")
