"""The bare floor of an intake: fetch by imaplib, parse by the standard library, one durable commit a letter."""

from __future__ import annotations

import email
import imaplib
import re
import sqlite3
import time
from pathlib import Path

from tests.world.dovecot import PASSWORD, Dovecot

#: As many letters a FETCH as the program asks for.
GROUP = 200
_UID = re.compile(rb"UID (\d+)")


def intake(dovecot: Dovecot, user: str, file: Path) -> float:
    """Letters a second from an open line to the last commit."""
    client = imaplib.IMAP4("127.0.0.1", dovecot.imap)
    client.login(user, PASSWORD)
    client.select("INBOX", readonly=True)
    store = sqlite3.connect(file, isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE letters (uid INTEGER PRIMARY KEY, message_id TEXT, subject TEXT, raw BLOB)")
    begun = time.perf_counter()
    count = 0
    _, listed = client.uid("SEARCH", "ALL")
    uids = [int(one) for one in listed[0].split()]
    for begin in range(0, len(uids), GROUP):
        part = uids[begin : begin + GROUP]
        _, told = client.uid("FETCH", f"{part[0]}:{part[-1]}", "(UID INTERNALDATE BODY.PEEK[])")
        for piece in told:
            if not isinstance(piece, tuple):
                continue
            found = _UID.search(piece[0])
            assert found
            mail = email.message_from_bytes(piece[1])
            row = (int(found[1]), str(mail["Message-ID"]), str(mail["Subject"]), piece[1])
            store.execute("INSERT INTO letters VALUES (?, ?, ?, ?)", row)
            count += 1
    took = time.perf_counter() - begun
    assert count == len(uids)
    store.close()
    client.logout()
    return count / took
