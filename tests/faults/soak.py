"""Two laptops and a server, over a line that breaks, with people who work and processes that die.

By hand, for as long as wanted: ``python -m tests.faults.soak --seconds 60 --seed 1``. It prints
how often things happened, and ends with an error where anything was lost, differs, or was left.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anvil_nb.bundles.published import published
from anvil_nb.domain.digest import PREFIX, digest_of_bytes
from anvil_nb.domain.filetree import Leaf
from anvil_nb.keys import KeyRing
from anvil_nb.store import tenant_files
from tests.faults.ledger import SERVER, Ledger, known, lost
from tests.faults.line import FAIR, WEATHERS, Line, line_to
from tests.faults.machines import Cloud, Laptop
from tests.faults.people import TARGETS, Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.workspace import Workspace

_MOST_ROUNDS = 12
_NAMES = ("ada", "bob")


@dataclass
class World:
    """All that takes part.

    Args:
        cloud: The server.
        line: Between it and the laptops.
        people: At the laptops.
        ledger: What happened.
    """

    cloud: Cloud
    line: Line
    people: list[Person]
    ledger: Ledger
    failures: list[str] = field(default_factory=list)

    @property
    def laptops(self) -> list[Laptop]:
        """The laptops."""
        return [person.laptop for person in self.people]

    def storm(self, seconds: float, chance: random.Random) -> None:
        """Let everybody work, while lines break and the server dies."""
        end = time.monotonic() + seconds
        workers = [threading.Thread(target=self._work, args=(one, end)) for one in self.people]
        for worker in workers:
            worker.start()
        dies = time.monotonic() + min(5, seconds * chance.uniform(0.3, 0.6))
        while time.monotonic() < end:
            self.line.weather = chance.choice(WEATHERS)
            time.sleep(chance.uniform(0.1, 0.8))
            if chance.random() < 0.2:
                self.line.drop()
            if time.monotonic() > dies:
                self.cloud.kill()
                self.ledger.count("server killed")
                time.sleep(chance.uniform(0, 0.3))
                self.cloud.start()
                self.line.target = self.cloud.port
                dies = time.monotonic() + chance.uniform(4, 10)
        for worker in workers:
            worker.join()

    def _work(self, person: Person, end: float) -> None:
        try:
            while time.monotonic() < end:
                person.act()
        except BaseException as error:  # noqa: BLE001 - told by whoever joins
            self.failures.append(f"{person.laptop.name}: {error!r}")

    def calm(self) -> int:
        """Sync until nothing changes any more; return how many rounds that took."""
        self.line.weather = FAIR
        self.line.drop()
        for number in range(1, _MOST_ROUNDS):
            # One after the other, each until all is the same at its own place: what two people
            # carry over at once by two ways, as files and as records, may swap places for ever.
            if not [said for person in self.people for said in self._settled(person)]:
                return number
        raise AssertionError(f"not quiet after {_MOST_ROUNDS} rounds")

    def _settled(self, person: Person) -> list[str]:
        """Sync one laptop until nothing changes there; return what there was to do."""
        done: list[str] = []
        for _ in range(_MOST_ROUNDS):
            left = list(self._round(person))
            if not left:
                return done
            done += left
        raise AssertionError(f"{person.laptop.name} is never done: {left}")

    def _round(self, person: Person) -> Iterator[str]:
        """Sync everything both ways; yield what there was to do."""
        side = "ours" if person.laptop.name == _NAMES[0] else "theirs"
        for target in TARGETS:
            for way in ("push", "pull"):
                how = {"delete": True, "force": True, "on_conflict": side}
                answer = person.laptop.sync(target, way, **how)
                assert "done" in answer, (person.laptop.name, target, way, answer)
                report = answer["done"]
                self.ledger.synced(person.laptop.name, report)
                yield from (f"{target}/{item['key']} {item}" for item in report["items"])
                yield from (f"conflict {one['key']}" for one in report["conflicts"])
                yield from self._tidied(person, target, report["problems"])

    def _tidied(self, person: Person, target: str, problems: list[dict[str, Any]]) -> Iterator[str]:
        """Delete what cannot be read, as somebody would who tidies up."""
        for problem in problems:
            yield f"problem {problem}"
            name = problem["key"].removeprefix(f"{target}/").removesuffix("/**")
            top = person.laptop.services / target
            for place in (top / name, top / f"{name}.yaml"):
                for one in [place] if place.is_file() else [*place.glob("*")]:
                    person.take_away(one)

    def lost(self) -> list[str]:
        """Return what was acknowledged and is nowhere."""
        stores: dict[str, Any] = {}
        disks: list[bytes] = []
        with self.cloud.workspace() as ws:
            stores[SERVER] = known(ws)
        for laptop in self.laptops:
            with laptop.workspace() as ws:
                stores[laptop.name] = known(ws)
            disks += [data for data, _ in laptop.files().values()]
            disks += laptop.trash()
        return lost(self.ledger, disks, stores)

    def different(self) -> list[str]:
        """Return in what the laptops and the server differ."""
        with self.cloud.workspace() as ws:
            records, versions, files = records_of(ws), versions_of(ws), files_of(ws)
        settled = self._settled_numbers()
        found: list[str] = []
        for laptop in self.laptops:
            with laptop.workspace() as ws:
                pairs = {
                    "records": (records_of(ws), records),
                    "versions": (versions_of(ws) - settled, versions - settled),
                    "files": (on_disk(laptop), files),
                }
            for what, (here, there) in pairs.items():
                if here != there:
                    found.append(f"{what} of {laptop.name}: {sorted(here ^ there, key=repr)}")
        return found

    def _settled_numbers(self) -> set[Any]:
        """Return the versions whose number was settled: one side alone has both of them."""
        found = set()
        for laptop in self.laptops:
            with laptop.workspace() as ws, ws.access.engine.read() as tx:
                rows = tx.rows(
                    "select c.key, c.ours, c.theirs from sync_conflicts c "
                    "join sync_pairs p on p.id = c.pair_id "
                    "where p.target = 'bundles' and c.choice is not null"
                )
            for key, *sides in rows:
                found |= {(key.partition("@")[0], json.loads(one)["digest"]) for one in sides}
        return found

    def left_over(self) -> list[str]:
        """Return what was left behind, and what was said that should not have been."""
        found = [place for laptop in self.laptops for place in laptop.left_over()]
        uploads = (self.cloud.folder / "uploads").rglob("*")
        found += [str(one) for one in uploads if one.is_file() and not _is_under_way(one)]
        for log in (*(laptop.log for laptop in self.laptops), self.cloud.log):
            text = log.read_text("utf-8") if log.exists() else ""
            if "Traceback" in text:
                found.append(f"a traceback in {log}: {text[text.index('Traceback') :][:3000]}")
        for line in self.cloud.log.read_text("utf-8").splitlines():
            said = json.loads(line) if line.startswith("{") else {}
            if said.get("status", 200) >= 500 and said["status"] != 503:
                found.append(f"the server answered {line}")
        folders = {self.cloud.folder, *(laptop.folder for laptop in self.laptops)}
        secrets = {laptop.token.encode() for laptop in self.laptops}
        secrets |= {secret.removeprefix(b"ank_") for secret in secrets}
        stores = self.cloud.folder.parent.glob("*.duckdb*")
        for place in (*stores, *(place for folder in folders for place in folder.rglob("*"))):
            if place.is_file() and any(secret in place.read_bytes() for secret in secrets):
                found.append(f"a token in {place}")
        return found


def records_of(ws: Workspace) -> set[Any]:
    """Return the records of a store."""
    with ws.access.engine.read() as tx:
        rows = tx.rows(
            "select kind, key, digest, extra from items where kind <> 'content' and "
            "organisation_id = $1",
            ws.access.organisation_id,
        )
    return set(rows)


def versions_of(ws: Workspace) -> set[Any]:
    """Return the published versions of a store, without their numbers."""
    return {(one.path, one.digest) for one in published(ws.access)}


def files_of(ws: Workspace) -> set[Any]:
    """Return the files of a tenant, in the server's store."""
    with ws.access.engine.read() as tx:
        return set(tenant_files.leaves(tx, ws.access.organisation_id))


