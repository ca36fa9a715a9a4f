"""All pitfalls, slide by slide."""
