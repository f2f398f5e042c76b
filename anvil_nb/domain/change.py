"""What changed between two trees, and the bump that it calls for.

A prompt removed, or a parameter removed, retyped, narrowed or newly required breaks callers:
major. A prompt or an optional parameter added, or a parameter loosened, adds: minor. Text and
metadata: patch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from anvil_nb.domain.semver import Bump

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        ParameterChange(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )


def _reasons(name: str, before: Side, after: Side) -> Iterator[Reason]:
    for change in compare_parameters(before.parameters, after.parameters):
        yield from (Reason(name, bump, text) for bump, text in _of_parameter(change))
    one, other = before.content, after.content
    if one.template != other.template or one.syntax != other.syntax:
        yield Reason(name, Bump.PATCH, "text changed")
    if one.metadata != other.metadata:
        yield Reason(name, Bump.PATCH, "metadata changed")


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
    if old.enum != new.enum:
        widened = new.enum is None or (
            old.enum is not None and all(value in new.enum for value in old.enum)
        )
        yield (
            (Bump.MINOR, f"{name} takes more values")
            if widened
            else (Bump.MAJOR, f"{name} takes fewer values")
        )
    described = (old.default, old.description, old.example)
    if described != (new.default, new.description, new.example):
        yield Bump.PATCH, f"{name} described anew"
