"""Services over projects, sets and drafts: finding, saving, listing, searching, loading."""

LIMIT = 50
"""How many items a page has unless asked."""
