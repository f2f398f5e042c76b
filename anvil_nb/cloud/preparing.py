"""Records made ready to be written: their files read, or made where they have none.

A record of a program that knows nothing of files says a name and a text. What it changes is
changed in the files that are there, and nothing else of them; one that is new gets the few files
that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filesets import tenant_path_fault
from anvil_nb.domain.filetree import Leaf, digest_of_leaves
from anvil_nb.domain.items.composing import compose
from anvil_nb.domain.items.editing import edit
from anvil_nb.domain.items.parsing import parse
from anvil_nb.domain.items.renaming import rename
from anvil_nb.domain.naming import slug_from_title
from anvil_nb.domain.records import ANY, EDITABLE, digest_of_record
from anvil_nb.errors import (
    BlobsMissingError,
    FilePathError,
    InvalidInputError,
    ItemError,
)
from anvil_nb.store import blobs, tenant_records
from anvil_nb.store.items import ItemWrite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.items.kinds import Kind, ParsedItem
    from anvil_nb.domain.records import Expected, Record
    from anvil_nb.store.tenant_records import RecordRow


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record that can be written.

    Args:
        record: As it was sent.
        key: By which its kind will know it.
        leaves: Its files.
        place: Where it belongs on disk.
        fields: What its files say.
        bodies: Those bytes of its files that may not be in the store.
        item_digest: Of its files.
        digest: Of the record.
        based_on: The digest of the record whose files these are with changes in them.
    """

    record: Record
    key: str
    leaves: tuple[Leaf, ...]
    place: Mapping[str, Json]
    fields: Mapping[str, Json]
    bodies: Mapping[str, bytes]
    item_digest: str
    digest: str
    based_on: Expected

    def write(self, row: RecordRow | None) -> ItemWrite:
        """Return what is to be written over what stands."""
        return ItemWrite(
            self.record.kind,
            self.key,
            self.leaves,
            self.place,
            self.fields,
            None if row is None else row.item_digest,
            item_id=self.record.id,
            extra=self.record.extra,
            created_at=self.record.created_at,
            updated_at=self.record.updated_at,
            known_digest=self.item_digest,
        )


def prepare(access: Access, records: Sequence[Record]) -> list[Prepared]:
    """Make records ready.

    Raises:
        BlobsMissingError: when the bytes of a file were neither sent nor are here.
        InvalidInputError: for the first that cannot be.
    """
    _check_once(records)
    found = Standing.of(access, records)
    ready = []
    for record in records:
        try:
            ready.append(found.prepared(record))
        except InvalidInputError as error:
            name = record.said.get("name", record.key)
            msg = f"the {record.kind} '{name}' ({record.id}) cannot be written: {error.message}"
            raise type(error)(msg, error.hint) if type(error) in _PLAIN else error from error
    keys = [(one.record.kind, one.key) for one in ready]
    if len(set(keys)) < len(keys):
        kind, key = next(one for one in keys if keys.count(one) > 1)
        raise ItemError(f"two records are the {kind} '{key}'", "Give one of them another name.")
    return ready


_PLAIN = (InvalidInputError, ItemError, FilePathError)


