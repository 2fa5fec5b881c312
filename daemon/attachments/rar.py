"""RAR files: listed by their headers; what they hold is packed in a way that only RAR's own programs unpack."""

from __future__ import annotations

import io

import rarfile

from daemon.attachments.archive import list_members
from daemon.attachments.limits import Encrypted, Found, Unsupported

#: For names of RAR 4 without Unicode. Of the library's own choice, UTF-16 takes almost any GBK name for its own.
rarfile.TRY_ENCODINGS = ("utf-8", "gb18030")


def list_rar(found: Found, data: bytes) -> None:
    """The names in a RAR archive; then raises Unsupported, or Encrypted where even the names are locked."""
    with rarfile.RarFile(io.BytesIO(data), charset="gb18030", part_only=True) as archive:
        list_members(found, [info.filename for info in archive.infolist() if not info.is_dir()])
        if archive.needs_password():
            raise Encrypted
    raise Unsupported
