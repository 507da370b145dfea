"""Small real files for scenarios: a photograph, a scan, a document. Made, not shipped."""

from __future__ import annotations

import struct
import zlib

from forms.uploads import Upload

_PIXELS = 8


def sample_file(name: str) -> Upload:
    """A small valid file whose kind follows the name's ending (.png, .pdf, else .jpg), different for each name."""
    if name.endswith(".png"):
        return Upload(name, _png(name))
    if name.endswith(".pdf"):
        return Upload(name, _pdf(name))
    return Upload(name, _jpeg(name))


def _png(name: str) -> bytes:
    shade = zlib.crc32(name.encode())
    row = b"\x00" + bytes((shade >> shift) & 0xFF for shift in (0, 8, 16)) * _PIXELS
    header = struct.pack(">IIBBBBB", _PIXELS, _PIXELS, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(row * _PIXELS))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pdf(name: str) -> bytes:
    return (
        b"%PDF-1.4\n%" + name.encode() + b"\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


def _jpeg(name: str) -> bytes:
    comment = name.encode()[:200]
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
        + b"\xff\xfe"
        + struct.pack(">H", len(comment) + 2)
        + comment
        + b"\xff\xd9"
    )
