"""The library: skills, content, agents and contexts, as services over a store and an actor.

``looking`` finds and shows them, ``saving`` changes them. Every change is kept: what stood there
before can be brought back.
"""

from __future__ import annotations

LIMIT = 50
"""How many items are on a page unless said."""
