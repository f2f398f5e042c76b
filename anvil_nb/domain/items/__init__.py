"""Items: skills, content, agents and contexts, their rules alone.

The raw bytes of an item's files are its truth. ``parsing`` reads a record from them, ``editing``
and ``renaming`` change them where a value stands and nowhere else, ``composing`` makes new ones,
and ``shelving`` finds the items in a folder of files.
"""
