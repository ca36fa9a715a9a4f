"""References: the papers and books behind every page, and the tutorial's links put right."""

from gdviz.ui import references

references.heading()
references.wrong_links()
references.recommended()
references.sources()
references.methods()
