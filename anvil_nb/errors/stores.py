"""Errors about a workspace and its store."""

from __future__ import annotations

from anvil_nb.errors.root import AnvilError


class SettingsError(AnvilError):
    """There is no workspace here, or its ``anvil.toml`` cannot be used."""

    code = "settings"


class StoreError(AnvilError):
    """The store cannot do what was asked of it."""

    code = "store"


class StoreBusyError(StoreError):
    """Another process holds the store for longer than the limit."""

    code = "store-busy"


class StoreDamagedError(StoreError):
    """The file is not a store, or it is cut off."""

    code = "store-damaged"


class StoreTooNewError(StoreError):
    """The store was written by a newer program."""

    code = "store-too-new"


class StoreUnavailableError(StoreError):
    """No space, no permission, or no server."""

    code = "store-unavailable"
