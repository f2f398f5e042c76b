"""Sync, its rules alone: trees of digests, what to do between two of them, and when to refuse."""