class Standing:
    """What stands where records are to be written."""

    def __init__(
        self,
        rows: Mapping[UUID, RecordRow],
        fields: Mapping[UUID, Mapping[str, Json]],
        bodies: Mapping[str, bytes],
        sent: Mapping[str, bytes],
        keys: dict[Kind, set[str]],
    ) -> None:
        self._rows, self._fields, self._keys = rows, fields, keys
        self._bodies, self._sent = {**bodies, **sent}, sent

    @classmethod
    def of(cls, access: Access, records: Sequence[Record]) -> Standing:
        """Read it."""
        organisation_id = access.organisation_id
        with access.read("sync") as tx:
            plain = [one for one in records if one.leaves is None]
            ids = {one.id for one in plain}
            rows = tenant_records.with_ids(tx, organisation_id, ids) if ids else {}
            edited = [one.id for one in plain if one.id in rows]
            fields = tenant_records.fields_of(tx, organisation_id, edited) if edited else {}
            wanted = {leaf.digest for one in edited for leaf in rows[one].leaves}
            sent = {digest: data for one in records for digest, data in one.bodies.items()}
            wanted |= {leaf.digest for one in records for leaf in one.leaves or ()} - sent.keys()
            bodies = blobs.read_blobs(tx, organisation_id, wanted) if wanted else {}
            kinds = {one.kind for one in plain if one.id not in rows}
            keys = {kind: tenant_records.taken_keys(tx, organisation_id, kind) for kind in kinds}
        lacked = sorted(wanted - bodies.keys())
        if lacked:
            msg = f"the bytes of {len(lacked):,} files are not here, and nothing was written"
            raise BlobsMissingError(msg, "Send them as blobs first.", missing=tuple(lacked[:1000]))
        return cls(rows, fields, bodies, sent, keys)

    def prepared(self, record: Record) -> Prepared:
        """Return a record ready to be written.

        Raises:
            InvalidInputError: when it cannot be.
        """
        row = self._rows.get(record.id)
        if record.leaves is not None:
            return self._with_files(record, record.leaves)
        return self._made(record) if row is None else self._edited(record, row)

    def _with_files(self, record: Record, leaves: tuple[Leaf, ...]) -> Prepared:
        files = {}
        for leaf in leaves:
            fault = tenant_path_fault(leaf.path)
            if fault:
                raise FilePathError(f"the path of its file {fault}", "Rename the file.")
            files[leaf.path] = data = self._bodies[leaf.digest]
            if len(data) != leaf.size:
                raise FilePathError(f"{leaf.path} has another size than it says", "Send it again.")
        parsed = parse(record.kind, files, record.place)
        if record.key not in (None, parsed.key):
            msg = f"its files make it '{parsed.key}', and not '{record.key}'"
            raise ItemError(msg, "Send the key that its files say, or none.")
        # Another record may have brought them, which need not be written.
        brought = {
            leaf.digest: self._sent[leaf.digest] for leaf in leaves if leaf.digest in self._sent
        }
        return _ready(record, parsed, leaves, record.place, brought)

    def _edited(self, record: Record, row: RecordRow) -> Prepared:
        """Change what the record says otherwise in the files that are there."""
        before = {leaf.path: self._bodies[leaf.digest] for leaf in row.leaves}
        files, place = dict(before), row.place
        fields = self._fields[record.id]
        changes: dict[str, Json] = {
            name: record.said[name]
            for name in EDITABLE[record.kind]
            if name in record.said and (record.said[name] or None) != (fields.get(name) or None)
        }
        if record.kind == "agent" and "name" in changes:
            moved, place = rename(record.kind, files, str(changes.pop("name")), place=place)
            files |= moved
        if changes:
            files |= edit(record.kind, files, changes, place=place)
        executable = {leaf.path for leaf in row.leaves if leaf.executable}
        made = {path: data for path, data in files.items() if before.get(path) is not data}
        kept = tuple(leaf for leaf in row.leaves if leaf.path not in made)
        leaves = sorted((*kept, *_leaves(made, executable)), key=lambda leaf: leaf.path)
        parsed = parse(record.kind, files, place)
        return _ready(record, parsed, tuple(leaves), place, _bodies(made), row.digest)

    def _made(self, record: Record) -> Prepared:
        """Make the files of a record that is new."""
        name = record.said.get("name")
        if not isinstance(name, str) or not name.strip():
            raise InvalidInputError("it has no name", "Send 'name'.")
        taken = self._keys.setdefault(record.kind, set())
        key = record.key or self._key(record.kind, name, taken)
        fields: dict[str, Json] = {
            one: record.said.get(one) or None for one in EDITABLE[record.kind] if one != "name"
        }
        if record.kind != "agent":
            fields["name"] = name
        elif key != name:
            fields["display_name"] = name
        files, place = compose(record.kind, key, fields, taken=taken)
        taken.add(key)
        parsed = parse(record.kind, files, place)
        leaves = tuple(_leaves(files, ()))
        return _ready(record, parsed, leaves, place, _bodies(files), None)

    def _key(self, kind: Kind, name: str, taken: set[str]) -> str:
        if kind == "agent" and name not in taken:
            try:
                compose(kind, name, {})
            except ItemError:
                return slug_from_title(name, taken=taken)
            return name
        return slug_from_title(name, taken=taken)


def _ready(  # noqa: PLR0913, PLR0917 - what a record comes to
    record: Record,
    parsed: ParsedItem,
    leaves: tuple[Leaf, ...],
    place: Mapping[str, Json],
    bodies: Mapping[str, bytes],
    based_on: Expected = ANY,
) -> Prepared:
    files = digest_of_leaves(leaves)
    digest = digest_of_record(record.kind, parsed.key, files, record.extra)
    return Prepared(
        record, parsed.key, leaves, place, parsed.fields, bodies, files, digest, based_on
    )


def _leaves(files: Mapping[str, bytes], executable: Sequence[str] | set[str]) -> list[Leaf]:
    return [
        Leaf(path, digest_of_bytes(data), len(data), path in executable)
        for path, data in sorted(files.items())
    ]


def _bodies(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {digest_of_bytes(data): data for data in files.values()}


def _check_once(records: Sequence[Record]) -> None:
    if len({record.id for record in records}) < len(records):
        raise InvalidInputError("two records have the same id", "Send each record once.")
