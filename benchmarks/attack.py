"""What a hostile case is made of: a template, and the values and partials it is rendered with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Attack:
    """A template that tries to cost too much.

    Args:
        source: The template.
        values: What it is rendered with; what it uses besides is nil.
        partials: The other prompts of its set, by name.
        honest: It only asks for much that is its due, and must render.
    """

    source: str
    values: dict[str, Any] = field(default_factory=dict)
    partials: dict[str, str] = field(default_factory=dict)
    honest: bool = False


Cases: TypeAlias = dict[str, Callable[[], Attack]]
"""Cases by name; built when they are run, because each may take a megabyte."""

EVER = "{% for i in (1..50000) %}"
END = "{% endfor %}"


def looped(body: str) -> str:
    """Return a template that does ``body`` as often as it is let."""
    return f"{EVER}{body}{END}"


def text_of(atom: str, size: int) -> str:
    """Return ``size`` characters made of ``atom``."""
    return (atom * (size // len(atom) + 1))[:size]


def grown(name: str, atom: str, size: int) -> str:
    """Return tags that bind ``name`` to a text of about ``size`` characters, by doubling one."""
    short = text_of(atom, 3_000)
    doublings = max(0, (size // len(short)).bit_length() - 1)
    again = f"{{% assign {name} = {name} | append: {name} %}}"
    return f"{{% assign {name} = '{short}' %}}" + again * doublings
