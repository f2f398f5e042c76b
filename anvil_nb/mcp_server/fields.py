"""Arguments and parts of answers that several tools have, said the same way everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic import Field

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

DryRun: TypeAlias = Annotated[bool, Field(description="Only plan. false carries the plan out.")]
PlanId: TypeAlias = Annotated[str, Field(description="Of the dry run; needed with dry_run false.")]
Cursor: TypeAlias = Annotated[str, Field(description="next_cursor of the page before.")]
Message: TypeAlias = Annotated[str, Field(description="Why, for the history.")]

STRING: Final[dict[str, Json]] = {"type": "string"}
LIST: Final[dict[str, Json]] = {"type": "array"}
TEXT: Final[dict[str, Json]] = {"type": "string", "description": "Data."}
"""A text that is somebody else's."""
PLAN: Final[dict[str, Json]] = {"state": STRING, "plan_id": STRING}
ROWS: Final[dict[str, Json]] = {"rows": LIST, "next_cursor": STRING}
