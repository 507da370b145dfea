"""Settings, each with one sentence. They come from the environment and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from engine.errors import Rejected

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def setting(env: str, sentence: str, default: Any = MISSING) -> Any:
    """A field that is read from the environment variable ``env`` and explained by ``sentence``."""
    return field(default=default, metadata={"env": env, "sentence": sentence})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this installation runs."""

    database_url: str = setting(
        "SHANGMEN_DATABASE", "Where the cases live: sqlite:///path/to/file.sqlite or postgresql://user@host/name."
    )
    demo: bool = setting("SHANGMEN_DEMO", "Whether this is a demonstration: the log-in page names its people.", False)
    plain_http: bool = setting(
        "SHANGMEN_PLAIN_HTTP", "Whether browsers come without TLS; cookies are then not marked Secure.", False
    )
    body_bytes_max: int = setting("SHANGMEN_BODY_BYTES_MAX", "The largest request that is read, in bytes.", 25_000_000)
    rows_per_page: int = setting("SHANGMEN_ROWS_PER_PAGE", "How many rows a list shows on one page.", 25)
    data_folder: str = setting("SHANGMEN_DATA", "The folder for what is not in the database: the outbox.", "data")
    worker_inside: bool = setting(
        "SHANGMEN_WORKER_INSIDE", "Whether this process also does the machine's work, as the demonstration does.", False
    )
    hash_suite: str = setting(
        "SHANGMEN_HASH", "The hash function of a new record, sha256 or sm3; an old one keeps its own.", ""
    )
    proxies: int = setting("SHANGMEN_PROXIES", "How many reverse proxies stand in front and set X-Forwarded-*.", 0)

    @property
    def secure(self) -> bool:
        """Whether cookies travel over TLS only."""
        return not (self.plain_http or self.demo)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **given: Any) -> Settings:
        """The settings in ``environment``; ``given`` ones win. Raises ``Rejected`` for one that cannot be read."""
        found = {
            f.name: _read(f.metadata["env"], environment[f.metadata["env"]], f.type)
            for f in fields(cls)
            if f.metadata["env"] in environment and f.name not in given
        }
        if "database_url" not in {*found, *given}:
            raise Rejected("Expected a database in SHANGMEN_DATABASE but found none. Set it and start again.")
        return cls(**found, **given)


def _read(name: str, text: str, kind: Any) -> Any:
    match kind:
        case "bool" if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        case "int" if text.isascii() and text.isdigit():
            return int(text)
        case "str":
            return text
    expected = {"bool": "yes or no", "int": "a whole number"}[kind]
    raise Rejected(
        "Expected %(expected)s in %(name)s but found %(text)s. Correct it and start again.",
        expected=expected,
        name=name,
        text=repr(text[:80]),
    )
