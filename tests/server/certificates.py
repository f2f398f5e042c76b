"""Certificates for 127.0.0.1 by an authority that nobody knows."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

if TYPE_CHECKING:
    from pathlib import Path


def certified(folder: Path, by: str = "private authority") -> tuple[Path, Path]:
    """Write a certificate and its key, beside ``ca.pem`` and ``authorities`` to trust it by."""
    authority, issuer = ec.generate_private_key(ec.SECP256R1()), _named(by)
    root = (
        _builder(issuer, issuer, authority.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    leaf = (
        _builder(_named("anvil"), issuer, key.public_key())
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(authority, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(root.public_bytes(Encoding.PEM))
    authorities = folder / "authorities"
    authorities.mkdir()
    # A folder of certificates is one of files by the hash of a name, as `openssl rehash` makes it.
    said = hashlib.sha1(issuer.public_bytes()[2:], usedforsecurity=False).digest()[:4]
    found = authorities / f"{int.from_bytes(said, 'little'):08x}.0"
    found.write_bytes(root.public_bytes(Encoding.PEM))
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(leaf.public_bytes(Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    return files


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer,
        subject,
        key,
        x509.random_serial_number(),
        now - timedelta(days=1),
        now + timedelta(days=1),
    )
