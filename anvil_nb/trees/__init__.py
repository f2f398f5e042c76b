"""Folders on disk as trees: looked at, read, and changed without losing what anybody wrote there.

The folder ``.anvil`` in a tree is ours: ``stats.json`` remembers digests, ``staging`` holds what
is about to be swapped in, ``trash`` what was swapped out, ``pair.json`` says with whom the tree is
synced. Nothing in it is content, and it may be deleted when no sync is under way.
"""
