"""Every error Anvil raises on purpose, in one tree.

Each error says *what* went wrong (``message``), *what to type next* (``hint``) and carries a
stable ``code`` that programs may match on. Surfaces map the tree once: the command line to exit
codes, the notebook to three lines, later the servers to statuses.

::

    AnvilError
    ├── InvalidInputError             what was typed cannot be used
    │   ├── AddressError              an address or a name that does not parse
    │   ├── VersionSyntaxError        a version or range that does not parse
    │   ├── DeclarationError          a parameter, metadata or frontmatter that is not sound
    │   ├── TemplateSyntaxError       a template that does not parse
    │   ├── SourceError               a file to load that cannot be read
    │   ├── ItemError                 files that are not the skill or page they should be
    │   ├── TarballError              an archive of files that breaks a rule
    │   ├── TooLargeError             more than is taken here
    │   ├── BlobError                 bytes that are not what they were announced to be
    │   └── FilePathError             a path at which no file may stand
    ├── RenderError                   a sound template that cannot be rendered with these values
    │   ├── MissingValueError
    │   ├── ValueTypeError
    │   └── TemplateLimitError        a template that costs more than is allowed
    ├── NotFoundError
    ├── ForbiddenError                no right to do this
    ├── UnauthorisedError             no token, or none that holds
    ├── TooManyRequestsError          more than the limit allows
    ├── RefusedError                  understood, and not done: a rule forbids it
    │   ├── RevokedKeyError           the key was revoked
    │   └── SyncGuardError            a sync that looks like an accident
    ├── ConflictError                 the world moved, or somebody was first
    │   ├── ExistsError               a name that is taken
    │   ├── DraftConflictError        the draft changed since it was read
    │   ├── VersionTakenError         a number that stands for other content
    │   ├── PublishRaceError          another publisher was first
    │   ├── LabelMovedError           the label moved since it was read
    │   ├── BundleConflictError       conflicts of an import that are still to be decided
    │   ├── PlanMovedError            what a plan went by moved since it was made
    │   ├── MovedSinceError           what is written to moved since it was read
    │   │   ├── FilesMovedError       a tenant's files
    │   │   └── RecordsMovedError     a tenant's records
    │   ├── RepeatedError             the idempotency key was used before
    │   └── BlobsMissingError         files whose bytes are not there
    ├── BundleError                   a bundle that is not sound
    │   ├── ArchiveError              its file breaks a rule of the format: damaged, or forged
    │   │   └── ArchiveLimitError     it is larger than this reader allows
    │   ├── ChecksumError             a part of it is not what its checksum says
    │   ├── SignatureError            unsigned, or a signature that does not hold
    │   │   └── UntrustedSignerError  signed by keys that are not trusted with it
    │   └── DecryptionError           nothing here opens it, or it was changed
    ├── KeyStoreError                 the folder of keys cannot be used
    │   └── PassphraseError           a private key that stays locked
    ├── RemoteError                   another instance did not do what it was asked to
    │   ├── RemoteUnreachableError    no answer, or one that was cut off
    │   ├── RemoteBusyError           not now, each time it was asked
    │   ├── RemoteAnswerError         an answer that no instance gives: a proxy's, for example
    │   ├── RemoteUnauthorisedError   it does not know who asks
    │   ├── RemoteForbiddenError      who asks may not do that
    │   ├── RemoteNotFoundError       it has no such thing
    │   ├── RemoteTooLargeError       it does not take that much
    │   └── RemoteMovedError          what stands there is not what was expected
    ├── SettingsError                 anvil.toml, or no workspace
    └── StoreError
        ├── StoreBusyError            another process holds the store
        ├── StoreDamagedError         not a store, or cut off
        ├── StoreTooNewError          written by a newer program
        └── StoreUnavailableError     no space, no permission, no server
"""

from __future__ import annotations

from anvil_nb.errors.answers import (
    ForbiddenError,
    NotFoundError,
    RefusedError,
    TooManyRequestsError,
    UnauthorisedError,
)
from anvil_nb.errors.bundles import (
    ArchiveError,
    ArchiveLimitError,
    BundleError,
    ChecksumError,
    DecryptionError,
    KeyStoreError,
    PassphraseError,
    RevokedKeyError,
    SignatureError,
    UntrustedSignerError,
)
from anvil_nb.errors.conflicts import (
    BundleConflictError,
    ConflictError,
    DraftConflictError,
    ExistsError,
    LabelMovedError,
    MovedSinceError,
    PlanMovedError,
    PublishRaceError,
    RepeatedError,
    VersionTakenError,
)
from anvil_nb.errors.inputs import (
    AddressError,
    DeclarationError,
    InvalidInputError,
    ItemError,
    SourceError,
    TemplateSyntaxError,
    VersionSyntaxError,
)
from anvil_nb.errors.remotes import (
    RemoteAnswerError,
    RemoteBusyError,
    RemoteError,
    RemoteForbiddenError,
    RemoteMovedError,
    RemoteNotFoundError,
    RemoteTooLargeError,
    RemoteUnauthorisedError,
    RemoteUnreachableError,
)
from anvil_nb.errors.rendering import (
    MissingValueError,
    RenderError,
    TemplateLimitError,
    ValueTypeError,
)
from anvil_nb.errors.root import (
    AnvilError,
)
from anvil_nb.errors.stores import (
    SettingsError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreTooNewError,
    StoreUnavailableError,
)
from anvil_nb.errors.sync import SyncConflictError, SyncGuardError
from anvil_nb.errors.transfers import (
    BlobError,
    BlobsMissingError,
    FilePathError,
    FilesMovedError,
    RecordsMovedError,
    TarballError,
    TooLargeError,
)

__all__ = [
    "AddressError",
    "AnvilError",
    "ArchiveError",
    "ArchiveLimitError",
    "BlobError",
    "BlobsMissingError",
    "BundleConflictError",
    "BundleError",
    "ChecksumError",
    "ConflictError",
    "DeclarationError",
    "DecryptionError",
    "DraftConflictError",
    "ExistsError",
    "FilePathError",
    "FilesMovedError",
    "ForbiddenError",
    "InvalidInputError",
    "ItemError",
    "KeyStoreError",
    "LabelMovedError",
    "MissingValueError",
    "MovedSinceError",
    "NotFoundError",
    "PassphraseError",
    "PlanMovedError",
    "PublishRaceError",
    "RecordsMovedError",
    "RefusedError",
    "RemoteAnswerError",
    "RemoteBusyError",
    "RemoteError",
    "RemoteForbiddenError",
    "RemoteMovedError",
    "RemoteNotFoundError",
    "RemoteTooLargeError",
    "RemoteUnauthorisedError",
    "RemoteUnreachableError",
    "RenderError",
    "RepeatedError",
    "RevokedKeyError",
    "SettingsError",
    "SignatureError",
    "SourceError",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
    "StoreTooNewError",
    "StoreUnavailableError",
    "SyncConflictError",
    "SyncGuardError",
    "TarballError",
    "TemplateLimitError",
    "TemplateSyntaxError",
    "TooLargeError",
    "TooManyRequestsError",
    "UnauthorisedError",
    "UntrustedSignerError",
    "ValueTypeError",
    "VersionSyntaxError",
    "VersionTakenError",
]
