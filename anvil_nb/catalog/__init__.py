"""Services over projects, sets and drafts: finding, saving, listing, searching, loading."""
