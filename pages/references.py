"""References: the papers and books behind every page, and the tutorial's links put right."""

from gdviz.topics.references import screen as references

references.heading()
references.wrong_links()
references.recommended_books()
references.sources()
references.methods()
