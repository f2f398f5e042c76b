"""Installing: telling the programs that agents live in where the MCP server is.

``clients`` says which programs there are and how their files look, ``commented`` reads such a
file with its comments, ``merging`` puts an entry into it and changes nothing else, ``starting``
says what starts the server on this machine, ``showing`` leaves out what is somebody else's, and
``planning`` shows a change and carries it out. None of it needs the protocol's SDK.
"""
