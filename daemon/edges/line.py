"""One line to an IMAP server: imap-tools with our own IDLE, ID after every login, and folders opened to read only."""

from __future__ import annotations

import contextlib
import imaplib
import select
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from imap_tools.errors import (
    ImapToolsError,
    MailboxFolderSelectError,
    MailboxLoginError,
    UnexpectedCommandStatusError,
)
from imap_tools.idle import IdleManager
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from daemon.edges import fetch
from daemon.edges.account import Account
from daemon.world import MailboxAway

imaplib.Commands["ID"] = ("NONAUTH", "AUTH", "SELECTED")

#: Refusals that speak of the moment, not of the password or the folder (RFC 5530).
_FOR_NOW = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN")
#: Everything that imaplib, imap-tools, ssl and the socket raise when a server does not do its part.
BROKEN = (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class ImapAccount(Account):
    """An account at an IMAP server. `folders`: those to watch; empty for INBOX and the one marked \\Junk.

    `idle_seconds`: how long one IDLE may last, at most 5 minutes, for lines that die without a word;
    `poll_seconds`: how often to look where the server has no IDLE.
    """

    folders: tuple[str, ...] = field(default=())
    idle_seconds: float = 300.0
    poll_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Opened:
    """What the server said when a folder was opened. `uidnext` 0: it did not say."""

    uidvalidity: int
    uidnext: int
    exists: int


class Idle(IdleManager):
    """IDLE that loses no announcement and is not broken by a half line; `interrupt()` ends it from another thread."""

    def __init__(self, mailbox: BaseMailBox) -> None:
        super().__init__(mailbox)
        self._bell, self._ear = socket.socketpair()

    def interrupt(self) -> None:
        """Makes a running or the next `poll` return. From any thread."""
        self._bell.send(b"!")

    def hang_up(self) -> None:
        """Frees the pair of sockets."""
        self._bell.close()
        self._ear.close()

    def start(self) -> object:
        """Begins IDLE. What the server announces before its `+` stays in the client's untagged answers."""
        client = self.mailbox.client
        self._idle_tag = client._command("IDLE")
        while client._get_response() is not None:
            if client.tagged_commands[self._idle_tag] is not None:
                raise imaplib.IMAP4.error(f"IDLE refused: {client.tagged_commands[self._idle_tag]}")
        return None

    def poll(self, timeout: float | None) -> list[bytes]:
        """Waits for one line of the server, at most `timeout` seconds. The first byte may be in the buffer already."""
        client = self.mailbox.client
        if not _buffered(client):
            waiting = select.poll()
            waiting.register(client.sock, select.POLLIN)
            waiting.register(self._ear, select.POLLIN)
            ready = {number for number, _ in waiting.poll(None if timeout is None else timeout * 1000)}
            if self._ear.fileno() in ready:
                self._ear.recv(64)
            if client.sock.fileno() not in ready:
                return []
        return [client._get_line()]


def _buffered(client: Any) -> bool:
    """Whether bytes of the server wait in imaplib's buffer, where no poll sees them."""
    before = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool((client.__dict__.get("_file") or client.file).peek(1))  # `file` up to Python 3.13
    except OSError:
        return False
    finally:
        client.sock.settimeout(before)


class _TlsBox(MailBox):
    idle_manager_class = Idle


class _StartTlsBox(MailBoxStartTls):
    idle_manager_class = Idle


class _PlainBox(MailBoxUnencrypted):
    idle_manager_class = Idle


class Line:
    """A logged-in connection. Every method blocks, may raise MailboxAway, and after that the line is useless."""

    def __init__(self, account: ImapAccount) -> None:
        """Connects and hears the greeting."""
        self._account = account
        self._box = _connect(account)
        self.client: Any = self._box.client
        self.folder = ""
        self.capabilities: frozenset[str] = frozenset()
        _keep_alive(self.client.sock)

    def begin(self) -> None:
        """Logs in without opening a folder, then says who we are (ID): 163 opens no folder before that."""
        self._log_in()
        self.capabilities = self._capabilities()
        if "ID" in self.capabilities:
            self._command("ID", '("name" "duban" "vendor" "duban" "version" "0.1")')

    def _log_in(self) -> None:
        account = self._account
        try:
            if account.user.isascii() and account.password.isascii():
                self._box.login(account.user, account.password, initial_folder=None)
            else:
                self._box.login_utf8(account.user, account.password, initial_folder=None)
        except imaplib.IMAP4.abort as e:
            raise MailboxAway(f"line lost at login: {e}") from e
        except (MailboxLoginError, imaplib.IMAP4.error) as e:
            words = reply_of(e)
            raise MailboxAway(f"login refused: {words}", permanent=not _for_now(words), code="refused_login") from e

    def _capabilities(self) -> frozenset[str]:
        """Asked anew after the login: many servers name IDLE and ID only then."""
        _, data = self._command("CAPABILITY")
        words = b" ".join(d for d in self.client._untagged_response("OK", data, "CAPABILITY")[1] if d)
        return frozenset(words.decode("ascii", "replace").upper().split())

    def _command(self, name: str, *arguments: str) -> tuple[str, list[Any]]:
        status, data = self.client._simple_command(name, *arguments)
        if status != "OK":
            raise imaplib.IMAP4.error(f"{name} answered {status} {data!r}")
        return status, data

    def open(self, folder: str) -> Opened:
        """Opens a folder to read only (EXAMINE), also when it is open: only so do all servers tell what is new."""
        try:
            self._box.folder.set(folder, readonly=True)
        except MailboxFolderSelectError as e:
            words = reply_of(e)
            if "unsafe login" in words.lower():
                raise MailboxAway(f"the provider refuses us: {words}", permanent=True, code="unsafe_login") from e
            code = "lost" if _for_now(words) else "no_folder"
            raise MailboxAway(f"folder {folder!r} cannot be opened: {words}", code=code) from e
        self.folder = folder
        return Opened(
            uidvalidity=self._number("UIDVALIDITY"), uidnext=self._number("UIDNEXT"), exists=self._number("EXISTS")
        )

    def _number(self, name: str) -> int:
        told = self.client.untagged_responses.get(name, [b"0"])
        return int(told[-1] or b"0")

    def announced(self) -> bool:
        """Whether the server has spoken of new mail since the folder was opened, be it amid another answer."""
        return len(self.client.untagged_responses.get("EXISTS", [])) > 1

    def uid_fetch(self, which: str, what: str) -> list[fetch.Item]:
        """FETCH by UIDs: `which` as 3:7 or 3,5."""
        status, data = self.client.uid("FETCH", which, what)
        if status != "OK":
            raise imaplib.IMAP4.error(f"UID FETCH answered {status} {data!r}")
        found = list(fetch.items(data))
        # imaplib keeps what was announced by type: a flag change read now must not turn up in the next answer.
        self.client.untagged_responses.pop("FETCH", None)
        return found

    def number_fetch(self, which: str, what: str) -> list[fetch.Item]:
        """FETCH by numbers: for the newest mails of a folder, where no UIDs are known."""
        status, data = self.client.fetch(which, what)
        if status != "OK":
            raise imaplib.IMAP4.error(f"FETCH answered {status} {data!r}")
        return list(fetch.items(data))

    def listing(self) -> Sequence[tuple[str, frozenset[str]]]:
        """Every folder that can be opened, with its marks (\\Junk, \\Sent) in lower case."""
        listed = [(info.name, frozenset(flag.lower() for flag in info.flags)) for info in self._box.folder.list()]
        return [(name, marks) for name, marks in listed if not marks & {"\\noselect", "\\nonexistent"}]

    def filled(self, folder: str) -> int:
        """How many mails a folder holds, without opening it."""
        return int(self._box.folder.status(folder, ["MESSAGES"]).get("MESSAGES", 0))

    def idle(self, seconds: float) -> None:
        """Returns when the server says anything, when interrupted, or after `seconds`."""
        # Some servers (pymap) keep until DONE what came before IDLE; NOOP makes every one tell it now.
        self._command("NOOP")
        if self.announced():
            return
        idle: Any = self._box.idle
        idle.start()
        if not self.announced():
            idle.poll(seconds)
        idle.stop()

    def interrupt(self) -> None:
        """Ends a running `idle`, from another thread."""
        self._box.idle.interrupt()

    def cut(self) -> None:
        """Ends whatever the line is doing, from another thread: the thread that reads finds the end of the stream."""
        with contextlib.suppress(OSError):  # it was dead already
            socket.socket.shutdown(self.client.sock, socket.SHUT_RDWR)  # SSLSocket's own forgets that TLS was on

    def drop(self) -> None:
        """Lets go of the connection without LOGOUT, which raises on a dead line."""
        self.cut()
        self.client.sock.close()
        self._box.idle.hang_up()


def _connect(account: ImapAccount) -> Any:
    try:
        if account.security == "tls":
            return _TlsBox(account.host, account.port, timeout=account.timeout, ssl_context=account.tls_context())
        if account.security == "starttls":
            return _StartTlsBox(account.host, account.port, timeout=account.timeout, ssl_context=account.tls_context())
        return _PlainBox(account.host, account.port, timeout=account.timeout)
    except ssl.SSLError as e:
        raise MailboxAway(f"no TLS with {account.host}:{account.port}: {e}", code="tls") from e
    except TimeoutError as e:
        raise MailboxAway(f"{account.host}:{account.port} is silent", code="timeout") from e
    except OSError as e:
        raise MailboxAway(f"{account.host}:{account.port} cannot be reached: {e}", code="unreachable") from e
    except BROKEN as e:
        # It was reached and did not greet as an IMAP server does, or offers no STARTTLS.
        code = "tls" if account.security == "starttls" else "unreachable"
        raise MailboxAway(f"{account.host}:{account.port} does not do as it must: {e}", code=code) from e


def _keep_alive(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)


def _for_now(words: str) -> bool:
    return any(f"[{code}]" in words.upper() for code in _FOR_NOW)


def reply_of(error: Exception) -> str:
    """The server's own words in an exception of imap-tools or imaplib."""
    result = error.command_result if isinstance(error, UnexpectedCommandStatusError) else None
    if result and len(result) > 1 and result[1]:
        return " ".join(d.decode("utf-8", "replace") if isinstance(d, bytes) else str(d) for d in result[1])
    return str(error)
