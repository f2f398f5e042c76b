"""What changed between two trees, and the bump that it calls for.

A prompt removed, or a parameter removed, retyped, narrowed or newly required breaks callers:
major. A prompt or an optional parameter added, or a parameter loosened, adds: minor. Text and
metadata: patch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from anvil_nb.domain.digest import canonical_json
from anvil_nb.domain.semver import Bump

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.domain.prompt import Content


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a bump is at least what it is: the prompt, and what happened to it."""

    prompt: str
    bump: Bump
    text: str

    def __str__(self) -> str:
        return f"{self.prompt}: {self.text} ({self.bump.name.lower()})"


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """A parameter before and after; one of the two may be missing."""

    name: str
    old: Parameter | None
    new: Parameter | None


@dataclass(frozen=True, slots=True)
class Side:
    """A content and the parameters it takes, its partials' included."""

    content: Content
    parameters: tuple[Parameter, ...]


Kind = Literal["added", "removed", "changed"]


def compare_prompts(
    old: Mapping[str, Side], new: Mapping[str, Side]
) -> tuple[tuple[str, Kind, tuple[Reason, ...]], ...]:
    """Return the name, kind and reasons of each prompt that differs, in order of the names."""
    found: list[tuple[str, Kind, tuple[Reason, ...]]] = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before is None:
            found.append((name, "added", (Reason(name, Bump.MINOR, "prompt added"),)))
        elif after is None:
            found.append((name, "removed", (Reason(name, Bump.MAJOR, "prompt removed"),)))
        elif reasons := tuple(_reasons(name, before, after)):
            found.append((name, "changed", reasons))
    return tuple(found)


def bump_of(reasons: tuple[Reason, ...]) -> Bump:
    """Return the largest bump of ``reasons``; a patch where there are none."""
    return max((reason.bump for reason in reasons), default=Bump.PATCH)


def compare_parameters(
    old: tuple[Parameter, ...], new: tuple[Parameter, ...]
) -> tuple[ParameterChange, ...]:
    """Return the parameters that differ, removed and changed ones first."""
    before = {one.name: one for one in old}
    after = {one.name: one for one in new}
    found: list[ParameterChange] = []
    for name in [*before, *(name for name in after if name not in before)]:
        one, other = before.get(name), after.get(name)
        if one is None or other is None or not alike(one.to_json(), other.to_json()):
            found.append(ParameterChange(name, one, other))
    return tuple(found)


def alike(one: Json, other: Json) -> bool:
    """Tell whether two values are the same to a digest: Python takes ``True`` for ``1``."""
    return one is other or canonical_json(one) == canonical_json(other)


def _reasons(name: str, before: Side, after: Side) -> Iterator[Reason]:
    found = [
        Reason(name, bump, text)
        for change in compare_parameters(before.parameters, after.parameters)
        for bump, text in _of_parameter(change)
    ]
    one, other = before.content, after.content
    if one.template != other.template or one.syntax != other.syntax:
        found.append(Reason(name, Bump.PATCH, "text changed"))
    if not alike(one.metadata.to_json(), other.metadata.to_json()):
        found.append(Reason(name, Bump.PATCH, "metadata changed"))
    if not found and one.digest != other.digest:
        found.append(Reason(name, Bump.PATCH, "declarations put in another order"))
    yield from found


def _of_parameter(change: ParameterChange) -> Iterator[tuple[Bump, str]]:
    old, new, name = change.old, change.new, f"parameter '{change.name}'"
    if new is None:
        yield Bump.MAJOR, f"{name} removed"
    elif old is None:
        if new.required:
            yield Bump.MAJOR, f"required {name} added"
        else:
            yield Bump.MINOR, f"optional {name} added"
    else:
        yield from _of_both(name, old, new)


def _of_both(name: str, old: Parameter, new: Parameter) -> Iterator[tuple[Bump, str]]:
    if old.type != new.type:
        loosened = new.type is None
        what = f"{name} retyped from {old.type or 'any'} to {new.type or 'any'}"
        yield (Bump.MINOR if loosened else Bump.MAJOR), what
    if new.required and not old.required:
        yield Bump.MAJOR, f"{name} newly required"
    elif old.required and not new.required:
        yield Bump.MINOR, f"{name} no longer required"
    if _lacks(new, old):
        yield Bump.MAJOR, f"{name} takes fewer values"
    elif _lacks(old, new):
        yield Bump.MINOR, f"{name} takes more values"
    if not alike(_described(old), _described(new)):
        yield Bump.PATCH, f"{name} described anew"


def _lacks(one: Parameter, other: Parameter) -> bool:
    """Tell whether the enum of ``one`` leaves out values that ``other`` takes."""
    if one.enum is None or other.enum is None:
        return one.enum is not None
    return not set(map(canonical_json, other.enum)) <= set(map(canonical_json, one.enum))


def _described(one: Parameter) -> Json:
    """Return what is said about a parameter beyond the values that it takes."""
    return {
        name: value
        for name, value in one.to_json().items()
        if name not in ("type", "required", "enum")
    }
