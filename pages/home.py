"""Home: what gdviz is, a card for each page, what to try first, and a search."""

from gdviz.topics.home import screen as home
from gdviz.ui.lecture import lecture_mode

home.greet(lecture_mode())
if not home.search_hits():
    home.cards()
