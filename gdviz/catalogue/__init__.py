"""What all pages have in common: the table of pages, lookup by name, presets, pitfalls, tours."""
