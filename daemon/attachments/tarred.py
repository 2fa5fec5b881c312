"""Tar files, and what was packed as one stream by gzip, bzip2 or xz, a tar or not."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
from collections.abc import Iterator

from daemon.attachments import limits
from daemon.attachments.archive import chinese, list_members, read_member, spend
from daemon.attachments.limits import Found, Unsupported

_ENDING = re.compile(r"\.(?:gz|bz2|xz|tgz)$", re.I)


def is_tar(data: bytes) -> bool:
    """Whether a file is a tar, by the mark that every tar of the last thirty years has."""
    return data[257:262] == b"ustar"


def read_stream(found: Found, name: str, data: bytes, depth: int) -> None:
    """One packed stream: a tar is read as such, anything else is its only member."""
    unpacked = spend(found, _pieces(data))
    if is_tar(unpacked):
        read_tar(found, unpacked, depth)
        return
    inner = _ENDING.sub("", name)
    list_members(found, [inner])
    if depth < limits.DEPTH:
        read_member(found, inner, unpacked, depth)


def _pieces(data: bytes) -> Iterator[bytes]:
    opener = gzip.open if data.startswith(b"\x1f\x8b") else bz2.open if data.startswith(b"BZh") else lzma.open
    with opener(io.BytesIO(data)) as stream:
        while piece := stream.read(1 << 16):
            yield piece


def read_tar(found: Found, data: bytes, depth: int) -> None:
    """A tar: its plain files. Links are only named; a file with holes could be of any size, and is not read."""
    with tarfile.open(fileobj=io.BytesIO(data), encoding="utf-8", errors="surrogateescape") as archive:
        entries = []
        for info in archive:
            if info.isdir():
                continue
            list_members(found, [_name(info)])
            entries.append(info)
        if depth >= limits.DEPTH:
            return
        for info in entries:
            stream = archive.extractfile(info) if info.isreg() and not info.issparse() else None
            if stream is not None:
                read_member(found, _name(info), stream.read(), depth)
    if any(info.issparse() for info in entries):
        raise Unsupported


def _name(info: tarfile.TarInfo) -> str:
    return chinese(info.name.encode("utf-8", "surrogateescape"))
