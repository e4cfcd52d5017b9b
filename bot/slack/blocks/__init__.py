"""Values to Block Kit: what a message, a form or a Home tab looks like. Plain dicts, words from ``prompts/``."""
