"""The key that signs the heads of the log: 32 random bytes in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from engine.history.checkpoint import FileSigner

SECRET_BYTES = 32


def file_signer(path: Path, origin: str) -> FileSigner:
    """The signer whose key lies at ``path``; made at first use. Raises ``ValueError`` for a file that is no key."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        secret = path.read_bytes()
    else:
        secret = secrets.token_bytes(SECRET_BYTES)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"expected a key of {SECRET_BYTES} bytes in {path.name}, found {len(secret)}")
    return FileSigner(origin, secret)


def log_signer(data_folder: Path) -> FileSigner:
    """The signer of an installation that keeps its files in ``data_folder``."""
    return file_signer(data_folder / "log.key", "shangmen/log")
