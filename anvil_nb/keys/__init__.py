"""The keys that sign bundles and open them: the user's own, and those of others that are trusted.

They lie in one folder of the user's, in no workspace, store or bundle. docs/keys.md is the page
for users.
"""

from anvil_nb.keys.private import Opener, Signer
from anvil_nb.keys.public import PublicKey
from anvil_nb.keys.ring import KeyRing
from anvil_nb.keys.trust import TrustedKey

__all__ = ["KeyRing", "Opener", "PublicKey", "Signer", "TrustedKey"]
