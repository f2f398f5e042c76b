"""What a forked child inherits and must never close: closing it would act on its parent's store."""

from __future__ import annotations


def leave_to_parent(*inherited: object) -> None:
    """Keep objects from ever being closed in this process, not even when it ends."""
    import ctypes  # noqa: PLC0415 - only a forked child needs it

    for thing in inherited:
        # One reference more than will ever be dropped: no destructor runs.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
