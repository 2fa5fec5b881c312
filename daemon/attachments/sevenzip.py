"""7z files, by py7zr: listed, and read in memory while the budget lasts."""

from __future__ import annotations

import io

import py7zr
from py7zr.exceptions import DecompressionBombError, PasswordRequired
from py7zr.io import Py7zIO, WriterFactory

from daemon.attachments import limits
from daemon.attachments.archive import list_members, read_member, spend
from daemon.attachments.limits import Encrypted, Found, TooLarge, Unsupported

_PPMD = b"\x03\x04\x01"


def read_7z(found: Found, data: bytes, depth: int) -> None:
    """A 7z archive. Raises TooLarge; Encrypted where its names or its members are locked; Unsupported for PPMd."""
    try:
        # From memory, not from a path: py7zr starts threads for a path, and the jail has none.
        with py7zr.SevenZipFile(io.BytesIO(data)) as archive:
            list_members(found, [info.filename for info in archive.list() if info.is_file])
            if archive.needs_password():
                raise Encrypted
            if depth >= limits.DEPTH:
                return
            if _by_ppmd(archive):
                raise Unsupported  # its unpacker starts a thread, for which it would wait in the jail for ever
            taken = _Taken(found)
            archive.extractall(factory=taken)
    except PasswordRequired as e:
        raise Encrypted from e
    except DecompressionBombError as e:
        raise TooLarge from e
    for name, member in taken.files.items():
        read_member(found, name, member.data(), depth)


def _by_ppmd(archive: py7zr.SevenZipFile) -> bool:
    streams = archive.header.main_streams
    folders = [] if streams is None else streams.unpackinfo.folders
    return any(coder["method"] == _PPMD for folder in folders for coder in folder.coders)


class _Taken(WriterFactory):
    """Takes what py7zr would write to files."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self.files: dict[str, _Member] = {}

    def create(self, filename: str) -> Py7zIO:
        self.files[filename] = _Member(self._found)
        return self.files[filename]


class _Member(Py7zIO):
    """One member in memory; every write is paid from the part's budget."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._held = io.BytesIO()

    def write(self, s: bytes | bytearray) -> int:
        return self._held.write(spend(self._found, (bytes(s),)))

    def read(self, size: int | None = None) -> bytes:
        return self._held.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._held.seek(offset, whence)

    def flush(self) -> None:
        self._held.flush()

    def size(self) -> int:
        return len(self._held.getbuffer())

    def data(self) -> bytes:
        """All that was written."""
        return self._held.getvalue()
