"""Which folders of a mailbox are watched, which hold our own mails, and where in them a token of ours stands."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.edges import fetch
from daemon.edges.line import Line
from daemon.world import OwnHeader

#: Newest mails looked through in each folder for one of ours.
_OWN_DEPTH = 1000
_OWN = "(UID BODY.PEEK[HEADER.FIELDS (X-DUBAN-TOKEN MESSAGE-ID X-OQ-MSGID)])"
_JUNK_NAMES = ("junk", "spam", "junk e-mail", "junk email", "垃圾邮件", "垃圾箱", "病毒文件夹", "广告邮件")
_SENT_NAMES = ("sent", "sent messages", "sent items", "sent mail", "已发送", "已发送邮件", "已发邮件", "发件箱")


def watched(line: Line) -> tuple[str, ...]:
    """INBOX, and what is marked \\Junk or named like it."""
    junk = [name for name, marks in line.listing() if "\\junk" in marks or _leaf(name) in _JUNK_NAMES]
    return ("INBOX", *(name for name in junk if name.upper() != "INBOX"))


def sent(line: Line) -> list[str]:
    """What is marked \\Sent or named like it."""
    return [name for name, marks in line.listing() if "\\sent" in marks or _leaf(name) in _SENT_NAMES]


def others(line: Line, ours: Sequence[str]) -> list[tuple[str, int]]:
    """Folders that hold mail and are neither `ours` nor Sent, with their number of mails."""
    known = {name.upper() for name in (*ours, *sent(line))}
    rest = [name for name, _ in line.listing() if name.upper() not in known]
    return [(name, filled) for name in rest if (filled := line.filled(name))]


def find_own(line: Line, ours: Sequence[str], tokens: Sequence[str]) -> dict[str, OwnHeader]:
    """For each token in a header of the newest mails of Sent and of `ours`: where. By fetched headers: SEARCH lies."""
    found: dict[str, OwnHeader] = {}
    for folder in dict.fromkeys((*sent(line), *ours)):
        opened = line.open(folder)
        if not opened.exists:
            continue
        first = max(1, opened.exists - _OWN_DEPTH + 1)
        for item in line.number_fetch(f"{first}:*", _OWN):
            fields = fetch.header_fields(item.body or b"")
            for token in tokens:
                if token and any(token.lower() in value.lower() for _, value in fields):
                    message_id = next((value for name, value in fields if name == "message-id"), "")
                    found.setdefault(token, OwnHeader(folder, message_id))
    return found


def _leaf(name: str) -> str:
    return name.replace(".", "/").rpartition("/")[2].strip().lower()
