"""Check a dossier with nothing but this file, Python and ``cryptography``: ``python dossier_check.py FILE``.

It imports nothing of the platform, so that whoever doubts the platform can read these lines instead. What is
checked, in this order, and named at the first item that is wrong: the signature of the head (by the key given
with ``--key``), each fact's seal, personal values and way to that head, the facts beside, the files in force,
the papers, and the file as a whole.

Ends with 0 when all is proven, 1 when something is wrong, 2 when nothing is wrong but not all is proven.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "shangmen-dossier/1"
SUITES = ("sha256", "sm3")
Hash = Callable[[bytes], bytes]
FIRST_PERSONAL: Mapping[str, tuple[str, ...]] = {
    "InstanceStarted": ("variables",),
    "InstanceDescribed": ("title",),
    "ElementCompleted": ("assigned",),
    "DecisionEvaluated": ("inputs", "outputs", "warnings"),
    "UserTaskCompleted": ("answers",),
    "FileAttached": ("name",),
    "ConnectorRequested": ("inputs",),
    "ConnectorFinished": ("result",),
    "MessageReceived": ("payload",),
}
"""Fields that hold the digest of a value which lies beside, in the first facts; later ones name them themselves."""

_WITHHELD: Mapping[str, Any] = {"type": "", "at": "", "data": {}, "state": "withheld"}

VERSIONED = ("InstanceStarted", "InstanceMigrated")
"""Facts that say which published files are in force for the case from there on."""

_DATA = re.compile(rb'<script type="application/json" id="dossier">(.*?)</script>', re.DOTALL)
_END = re.compile(rb"<!-- (sha256|sm3):([0-9a-f]{64}) -->\n?\Z")


class Wrong(Exception):
    """The first item of a dossier that is not as it should be."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place


def _hash(suite: str) -> Hash:
    """SHA-256, or SM3 (GB/T 32905) where the record is made with it."""
    return lambda data: hashlib.new(suite, data).digest()


@dataclass(frozen=True)
class Proof:
    """What a dossier without fault proves. ``missing`` says what it does not; empty when all is proven."""

    number: str
    facts: int
    until: str
    size: int
    ended: bool
    masked: bool
    missing: tuple[str, ...]


def check_file(content: bytes, key: str = "") -> Proof:
    """Check a dossier; ``key`` is the public key (``name+id+base64``) from a source of one's own. Raises ``Wrong``."""
    is_bare = content.startswith(b"{")  # as it lies in an archive: the data without the page around them
    found = _DATA.search(content)
    if found is None and not is_bare:
        raise Wrong("file", "this is no dossier: its data are missing")
    try:
        data = json.loads(content if found is None else found[1])
        proof = check(data, key)
    except (KeyError, TypeError, ValueError, AttributeError) as broken:
        raise Wrong("file", f"its data cannot be read ({type(broken).__name__}: {broken})") from broken
    if found is None:
        return proof
    end = _END.search(content)
    suite = str(data["suite"])
    if end is None or end[1].decode() != suite or _hash(suite)(content[: end.start()]).hex().encode() != end[2]:
        raise Wrong("file", "the data are whole, but the text around them (film, pictures, script) was changed")
    return proof


def check(data: Mapping[str, Any], key: str = "") -> Proof:
    """Check the data of a dossier. Raises ``Wrong``, and ``KeyError``, ``TypeError``, ``ValueError`` for no data."""
    if data["format"] != FORMAT or data["suite"] not in SUITES:
        raise Wrong("file", f"expected the format {FORMAT} with {' or '.join(SUITES)}")
    missing: list[str] = []
    h = _hash(data["suite"])
    size, root = _check_head(data, key, missing)
    _check_earlier(data, h, key, size, root)
    bodies = list(_check_case(data, h, size, root))
    if not bodies:
        raise Wrong("facts", "there are none")
    beside = list(_check_beside(data, h, size, root))
    _check_resources(data, h, bodies, beside)
    _check_files(data, h, bodies)
    open_facts = [fact for fact in data["facts"] if fact["leaf"] is None]
    if open_facts:
        missing.append(f"{len(open_facts)} of {len(bodies)} facts are not yet under a signed head")
    if any(fact["leaf"] is None for fact in data["beside"]):
        missing.append("some facts beside the case are not yet under a signed head")
    withheld = sum(fact["body"] is None for fact in data["facts"])
    if withheld:
        missing.append(f"{withheld} facts were left out whole; only their seals and places are proven")
    ended = any(body["type"] in ("InstanceCompleted", "InstanceCancelled") for body in bodies)
    name, masked = data["number"] or data["case"], bool(data["masked"])
    return Proof(name, len(bodies), bodies[-1]["at"], size, ended, masked, tuple(missing))