def on_disk(laptop: Laptop) -> set[Any]:
    """Return the files of a folder that sync takes along."""
    return {
        Leaf(path, digest_of_bytes(data), len(data), executable)
        for path, (data, executable) in laptop.files().items()
        if not path.rpartition("/")[2].startswith(".")
    }


def _is_under_way(upload: Path) -> bool:
    """Tell whether a file is but a part of a blob: kept for a day, though nobody may go on.

    Who was cut off may have edited the file since, and sends another blob.
    """
    if upload.name == "lock":
        return True
    part_of = upload.parent.parent.name == "blobs"
    return part_of and digest_of_bytes(upload.read_bytes()) != PREFIX + upload.name


def soak(folder: Path, seed: int, seconds: float) -> dict[str, int]:
    """Let a world be for a while, and check it; return how often things happened.

    Args:
        folder: For all of it; ``ANVIL_KEYS`` names a folder of keys.
        seed: Decides what people do, and when lines break.
        seconds: How long the storm lasts.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    if not any(key.name == "ada" for key in KeyRing.open().ls()):
        KeyRing.open().generate("ada")
    with ExitStack() as running:
        cloud = Cloud(folder / "cloud", str(folder / "cloud.duckdb"), options=("--sign", "ada"))
        token = cloud.token("sync")
        cloud.start()
        running.callback(cloud.kill)
        line = running.enter_context(line_to(cloud.port, seed))
        ledger = Ledger()
        people = []
        for name in _NAMES:
            laptop = Laptop(name, folder / name, line.url, token)
            running.callback(laptop.close)
            own = random.Random(chance.random())  # noqa: S311 - no secret
            people.append(Person(laptop, ledger, own))
        world = World(cloud, line, people, ledger)
        world.storm(seconds, chance)
        faults = world.failures + [one for person in people for one in person.failures]
        assert not faults, faults
        missing = world.lost()
        assert not missing, f"lost in the storm: {missing}"
        ledger.count("rounds until quiet", world.calm())
        found = world.lost() + world.different() + world.left_over()
        for laptop in world.laptops:
            laptop.close()
        code = cloud.stop()
        assert not found, found
        assert code == 0
        ledger.count("connections cut", line.cuts)
        ledger.count("stalls", line.stalls)
        ledger.count("clients killed", sum(laptop.kills for laptop in world.laptops))
        ledger.count("versions written", len(ledger.written))
        ledger.count("acknowledged digests", sum(map(len, ledger.kept.values())))
    return dict(sorted(ledger.counts.items()))


def main() -> None:
    """Do it by hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="A new folder for all of it, which stays.")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anvil-soak-") as temporary:
        folder = said.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["ANVIL_KEYS"] = str(folder / "keys")
        counts = soak(folder, said.seed, said.seconds)
    print(json.dumps(counts, indent=1))  # noqa: T201 - what it is run for


if __name__ == "__main__":
    main()
