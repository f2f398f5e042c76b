"""Arguments that several tools have, said the same way everywhere."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

DryRun: TypeAlias = Annotated[bool, Field(description="Only plan. false carries the plan out.")]
PlanId: TypeAlias = Annotated[str, Field(description="Of the dry run; needed with dry_run false.")]
Cursor: TypeAlias = Annotated[str, Field(description="next_cursor of the page before.")]
Message: TypeAlias = Annotated[str, Field(description="Why, for the history.")]