# ------------------------------------------------------------------ the signed head


def _check_head(data: Mapping[str, Any], key: str, missing: list[str]) -> tuple[int, bytes]:
    note = data["checkpoint"]
    if not note:
        missing.append("there is no signed head")
        return 0, b""
    size, root, suite = _read_head("checkpoint", note)
    if suite != data["suite"]:
        raise Wrong("checkpoint", f"it is hashed with {suite}, but the dossier says {data['suite']}")
    verifier = key or data["verifier"]
    if not verifier:
        missing.append("there is no key to check the signature with: give one with --key")
    elif not _is_signed(note, verifier):
        raise Wrong("checkpoint", "its signature is not of this key")
    elif not key:
        missing.append(f"the key came with the dossier: compare it with the one you were given, {verifier}")
    return size, root


def _read_head(place: str, note: str) -> tuple[int, bytes, str]:
    body, separator, _ = note.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) < 3 or not (lines[1].isascii() and lines[1].isdigit()):
        raise Wrong(place, "this is no signed head")
    suite = next((line[5:] for line in lines[3:] if line.startswith("hash ")), SUITES[0])
    return int(lines[1]), base64.b64decode(lines[2], validate=True), suite


def _check_earlier(data: Mapping[str, Any], h: Hash, key: str, size: int, root: bytes) -> None:
    """Earlier heads, which somebody may have kept: signed with the same key, and continued by the newest one."""
    verifier = key or data["verifier"]
    for number, earlier in enumerate(data.get("earlier", ()), 1):
        place = f"earlier head {number}"
        old, old_root, _ = _read_head(place, earlier["checkpoint"])
        if verifier and not _is_signed(earlier["checkpoint"], verifier):
            raise Wrong(place, "its signature is not of this key")
        way = [base64.b64decode(text, validate=True) for text in earlier["proof"]]
        if not _continues(h, old, old_root, size, root, way):
            raise Wrong(place, "the newest head does not continue it: what it covers was changed since")


