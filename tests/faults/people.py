"""People: what somebody at a laptop does at random, to files, to the store and to its syncs."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.faults.machines import KilledError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.ledger import Ledger
    from tests.faults.machines import Laptop

TARGETS = ("files", "database", "skills", "agents", "content", "bundles")
_NAMES = 5
_SETS = 2


@dataclass
class Person:
    """Somebody at a laptop.

    Args:
        laptop: It.
        ledger: Where is noted what they do.
        chance: Decides what they do.
    """

    laptop: Laptop
    ledger: Ledger
    chance: random.Random
    failures: list[str] = field(default_factory=list)

    def act(self) -> None:
        """Do something."""
        acts: dict[Callable[[], None], int] = {
            self.edit: 30,
            self.delete: 5,
            self.rename: 4,
            self.chmod: 2,
            self.save: 10,
            self.remove: 3,
            self.publish: 2,
            self.resolve: 6,
            self.sync: 30,
            self.sync_and_die: 3,
            self.type_a_command: 1,
        }
        (act,) = self.chance.choices([*acts], [*acts.values()])
        self.ledger.count(act.__name__)
        with suppress(KilledError):
            act()

    def edit(self) -> None:
        """Write a file, at once or in its place."""
        kind = self.chance.choice(("agents", "skills", "skills", "notes", "config", "content"))
        number = self.chance.randrange(_NAMES)
        path = {
            "agents": f"agents/a{number}.yaml",
            "skills": f"skills/s{number}/SKILL.md",
            "notes": f"skills/s{number}/notes.bin",
            "config": f"config/c{number}.json",
            "content": f"content/blog/p{number}.md",
        }[kind]
        self.write(path, self._text(kind, number))

    def write(self, path: str, data: bytes) -> None:
        """Write a file, and note what it is and what it was."""
        place = self.laptop.services / path
        place.parent.mkdir(parents=True, exist_ok=True)
        self.ledger.wrote(path, data)
        self._destroys(place)
        with suppress(OSError):  # a sync removed the folder meanwhile
            if self.chance.random() < 0.7:  # as editors do
                new = place.with_name(f".{place.name}.swp")
                new.write_bytes(data)
                new.replace(place)
            else:
                place.write_bytes(data)
            return
        self.ledger.destroys(data)

    def delete(self) -> None:
        """Delete a file, or a whole skill."""
        place = self._some_file()
        if place is None:
            return
        places = [place]
        if place.parent.parent.name == "skills" and self.chance.random() < 0.5:
            places = [one for one in place.parent.iterdir() if one.is_file()]
        for one in places:
            self.take_away(one)

    def take_away(self, place: Path) -> None:
        """Delete a file, and its folder if that is empty then."""
        self._destroys(place)
        with suppress(OSError):
            place.unlink()
            place.parent.rmdir()

    def rename(self) -> None:
        """Give a file another name; what says its own name in it says the new one."""
        place = self._some_file()
        if place is None:
            return
        folder, number = place.parent.name, self.chance.randrange(_NAMES, 3 * _NAMES)
        if place.name == "SKILL.md":
            for one in [*place.parent.iterdir()]:
                with suppress(OSError):
                    data = one.read_bytes().replace(folder.encode(), b"s%d" % number)
                    self.write(f"skills/s{number}/{one.name}", data)
                    self.take_away(one)
        elif folder in {"agents", "config"}:
            with suppress(OSError):
                data = place.read_bytes().replace(place.stem.encode(), b"x%d" % number)
                self.write(f"{folder}/x{number}{place.suffix}", data)
                self.take_away(place)

    def chmod(self) -> None:
        """Let a file be executable, or not."""
        place = self._some_file()
        if place is not None:
            with suppress(OSError):
                place.chmod(self.chance.choice((0o755, 0o644)))

    def save(self) -> None:
        """Save an item in the store."""
        kind = self.chance.choice(("agent", "skill", "context"))
        number = self.chance.randrange(_NAMES)
        text = self._text({"agent": "agents", "skill": "skills"}.get(kind, "context"), number)
        name = f"{kind[0]}{number}"
        answer = self.laptop.ask("save", kind=kind, name=name, text=text.decode())
        if "done" in answer:
            self.ledger.saved(self.laptop.name, answer["done"]["digest"])
        else:
            self._refused(answer)

    def remove(self) -> None:
        """Remove an item from the store."""
        kind = self.chance.choice(("agent", "skill", "context"))
        name = f"{kind[0]}{self.chance.randrange(_NAMES)}"
        self._refused(self.laptop.ask("remove", kind=kind, name=name))

    def publish(self) -> None:
        """Publish a set: one's own, or one that both publish."""
        own = self.chance.choice((self.laptop.name, "shared"))
        text = f"Text {self.chance.random()}"
        name = f"desk/{own}-{self.chance.randrange(_SETS)}"
        answer = self.laptop.ask("publish", set=name, text=text)
        if "done" in answer:
            self.ledger.published(self.laptop.name, answer["done"]["digest"])
        else:
            self._refused(answer)

    def sync(self) -> None:
        """Sync something."""
        self._refused(self._some_sync())

    def sync_and_die(self) -> None:
        """Sync something, and be killed in the middle."""
        timer = threading.Timer(self.chance.uniform(0, 0.25), self.laptop.kill)
        timer.start()
        try:
            self._some_sync()
        finally:
            timer.cancel()
            timer.join()

    def type_a_command(self) -> None:
        """Sync by the command line."""
        target = self.chance.choice(TARGETS)
        way = self.chance.choice(("push", "pull"))
        done = self.laptop.run("sync", target, way, "--on-conflict", "keep", "--json")
        if done.returncode not in {0, 1}:
            self.failures.append(f"sync {target} {way}: {done.returncode} {done.stderr}")

    def resolve(self) -> None:
        """Settle a conflict, if there is one."""
        found = self.laptop.ask("conflicts")
        if "done" not in found:
            self._refused(found)
        elif found["done"]["conflicts"]:
            key = self.chance.choice(found["done"]["conflicts"])["key"]
            choice = self.chance.choice(("ours", "theirs", "theirs", "both"))
            self._refused(self.laptop.ask("resolve", key=key, choice=choice))

    def _some_sync(self) -> dict[str, Any]:
        way = self.chance.choice(("push", "push", "pull"))
        how = {
            "on_conflict": self.chance.choice(("keep", "keep", "keep", "stop", "ours", "theirs")),
            "delete": self.chance.random() < 0.5,
            "force": self.chance.random() < 0.8,
        }
        answer = self.laptop.sync(self.chance.choice(TARGETS), way, **how)
        if "done" in answer:
            self.ledger.synced(self.laptop.name, answer["done"])
        return answer

    def _refused(self, answer: dict[str, Any]) -> None:
        if "error" in answer:
            self.ledger.count(answer["error"])
        else:
            self.ledger.count("acknowledged")

    def _destroys(self, place: Path) -> None:
        with suppress(OSError):
            self.ledger.destroys(place.read_bytes())

    def _some_file(self) -> Path | None:
        tops = [place for place in self.laptop.services.iterdir() if place.name != ".anvil"]
        found = sorted(place for top in tops for place in top.rglob("[!.]*") if place.is_file())
        return self.chance.choice(found) if found else None

    def _text(self, kind: str, number: int) -> bytes:
        token = f"{self.laptop.name} {self.chance.getrandbits(64):x}"
        size = self.chance.choice((10, 200, 3_000, 20_000 if kind == "notes" else 500))
        if kind == "notes":
            return token.encode() + self.chance.randbytes(size)
        more = " word" * (size // 5)
        return {
            "agents": f"name: a{number}\nsystem_prompt: {token}{more}\n",
            "skills": f"---\nname: s{number}\ndescription: {token}\n---\n{more}\n",
            "config": f'{{"c{number}": "{token}{more}"}}\n',
            "content": f"---\ntitle: {token}\n---\n{more}\n",
            "context": f"name: c{number}\ndescription: {token}{more}\n",
        }[kind].encode()
