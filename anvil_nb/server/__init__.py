"""The HTTP server: the same services as everywhere, over a REST API with bearer tokens.

``create_app`` gives an ASGI application that stands alone or is mounted in another one, and
``serve`` runs it. A route parses, calls one service with an ``Access``, and answers: ``auth``
says who may, ``errors`` what is said when something is refused, ``routing`` what all routes have
in common. The wire's own shapes are in ``models``.
"""

from anvil_nb.server.app import create_app
from anvil_nb.server.options import Options

__all__ = ["Options", "create_app"]
