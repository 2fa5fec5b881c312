"""What every archive has in common: its members are listed, and read one by one against the part's budget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from daemon.attachments import limits
from daemon.attachments.limits import Found, TooLarge


def list_members(found: Found, names: Sequence[str]) -> None:
    """Takes the names of an archive's members. Raises TooLarge when there are more than a part may have."""
    room = limits.MEMBERS - len(found.members)
    found.members += names[:room]
    if len(names) > room:
        raise TooLarge


def read_member(found: Found, name: str, data: bytes, depth: int) -> None:
    """What one member of an archive at `depth` holds, under its name."""
    from daemon.attachments.kinds import open_member  # archives hold files, and files are archives

    found.add_text(f"【{name}】")
    open_member(found, name, "", data, depth + 1)


def spend(found: Found, pieces: Iterable[bytes]) -> bytes:
    """Bytes unpacked piece by piece: the size that an archive tells is not believed. Raises TooLarge."""
    whole = []
    for piece in pieces:
        found.unpack_left -= len(piece)
        if found.unpack_left < 0:
            raise TooLarge
        whole.append(piece)
    return b"".join(whole)


def chinese(raw: bytes) -> str:
    """A name of bytes without a charset: UTF-8 where it is that, else GBK as Chinese Windows writes it."""
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("gb18030", "replace")
