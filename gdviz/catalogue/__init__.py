"""What any page is, without being one: the table of pages, lookup, presets, pitfalls, tours."""
