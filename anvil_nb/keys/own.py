"""The files of one's own private keys: one for each, named like the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.errors import ExistsError, KeyStoreError, NotFoundError
from anvil_nb.keys.private import PrivateKey

if TYPE_CHECKING:
    from anvil_nb.keys.folder import KeyFolder
    from anvil_nb.keys.trust import TrustedKey

ENDING = ".key"


class OwnKeys:
    """The private keys in a folder. What changes them has the turn there."""

    def __init__(self, folder: KeyFolder) -> None:
        self._folder = folder

    def all(self) -> dict[str, PrivateKey]:
        """Return the keys by file.

        Raises:
            KeyStoreError: when others may read one, or it is not sound.
        """
        found = {}
        for file in self._folder.names(ENDING):
            data = self._folder.read(file)
            if data is None:
                return self.all()  # it has just been renamed: the list is out of date
            try:
                found[file] = PrivateKey.from_bytes(data)
            except ValueError as error:
                msg = f"the private key {self._folder.path / file} is not sound: {error}"
                hint = "Bring it back from a backup, or move it away."
                raise KeyStoreError(msg, hint) from error
        return found

    def get(self, key: TrustedKey) -> PrivateKey:
        """Return the private key of a public one, under the name that it has here.

        Raises:
            NotFoundError: when it is not here.
        """
        return self._find(key)[1].renamed(key.name)

    def add(self, key: PrivateKey) -> None:
        """Write a new key.

        Raises:
            ExistsError: when there is a file of that name.
        """
        self._check_free(key.name)
        self._folder.write(key.name + ENDING, key.to_bytes())

    def rename(self, key: TrustedKey, name: str) -> None:
        """Let file and document go by another name.

        Raises:
            ExistsError: when there is a file of that name.
        """
        file, private = self._find(key)
        if file != name + ENDING:  # as it is where an earlier renaming was killed
            self._check_free(name)
        self._folder.write(file, private.renamed(name).to_bytes())
        self._folder.move(file, name + ENDING)

    def _find(self, key: TrustedKey) -> tuple[str, PrivateKey]:
        for file, private in self.all().items():
            if private.public_key == key.public_key:
                return file, private
        msg = f"the private key of {key.name} ({key.key_id}) is not here"
        raise NotFoundError(msg, "Use a key of your own (anvil keys ls), or make one.")

    def _check_free(self, name: str) -> None:
        if name + ENDING in self._folder.names(ENDING):
            msg = f"there is a file {self._folder.path / (name + ENDING)} already"
            raise ExistsError(msg, "Choose another name.")
