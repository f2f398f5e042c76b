"""Services over versions: publishing, comparing, rolling back, labelling."""

NONE = "none"
"""What ``expect`` is when no version, or no label, is expected to be there."""
