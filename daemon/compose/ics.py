"""The deadline as an all-day event (RFC 5545), so that a unit's own calendar shows it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from daemon.compose.plain import paragraphs, single_line


def deadline_event(
    uid: str, title: str, deadline: date, description: str, organizer: str, stamp: datetime, sequence: int = 0
) -> bytes:
    """A VCALENDAR with METHOD:PUBLISH and one all-day event, no alarm.

    The same `uid` with a higher `sequence` moves the event when an extension is granted.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//duban//duban//ZH",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{_text(uid)}",
        f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{sequence}",
        f"DTSTART;VALUE=DATE:{deadline:%Y%m%d}",
        f"DTEND;VALUE=DATE:{deadline + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(single_line(title))}",
        f"DESCRIPTION:{_text(chr(10).join(paragraphs(description)))}",
        f"ORGANIZER:mailto:{organizer}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _text(words: str) -> str:
    return words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets, never cut inside a character."""
    parts: list[str] = []
    current, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > (75 if not parts else 74):
            parts.append(current)
            current, size = "", 0
        current += char
        size += width
    return "\r\n ".join([*parts, current])