def _continues(h: Hash, old: int, old_root: bytes, size: int, root: bytes, way: list[bytes]) -> bool:
    """Whether the tree of ``size`` leaves begins with the one of ``old`` (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= size or (old == size and way):
        return False
    if old == size:
        return old_root == root
    path = [old_root, *way] if old & (old - 1) == 0 else way
    if not path:
        return False
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    was = now = path[0]
    for value in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            was, now = h(b"\x01" + value + was), h(b"\x01" + value + now)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            now = h(b"\x01" + now + value)
        first, last = first >> 1, last >> 1
    return was == old_root and now == root and last == 0


def _is_signed(note: str, verifier: str) -> bool:
    body, _, signatures = note.partition("\n\n")
    name, _, rest = verifier.strip().partition("+")
    public = base64.b64decode(rest.partition("+")[2])[1:]
    identity = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    for line in signatures.splitlines():
        if not line.startswith(f"— {name} "):
            continue
        raw = base64.b64decode(line.rsplit(" ", 1)[1])
        try:
            if raw[:4] == identity:
                Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], (body + "\n").encode())
                return True
        except InvalidSignature:
            continue
    return False


# ------------------------------------------------------------------ facts


def _check_case(data: Mapping[str, Any], h: Hash, size: int, root: bytes) -> Iterator[dict[str, Any]]:
    stream, previous, is_open = f"case:{data['case']}", "", False
    erased = _erased(data["facts"])
    for seq, fact in enumerate(data["facts"], 1):
        place = f"{stream}#{seq}"
        if fact["body"] is None and data["masked"]:
            body = {**_WITHHELD, "stream": stream, "seq": seq}
        else:
            body = _check_seal(h, place, fact, previous)
        if (body["stream"], body["seq"]) != (stream, seq):
            raise Wrong(place, f"expected fact {seq} of this case, found {body['stream']}#{body['seq']}")
        _check_personal(h, place, fact, body, may_lack=bool(data["masked"]) or seq in erased)
        if fact["leaf"] is not None and is_open:
            raise Wrong(place, "the facts before it are not under the signed head, but this one is")
        is_open = fact["leaf"] is None
        _check_way(h, place, fact, size, root)
        previous = fact["seal"]
        number = data["number"] if data["masked"] else _value(fact, body, "number")
        if seq == 1 and (body["type"], number) != ("InstanceStarted", data["number"]):
            raise Wrong(place, "this is not the beginning of the case with this number")
        if seq == len(data["facts"]) and not body["state"]:
            raise Wrong(place, "the facts break off in the middle of a step")
        yield body


def _value(fact: Mapping[str, Any], body: Mapping[str, Any], name: str) -> Any:
    """A field of a fact: as it stands in the body, or the value beside; None for one that was left out or erased."""
    if name not in _personal(body):
        return body["data"].get(name)
    kept = fact["personal"].get(name)
    return None if kept is None else json.loads(kept["value"])


def _personal(body: Mapping[str, Any]) -> Sequence[str]:
    names: Sequence[str] = body.get("personal", FIRST_PERSONAL.get(body["type"], ()))
    return names


def _erased(facts: Sequence[Mapping[str, Any]]) -> set[int]:
    bodies = [json.loads(fact["body"]) for fact in facts if fact["body"] is not None]
    return {seq for body in bodies if body["type"] == "AnswersErased" for seq in body["data"]["seqs"]}


def _check_seal(h: Hash, place: str, fact: Mapping[str, Any], previous: str) -> dict[str, Any]:
    sealed = h(b"\x02" + bytes.fromhex(previous) + fact["body"].encode()).hex()
    if sealed != fact["seal"]:
        raise Wrong(place, "the seal does not fit: this fact, its seal or the one before was changed")
    body: dict[str, Any] = json.loads(fact["body"])
    return body


def _check_personal(h: Hash, place: str, fact: Mapping[str, Any], body: Mapping[str, Any], may_lack: bool) -> None:
    names = _personal(body)
    for name, kept in fact["personal"].items():
        if name not in names:
            raise Wrong(place, f"the personal value “{name}” does not belong to this fact")
        stated = h(b"\x03" + bytes.fromhex(kept["salt"]) + name.encode() + b"\x00" + kept["value"].encode()).hex()
        if stated != body["data"][name]:
            raise Wrong(place, f"the personal value “{name}” does not match its digest")
    absent = [name for name in names if name not in fact["personal"]]
    if absent and not may_lack:
        raise Wrong(place, f"the personal value “{absent[0]}” is missing, and no erasure is recorded")


def _check_way(h: Hash, place: str, fact: Mapping[str, Any], size: int, root: bytes) -> None:
    index, way = fact["leaf"], fact["proof"]
    if index is None:
        return
    if not (isinstance(index, int) and 0 <= index < size):
        raise Wrong(place, f"its place {index} is not among the {size} facts of the signed head")
    value = h(b"\x00" + bytes.fromhex(fact["seal"]))
    last = size - 1
    for text in way:
        sibling = base64.b64decode(text, validate=True)
        if last == 0:
            raise Wrong(place, "its way to the signed head is too long")
        if index & 1 or index == last:
            value = h(b"\x01" + sibling + value)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            value = h(b"\x01" + value + sibling)
        index, last = index >> 1, last >> 1
    if last or value != root:
        raise Wrong(place, "it is not the fact that was committed under the signed head")


def _check_beside(data: Mapping[str, Any], h: Hash, size: int, root: bytes) -> Iterator[dict[str, Any]]:
    for number, fact in enumerate(data["beside"], 1):
        if fact["body"] is None and data["masked"]:
            _check_way(h, f"beside {number}", fact, size, root)
            continue
        body = _check_seal(h, f"beside {number}", fact, fact["previous"])
        _check_way(h, f"{body['stream']}#{body['seq']}", fact, size, root)
        yield body


# ------------------------------------------------------------------ files


def _check_resources(
    data: Mapping[str, Any], h: Hash, bodies: Sequence[Mapping[str, Any]], beside: Sequence[Mapping[str, Any]]
) -> None:
    published = {
        item["id"]: item["checksum"]
        for body in beside
        if body["type"] == "DeploymentPublished"
        for item in body["data"]["resources"]
    }
    kept = {item["id"]: item for item in data["resources"]}
    pinned = [pins for body in bodies if body["type"] in VERSIONED for pins in sorted(body["data"]["pins"].items())]
    if any(not body["type"] for body in bodies):  # facts left out whole: then every file is only held to be published
        pinned = pinned + [(id_, id_) for id_ in sorted(kept)]
    for pin, id_ in pinned:
        if id_ not in kept:
            raise Wrong(pin, "the file that was in force is missing")
        checksum = h(base64.b64decode(kept[id_]["content"], validate=True)).hex()
        if checksum != kept[id_]["checksum"] or checksum != published.get(id_):
            raise Wrong(pin, "the file is not the one that was published")
    if len(kept) != len(data["resources"]) or kept.keys() - {id_ for _, id_ in pinned}:
        raise Wrong("resources", "there is a file that was not in force for this case")


def _check_files(data: Mapping[str, Any], h: Hash, bodies: Sequence[Mapping[str, Any]]) -> None:
    wanted = {
        digest: f"case:{data['case']}#{body['seq']}"
        for fact, body in zip(data["facts"], bodies, strict=True)
        if body["type"] in ("FileAttached", "PaperIssued") and (digest := _value(fact, body, "digest"))
    }
    kept = set()
    for number, item in enumerate(data["files"], 1):
        digest = h(base64.b64decode(item["content"], validate=True)).hex()
        if digest != item["digest"]:
            raise Wrong(wanted.get(item["digest"], f"paper {number}"), "the paper or file was changed")
        if digest not in wanted:
            raise Wrong(f"paper {number}", "there is a paper that no fact of the case mentions")
        kept.add(digest)
    missing = [place for digest, place in wanted.items() if digest not in kept]
    if missing and not data["masked"]:
        raise Wrong(missing[0], "the paper or file is missing")


def main(arguments: Sequence[str]) -> int:
    """Check the file named first; returns the number to end with."""
    if not arguments or len(arguments) not in (1, 3) or (len(arguments) == 3 and arguments[1] != "--key"):
        sys.stderr.write("usage: FILE [--key KEY]\n")
        return 1
    content = Path(arguments[0]).read_bytes()
    try:
        proof = check_file(content, arguments[2] if len(arguments) == 3 else "")
    except Wrong as wrong:
        sys.stdout.write(f"NOT WHOLE – the first wrong item is {wrong}\n")
        return 1
    state = "ended" if proof.ended else "still running then: later facts may exist"
    sys.stdout.write(f"{proof.number}: {proof.facts} facts until {proof.until} ({state})\n")
    sys.stdout.write("Seals, digests, files and ways to the signed head are whole.\n")
    if proof.masked:
        sys.stdout.write("Personal values and papers were left out; their digests are whole.\n")
    for what in proof.missing:
        sys.stdout.write(f"Not proven: {what}\n")
    sys.stdout.write(f"SHA-256 of this file, as recorded when it was made: {hashlib.sha256(content).hexdigest()}\n")
    return 2 if proof.missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
