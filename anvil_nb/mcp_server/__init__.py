"""The MCP server: the same services as everywhere, as tools, prompts and resources for agents.

``create_server`` gives a server of the official SDK over a ``Desk``: an open workspace, and what
agents may do there. A tool is a ``Tool``: its arguments are a strict model, it calls one service,
and gives a ``Reply``. ``calls`` runs tools, ``faults`` says what is said when something is
refused, ``consent`` asks people; the wire's own shapes are in the modules of the tools.

Loading the SDK takes half a second, so nothing but the ``mcp`` command imports this package.
"""
