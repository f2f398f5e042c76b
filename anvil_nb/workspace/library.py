"""The library: skills, content, agents and contexts, by their kind and key.

Each kind has four methods, and the history of all kinds the same three.
"""

# ruff: noqa: PLC0415 - a method imports its service when called: most programs use few of them

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from anvil_nb.library import LIMIT
from anvil_nb.workspace.arguments import check_mappings, check_paths, check_texts
from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from anvil_nb.results.done import Done
    from anvil_nb.results.library import Item, ItemFile, ItemHistory, ItemPage, ItemSaved


class Library(State):
    """What finds and changes items.

    To save one, pass its fields (``None`` takes one away), the path of its file or folder, or the
    bytes of its main file. Only what differs is changed: comments, the order of keys and
    everything else in its files stay. ``expect`` is the digest that must stand, or ``new``; a save
    that finds another is refused with ``MovedSinceError``.
    """

    def skills(self, prefix: str = "", **page: Any) -> ItemPage:
        """List skills; ``limit`` and ``cursor`` as for ``items``."""
        return self.items("skill", prefix, **page)

    def skill(self, name: str) -> Item:
        """Return a skill."""
        return self.item("skill", name)

    def save_skill(self, name: str, what: What, **how: Any) -> ItemSaved:
        """Save a skill; ``expect`` and ``message`` as for ``save_item``."""
        return self.save_item("skill", name, what, **how)

    def remove_skill(self, name: str, **how: Any) -> Done:
        """Remove a skill; ``expect`` and ``message`` as for ``remove_item``."""
        return self.remove_item("skill", name, **how)

    def contents(self, prefix: str = "", **page: Any) -> ItemPage:
        """List pages of content; ``limit`` and ``cursor`` as for ``items``."""
        return self.items("content", prefix, **page)

    def content(self, name: str) -> Item:
        """Return a page of content, named ``source/slug``."""
        return self.item("content", name)

    def save_content(self, name: str, what: What, **how: Any) -> ItemSaved:
        """Save a page of content; ``expect`` and ``message`` as for ``save_item``."""
        return self.save_item("content", name, what, **how)

    def remove_content(self, name: str, **how: Any) -> Done:
        """Remove a page of content; ``expect`` and ``message`` as for ``remove_item``."""
        return self.remove_item("content", name, **how)

    def agents(self, prefix: str = "", **page: Any) -> ItemPage:
        """List agents; ``limit`` and ``cursor`` as for ``items``."""
        return self.items("agent", prefix, **page)

    def agent(self, name: str, *, resolved: bool = False) -> Item:
        """Return an agent; ``resolved`` reads the prompt that its system prompt names."""
        return self.item("agent", name, resolved=resolved)

    def save_agent(self, name: str, what: What, **how: Any) -> ItemSaved:
        """Save an agent; ``expect`` and ``message`` as for ``save_item``."""
        return self.save_item("agent", name, what, **how)

    def remove_agent(self, name: str, **how: Any) -> Done:
        """Remove an agent; ``expect`` and ``message`` as for ``remove_item``."""
        return self.remove_item("agent", name, **how)

    def contexts(self, prefix: str = "", **page: Any) -> ItemPage:
        """List contexts; ``limit`` and ``cursor`` as for ``items``."""
        return self.items("context", prefix, **page)

    def context(self, name: str) -> Item:
        """Return a context."""
        return self.item("context", name)

    def save_context(self, name: str, what: What, **how: Any) -> ItemSaved:
        """Save a context; ``expect`` and ``message`` as for ``save_item``."""
        return self.save_item("context", name, what, **how)

    def remove_context(self, name: str, **how: Any) -> Done:
        """Remove a context; ``expect`` and ``message`` as for ``remove_item``."""
        return self.remove_item("context", name, **how)

    def items(
        self, kind: str, prefix: str = "", *, limit: int = LIMIT, cursor: str | None = None
    ) -> ItemPage:
        """List items of a kind in the order of their names.

        Args:
            kind: ``skill``, ``content``, ``agent`` or ``context``.
            prefix: How the names begin.
            limit: Items on the page.
            cursor: From the page before.
        """
        from anvil_nb.library import looking

        check_texts(kind=kind, prefix=prefix, cursor=cursor)
        return looking.ls(self._access, kind, prefix, limit=limit, cursor=cursor)

    def item(self, kind: str, name: str, *, resolved: bool = False) -> Item:
        """Return an item.

        Raises:
            NotFoundError: when there is none of that name.
        """
        from anvil_nb.library import looking

        check_texts(kind=kind, name=name)
        return looking.get(self._access, kind, name, resolved=resolved)

    def item_file(self, kind: str, name: str, path: str) -> ItemFile:
        """Return one file of an item, with its bytes."""
        from anvil_nb.library import looking

        check_texts(kind=kind, name=name, path=path)
        return looking.file(self._access, kind, name, path)

    def save_item(
        self, kind: str, name: str, what: What, *, expect: str | None = None, message: str = ""
    ) -> ItemSaved:
        """Save an item.

        Args:
            kind: Of the item.
            name: Of the item.
            what: Its fields, the path of its file or folder, or the bytes of its main file.
            expect: The digest that must stand, or its beginning, or ``new``.
            message: Why, for the history.

        Raises:
            ItemError: for what makes no such item, or cannot be changed in its files.
            MovedSinceError: when what stands is not what was expected; nothing is changed.
        """
        from anvil_nb.library import bringing, saving

        check_texts(kind=kind, name=name, expect=expect)
        how: Any = {"expect": expect, "message": message}
        if isinstance(what, bytes):
            return saving.save_text(self._to_write, kind, name, what, **how)
        if isinstance(what, str | PathLike):
            check_paths(what=what)
            return bringing.save_path(self._to_write, kind, name, fspath(what), **how)
        check_mappings(what=what)
        return saving.save_fields(self._to_write, kind, name, what, **how)

    def remove_item(
        self, kind: str, name: str, *, expect: str | None = None, message: str = ""
    ) -> Done:
        """Remove an item; its history keeps it.

        Raises:
            NotFoundError: when it is not there.
            MovedSinceError: when what stands is not what was expected; nothing is changed.
        """
        from anvil_nb.library import saving

        check_texts(kind=kind, name=name, expect=expect)
        return saving.remove(self._access, kind, name, expect=expect, message=message)

    def rename_item(self, kind: str, name: str, new: str, *, message: str = "") -> Done:
        """Give an item another name; it keeps its id and its history.

        Raises:
            NotFoundError: when it is not there.
            ExistsError: when another has that name.
        """
        from anvil_nb.library import saving

        check_texts(kind=kind, name=name, new=new)
        return saving.rename(self._access, kind, name, new, message=message)

    def item_log(
        self, kind: str, name: str, *, limit: int = LIMIT, cursor: str | None = None
    ) -> ItemHistory:
        """Return every change of an item, newest first."""
        from anvil_nb.library import looking

        check_texts(kind=kind, name=name, cursor=cursor)
        return looking.log(self._access, kind, name, limit=limit, cursor=cursor)

    def restore_item(self, kind: str, name: str, to: str, *, message: str = "") -> ItemSaved:
        """Put what an item once was, named by its digest, back."""
        from anvil_nb.library import saving

        check_texts(kind=kind, name=name, to=to)
        return saving.restore(self._access, kind, name, to, message=message)


What = Mapping[str, Any] | str | PathLike[str] | bytes
"""What an item is saved from: its fields, a path, or bytes."""
