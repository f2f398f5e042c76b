"""Labels of a set: named pointers to versions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from anvil_nb.catalog import groups
from anvil_nb.domain.naming import LONGEST_NAME, NAME_PATTERN
from anvil_nb.server import conditions
from anvil_nb.server.conditions import IfMatch
from anvil_nb.server.models import Page, page_of
from anvil_nb.server.patterns import NO_LABEL
from anvil_nb.server.places import Reader, SetAddress, Writer, at
from anvil_nb.server.routing import READ, WRITE, api_router, once
from anvil_nb.server.sets import AT_ADDRESS
from anvil_nb.server.version_models import Label, LabelDone, PointLabel
from anvil_nb.versions import labels

router = api_router("/prompt_sets", "labels")
Name = Annotated[str, Path(pattern=f"^{NAME_PATTERN}$", max_length=LONGEST_NAME)]
NewName = Annotated[
    str,
    Path(
        description="A name that means nothing else in an address, as `latest` or `1` do.",
        pattern=f"^{NAME_PATTERN}$",
        max_length=LONGEST_NAME,
        json_schema_extra={"not": {"pattern": NO_LABEL}},
    ),
]


@router.get(
    f"{AT_ADDRESS}/labels", response_model=Page[Label], operation_id="list_labels", responses=READ
)
def list_labels(access: Reader, address: SetAddress) -> dict[str, Any]:
    """List the labels of a set; there is one page of them."""
    found = groups.show_set(access, address).labels or {}
    return page_of([{"label": name, "version": to} for name, to in found.items()], None)


@router.put(
    f"{AT_ADDRESS}/labels/{{label}}",
    response_model=LabelDone,
    operation_id="point_label",
    responses=WRITE,
    dependencies=[once],
)
def point_label(
    access: Writer, address: SetAddress, label: NewName, body: PointLabel, if_match: IfMatch = None
) -> Any:
    """Point a label to a version; each move of it is kept."""
    return labels.label(
        conditions.expecting(access, if_match),
        at(address, body.version),
        label,
        message=body.message,
        expect=body.expect,
    ).to_json()


@router.delete(
    f"{AT_ADDRESS}/labels/{{label}}",
    status_code=204,
    operation_id="remove_label",
    responses=WRITE,
    dependencies=[once],
)
def remove_label(
    access: Writer,
    address: SetAddress,
    label: Name,
    expect: Annotated[
        str | None, Query(description="The version it points to now.", max_length=200)
    ] = None,
    if_match: IfMatch = None,
) -> None:
    """Remove a label; its moves stay in the history."""
    labels.unlabel(conditions.expecting(access, if_match), address, label, expect=expect)
