"""Bundles: published prompts as one signed file, from one instance to another.

``gathering`` and ``export`` write them, ``opening`` and ``verifying`` read them, ``planning`` says
what an import would do, ``importing`` does it and ``undoing`` takes it back. The file itself is
described in docs/bundle-format.md.
"""
