"""What there is to complete with: addresses, selectors, labels, parameters, from the store.

Completion must not make anybody wait: questions run in a thread of their own, and what is not
there in time is left out. An answer that comes later is kept for the next time, for as long as
nobody writes to the store.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anvil_nb.workspace import Workspace

_Answer = TypeVar("_Answer")

Kind = Literal["project", "set", "prompt", "any"]

MOST = 200
"""How many prompts are offered at most."""
MOST_GROUPS = 1_000
MOST_KEPT = 200
"""How many answers are kept."""


class Names:
    """Names in the store of a workspace.

    Args:
        workspace: Returns the workspace; called in another thread, and may fail.
        budget: How long to wait for an answer, in seconds.
        opening: How long for the first one, if longer: the engine is loaded and the store opened
            for it, which nobody has to wait for again.
    """

    def __init__(
        self, workspace: Callable[[], Workspace], *, budget: float, opening: float = 0.0
    ) -> None:
        self._workspace = workspace
        self._budget = budget
        self._opening = opening
        self._kept: dict[tuple[str, ...], tuple[int, object]] = {}
        self._asking: threading.Thread | None = None

    @property
    def is_asking(self) -> bool:
        """Whether a question is still waiting for its answer."""
        return self._asking is not None and self._asking.is_alive()

    def addresses(
        self, begin: str, kind: Kind, *, selector: bool, within: str | None = None
    ) -> list[str]:
        """Return what an address that begins with ``begin`` can go on to, in order.

        Args:
            begin: What was typed.
            kind: What the address is to name.
            selector: Whether a selector may follow.
            within: The set that short addresses are relative to.
        """
        within = None if within is None else without_selector(within)
        place = without_selector(begin)
        if begin != place:
            if not selector or kind == "project":
                return []
            short = "/" not in place and within is not None
            start = f"{place}@"
            found = [start + one for one in self.selectors(within if short and within else place)]
            return [one for one in found if one.startswith(begin)]
        found = []
        if within is not None and "/" not in begin and kind in ("prompt", "any"):
            start = f"{within}/"
            found = [one.removeprefix(start) for one in self._prompts(start + begin)]
        return found + self._absolute(begin, kind)

    def _absolute(self, begin: str, kind: Kind) -> list[str]:
        depth = begin.count("/")
        if depth == 0:
            projects = [one for one in self._projects() if one.startswith(begin)]
            return projects if kind == "project" else [f"{one}/" for one in projects]
        if depth == 1 and kind != "project":
            sets = [one for one in self._sets(begin.partition("/")[0]) if one.startswith(begin)]
            deeper = [f"{one}/" for one in sets]
            return {"set": sets, "prompt": deeper}.get(kind, [*sets, *deeper])
        return self._prompts(begin) if depth == 2 and kind in ("prompt", "any") else []  # noqa: PLR2004 - project/set/prompt

    def selectors(self, address: str) -> list[str]:
        """Return ``latest``, ``draft``, the labels and the versions of an address's set."""
        versions, labels = self._history(_set_of(address))
        return [*(["latest"] if versions else []), "draft", *labels, *versions]

    def labels(self, address: str) -> list[str]:
        """Return the labels of the set of an address."""
        return list(self._history(_set_of(address))[1])

    def digests(self, address: str) -> list[str]:
        """Return the short digests of what a prompt's draft has been, newest first."""
        from anvil_nb.domain.digest import short  # noqa: PLC0415 - late, on purpose

        place = without_selector(address)
        found = self._ask(
            ("digests", place),
            lambda ws: [short(one.digest) for one in ws.draft_log(place) if one.digest],
        )
        return list(dict.fromkeys(found or ()))

    def items(self, kind: str, begin: str) -> list[str]:
        """Return the names of the skills, pages, agents or contexts that begin so."""

        def ask(ws: Workspace) -> list[str]:
            return [one.key for one in ws.items(kind, begin, limit=MOST)]

        return self._ask(("items", kind, begin), ask) or []

    def parameters(self, address: str) -> list[str]:
        """Return ``name=`` for each parameter of a prompt."""
        place = without_selector(address)
        draft = address if address != place else f"{place}@draft"

        def ask(ws: Workspace) -> list[str]:
            prompt = ws.find(draft) or ws.find(place)
            return [f"{one.name}=" for one in prompt.parameters] if prompt else []

        return self._ask(("parameters", draft), ask) or []

    def _projects(self) -> list[str]:
        return self._listed("", MOST_GROUPS)

    def _sets(self, project: str) -> list[str]:
        return self._listed(f"{project}/", MOST_GROUPS)

    def _prompts(self, begin: str) -> list[str]:
        return self._listed(begin, MOST)

    def _listed(self, prefix: str, limit: int) -> list[str]:
        depth = prefix.count("/")
        found = self._ask(
            ("ls", prefix), lambda ws: [one.address for one in ws.ls(prefix, limit=limit)]
        )
        # A prefix that is no project or set by itself lists what is one level up.
        return [one for one in found or () if one.count("/") == depth]

    def _history(self, set_path: str) -> tuple[Sequence[str], Sequence[str]]:
        def ask(ws: Workspace) -> tuple[list[str], list[str]]:
            history = ws.log(set_path)
            labels = {label: None for one in history for label in one.labels}
            return [one.number for one in history], list(labels)

        return self._ask(("history", set_path), ask) or ((), ())

    def _ask(
        self, key: tuple[str, ...], question: Callable[[Workspace], _Answer]
    ) -> _Answer | None:
        if self.is_asking:  # the store is busy; another thread would only wait behind that one
            return self._last(key)
        self._asking = threading.Thread(
            target=self._answer, args=(key, question), daemon=True, name="anvil-names"
        )
        patience = max(self._budget, self._opening)  # before the thread may end the opening
        self._asking.start()
        self._asking.join(patience)
        return self._last(key)

    def _last(self, key: tuple[str, ...]) -> _Answer | None:
        kept = self._kept.get(key)
        return cast("_Answer", kept[1]) if kept else None

    def _answer(self, key: tuple[str, ...], question: Callable[[Workspace], object]) -> None:
        try:
            workspace = self._workspace()
            generation = workspace.access.engine.generation()
            kept = self._kept.get(key)
            if kept is None or kept[0] != generation:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = generation, question(workspace)
            self._opening = 0.0
        except Exception:  # noqa: BLE001 - whatever it is, completion stays silent
            self._kept.pop(key, None)


def without_selector(address: str) -> str:
    """Return what stands before the ``@`` of a selector, in an address that may be unfinished."""
    start = 1 if address.startswith("@") and "/" in address else 0  # an organisation
    return address[:start] + address[start:].partition("@")[0]


def _set_of(address: str) -> str:
    return "/".join(without_selector(address).split("/")[:2])
