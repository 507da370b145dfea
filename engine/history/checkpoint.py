"""A signed head of the Merkle log, in the C2SP formats ``tlog-checkpoint`` and ``signed-note``.

    shangmen.example/log
    48213
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — shangmen.example/log 5Z8uXg…

Whoever keeps such a text outside – a file, a print, an e-mail – can later prove that the record up to that
size was not rewritten, whoever had the database in their hands.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.history import hashing

_ED25519 = b"\x01"
_MARK = "— "
_SUITE = "hash "


class Signer(Protocol):
    """What signs heads: a key in a file here, a certified device elsewhere."""

    name: str

    def sign(self, message: bytes) -> bytes:
        """The key id (4 bytes) and the signature."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: ``size`` facts are under ``root``, hashed with ``suite``."""

    origin: str
    size: int
    root: bytes
    suite: str = hashing.FIRST

    @property
    def body(self) -> str:
        """The text that is signed."""
        more = "" if self.suite == hashing.FIRST else f"{_SUITE}{self.suite}\n"  # an extension line, as C2SP has it
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{more}"


def key_id(name: str, public_key: bytes) -> bytes:
    """The first four bytes of ``SHA-256(name ‖ newline ‖ 0x01 ‖ public key)`` (signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


class FileSigner:
    """An Ed25519 key whose 32 secret bytes lie in a file that only its owner can read."""

    def __init__(self, name: str, secret: bytes) -> None:
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The key id and the signature over ``message``."""
        return key_id(self.name, self.public_key) + self._key.sign(message)

    @property
    def verifier(self) -> str:
        """The public key as text to hand out: ``name+id+base64`` (signed-note's vkey)."""
        identity = key_id(self.name, self.public_key).hex()
        return f"{self.name}+{identity}+{base64.b64encode(_ED25519 + self.public_key).decode()}"


def signed(checkpoint: Checkpoint, signer: Signer) -> str:
    """The signed text of a head."""
    signature = base64.b64encode(signer.sign(checkpoint.body.encode())).decode()
    return f"{checkpoint.body}\n{_MARK}{signer.name} {signature}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """The head that a text states, without looking at its signatures. Raises ``ValueError``."""
    body, separator, _ = text.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) < 3 or not lines[0] or not lines[1].isascii() or not lines[1].isdigit():
        raise ValueError("expected a checkpoint: an origin, a size, a root, an empty line and signatures")
    suite = next((line.removeprefix(_SUITE) for line in lines[3:] if line.startswith(_SUITE)), hashing.FIRST)
    return Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True), suite)


def is_signed_by(text: str, verifier: str) -> bool:
    """Whether the text bears a valid signature of the key ``name+id+base64``."""
    name, _, rest = verifier.partition("+")
    public = base64.b64decode(rest.partition("+")[2])[1:]
    body, _, signatures = text.partition("\n\n")
    for line in signatures.splitlines():
        if not line.startswith(f"{_MARK}{name} "):
            continue
        raw = base64.b64decode(line.rsplit(" ", 1)[1])
        if raw[:4] != key_id(name, public):
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], (body + "\n").encode())
        except InvalidSignature:
            continue
        return True
    return False
