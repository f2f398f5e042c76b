"""Changing what a draft holds, prompt by prompt, and its history."""

# ruff: noqa: PLC0415 - a method imports its service when called: most programs use few of them

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from anvil_nb.catalog import LIMIT
from anvil_nb.domain.address import parse_prompt_address
from anvil_nb.domain.selector import check_typed
from anvil_nb.workspace.arguments import check_iterables, check_mappings, check_texts
from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.results.done import Done, Saved
    from anvil_nb.results.history import DraftHistory


class Drafts(State):
    """What changes the prompts of a draft, and tells how they came to be."""

    def save(  # noqa: PLR0913 - what a save may say
        self,
        address: str,
        template: str,
        *,
        parameters: Iterable[object] | Mapping[str, object] | None = None,
        metadata: Mapping[str, object] | None = None,
        syntax: str | None = None,
        message: str = "",
        expect: str | None = None,
    ) -> Saved:
        """Save a prompt in the draft of its set; makes project and set when they are new.

        Args:
            address: ``project/set/prompt``.
            template: The text, which may open with YAML frontmatter.
            parameters: Declarations: a list of objects, or types or objects by name. What was
                declared before stays when ``None``.
            metadata: ``description``, ``tags`` and model settings to set; ``None`` removes one.
            syntax: ``liquid`` or ``plain``.
            message: Why, for the draft's history.
            expect: The digest the draft must have, or ``new``; anything goes when ``None``.

        Raises:
            TemplateSyntaxError: when the template does not parse, with line and column.
            DeclarationError: when parameters or metadata are not sound.
            DraftConflictError: when the draft is not what was expected; nothing is changed.
        """
        from anvil_nb.catalog import prompts

        check_mappings(metadata=metadata)
        check_iterables(parameters=parameters)
        check_texts(syntax=syntax, expect=expect)
        fields: dict[str, Any] = dict(metadata or {})
        if parameters is not None:
            fields["parameters"] = (
                parameters if isinstance(parameters, Mapping) else list(parameters)
            )
        if syntax is not None:
            fields["syntax"] = syntax
        place = parse_prompt_address(address)
        return prompts.save(
            self._to_write,
            place,
            template,
            fields=fields,
            message=message,
            expect=expect,
        )

    def remove(self, address: str, *, message: str = "", dry_run: bool = False) -> Done:
        """Remove a prompt from the draft; versions and history keep it.

        Args:
            address: Of the prompt.
            message: Why, for the draft's history.
            dry_run: Only say what would be done, and which other prompts render it: the fact
                ``rendered_by``.
        """
        from anvil_nb.catalog import deletion

        place = parse_prompt_address(address)
        return deletion.remove(self._access, place, message=message, dry_run=dry_run)

    def rename(self, address: str, name: str, *, message: str = "", dry_run: bool = False) -> Done:
        """Give a prompt of the draft another name.

        Args:
            address: Of the prompt.
            name: The new name, without project and set.
            message: Why, for the draft's history.
            dry_run: Only say what would be done, and which other prompts render it: the fact
                ``rendered_by``.
        """
        from anvil_nb.catalog import renaming

        check_typed(name, "a prompt's name")
        place = parse_prompt_address(address)
        return renaming.rename(self._access, place, name, message=message, dry_run=dry_run)

    def copy(self, address: str, to: str, *, message: str = "") -> Saved:
        """Copy a prompt, from the draft or any version, into the draft at another address."""
        from anvil_nb.catalog import prompts

        return prompts.copy(
            self._access, parse_prompt_address(address), parse_prompt_address(to), message=message
        )

    def draft_log(
        self, address: str, *, limit: int = LIMIT, cursor: str | None = None
    ) -> DraftHistory:
        """Return every change of a draft, or of one prompt in it, newest first."""
        from anvil_nb.catalog import history, places

        check_texts(cursor=cursor)
        place = places.place_at(self._access, address)
        return history.draft_log(self._access, place, limit=limit, cursor=cursor)

    def restore(self, address: str, to: str, *, message: str = "") -> Saved:
        """Put a content that the draft once had, named by its digest, back into it."""
        from anvil_nb.catalog import prompts

        return prompts.restore(self._access, parse_prompt_address(address), to, message=message)
