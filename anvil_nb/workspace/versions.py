"""Publishing versions, comparing them, going back to them, and pointing labels to them."""

# ruff: noqa: PLC0415 - a method imports its service when called: most programs use few of them

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb.workspace.arguments import check_texts
from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from anvil_nb.results.comparison import Comparison
    from anvil_nb.results.done import Done
    from anvil_nb.results.history import History, Published


class Versions(State):
    """What makes versions, and what is asked of them."""

    def publish(  # noqa: PLR0913 - what a publisher may say
        self,
        address: str,
        *,
        bump: str | None = None,
        version: str | None = None,
        message: str = "",
        expect: str | None = None,
        plan: str | None = None,
        dry_run: bool = False,
    ) -> Published:
        """Publish the draft of a set as an immutable version.

        Args:
            address: ``project/set``.
            bump: ``major``, ``minor`` or ``patch``; what the changes call for when ``None``.
            version: The exact number instead.
            message: The changelog entry.
            expect: The latest version the publisher knew; a race is refused.
            plan: The id of the plan that was looked at; refused when it does not hold any more.
            dry_run: Only say what would be published.

        Raises:
            RefusedError: when the draft is not sound, or the number asked for is too low.
            VersionTakenError: when the number stands for other content.
            PublishRaceError: when another publisher was first.
            PlanMovedError: when ``plan`` does not hold any more; nothing was published.
        """
        from anvil_nb.catalog import places
        from anvil_nb.versions import publishing

        check_texts(bump=bump, version=version, expect=expect, plan=plan)
        wanted = publishing.request(bump, version, message, expect, plan=plan, dry_run=dry_run)
        return publishing.publish(self._access, places.set_at(self._access, address), wanted)

    def rollback(  # noqa: PLR0913 - what a publisher may say
        self,
        address: str,
        *,
        bump: str | None = None,
        version: str | None = None,
        message: str = "",
        draft: bool = False,
        plan: str | None = None,
        dry_run: bool = False,
    ) -> Published:
        """Publish the content of an old version, ``project/set@1.0.0``, as a new version.

        Args:
            address: Of the set, with the version to go back to.
            bump: As for ``publish``.
            version: As for ``publish``.
            message: The changelog entry.
            draft: Reset the draft to that content too; the old draft stays in its history.
            plan: The id of the plan that was looked at; refused when it does not hold any more.
            dry_run: Only say what would be published.

        Raises:
            RefusedError: when no version is named, or the number asked for is too low.
            PlanMovedError: when ``plan`` does not hold any more; nothing was published.
        """
        from anvil_nb.catalog import places
        from anvil_nb.versions import publishing

        check_texts(bump=bump, version=version, plan=plan)
        wanted = publishing.request(bump, version, message, plan=plan, dry_run=dry_run)
        place = places.set_at(self._access, address)
        return publishing.rollback(self._access, place, wanted, draft=draft)

    def diff(self, old: str, new: str | None = None) -> Comparison:
        """Compare two sets or prompts; the latest version with the draft where nothing is said."""
        from anvil_nb.catalog import places
        from anvil_nb.versions import comparison

        one = places.place_at(self._access, old)
        other = None if new in (None, "") else places.place_at(self._access, new)
        return comparison.diff(self._access, one, other)

    def log(self, address: str) -> History:
        """Return the versions of a set and the moves of its labels, newest first."""
        from anvil_nb.catalog import places
        from anvil_nb.versions import labels

        return labels.log(self._access, places.place_at(self._access, address).as_set())

    def label(  # noqa: PLR0913 - what a move of a label may say
        self,
        address: str,
        name: str,
        *,
        message: str = "",
        expect: str | None = None,
        plan: str | None = None,
        dry_run: bool = False,
    ) -> Done:
        """Point a label to a version: ``ws.label("desk/emails@1.0.0", "production")``.

        Args:
            address: Of the set, with the version.
            name: The label.
            message: Why, for the history.
            expect: The version it must point to now, or ``none``.
            plan: The id of the plan that was looked at; refused when it does not hold any more.
            dry_run: Only say what would be done.
        """
        from anvil_nb.catalog import places
        from anvil_nb.versions import labels

        check_texts(expect=expect, plan=plan)
        place = places.set_at(self._access, address)
        how: Any = {"message": message, "expect": expect, "plan": plan, "dry_run": dry_run}
        return labels.label(self._access, place, name, **how)

    def unlabel(  # noqa: PLR0913 - see label
        self,
        address: str,
        name: str,
        *,
        message: str = "",
        expect: str | None = None,
        plan: str | None = None,
        dry_run: bool = False,
    ) -> Done:
        """Remove a label; its moves stay in the history. The options are those of ``label``."""
        from anvil_nb.catalog import places
        from anvil_nb.versions import labels

        check_texts(expect=expect, plan=plan)
        place = places.set_at(self._access, address)
        how: Any = {"message": message, "expect": expect, "plan": plan, "dry_run": dry_run}
        return labels.unlabel(self._access, place, name, **how)
