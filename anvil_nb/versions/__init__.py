"""Services over versions: publishing, comparing, rolling back, labelling."""
