"""Chain each fact to the one before it, so that a changed fact breaks every later seal.

A fact's body is canonical JSON (RFC 8785); what is stored and verified are these bytes, never a
re-serialisation. ``seal = SHA-256(0x02 ‖ previous seal ‖ body)``; the first previous seal is empty.
Personal values are not in the body: it holds ``SHA-256(0x03 ‖ salt ‖ name ‖ 0x00 ‖ value)``, the salt
and the value lie beside it and can be erased without breaking the chain.
"""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785

SALT_BYTES = 32
_FACT = b"\x02"
_COMMITMENT = b"\x03"


def canonical(data: Any) -> bytes:
    """JSON data as RFC 8785 bytes. Raises ``ValueError`` for what JSON cannot hold exactly."""
    return rfc8785.dumps(data)


def seal(previous: str, body: bytes) -> str:
    """The seal (hex) of a fact with this body after a fact with the seal ``previous`` ("" for the first)."""
    return hashlib.sha256(_FACT + bytes.fromhex(previous) + body).hexdigest()


def commitment(salt: bytes, name: str, value: bytes) -> str:
    """The digest (hex) that stands in a body for the personal field ``name`` with canonical ``value``."""
    return hashlib.sha256(_COMMITMENT + salt + name.encode() + b"\x00" + value).hexdigest()


def digest(content: bytes) -> str:
    """SHA-256 (hex) of a file, a saved state or a published resource."""
    return hashlib.sha256(content).hexdigest()
