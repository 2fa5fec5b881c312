"""A real Dovecot of our own: Debian's program, our configuration, high ports on loopback, everything in one folder."""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.world.required import missing

PROGRAM = Path("/usr/sbin/dovecot")
LMTP = Path("/usr/lib/dovecot/lmtp")
USER = "ducha@school.example"
PASSWORD = "only-for-tests"

_CONFIG = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
imap_id_log = *
first_valid_uid = 1
default_process_limit = 50
{owners}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
{chroot}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
{chroot}
}}
service stats {{
{chroot}
}}
"""


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dovecot:
    """One server with as many users as names are used; all have PASSWORD. Use as a context manager."""

    def __init__(self, *, certificate_for: str = "localhost") -> None:
        # Not in pytest's folders: they are closed to the mail user, and another run of pytest closes them again.
        self.folder = Path(tempfile.mkdtemp(prefix="duban-dovecot-"))
        self.folder.chmod(0o755)
        self.imap, self.imaps, self.lmtp = free_port(), free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._certificate_for = certificate_for

    def __enter__(self) -> Dovecot:
        if not PROGRAM.exists() or not LMTP.exists():
            missing("dovecot (dovecot-imapd, dovecot-lmtpd)")
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def _prepare(self) -> None:
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir(exist_ok=True)
        root = os.getuid() == 0
        uid, gid = (65534, pwd.getpwuid(65534).pw_gid) if root else (os.getuid(), os.getgid())
        os.chown(self.folder / "mail", uid, gid)
        me = getpass.getuser()
        owners = (
            "" if root else f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {me}"
        )
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem"
        name = ["-subj", f"/CN={self._certificate_for}", "-addext", f"subjectAltName=DNS:{self._certificate_for}"]
        subprocess.run([*command.split(), *name], cwd=self.folder, check=True, capture_output=True)
        config = _CONFIG.format(
            folder=self.folder,
            password=PASSWORD,
            uid=uid,
            gid=gid,
            owners=owners,
            imap=self.imap,
            imaps=self.imaps,
            lmtp=self.lmtp,
            chroot="" if root else "  chroot =",
        )
        (self.folder / "dovecot.conf").write_text(config)

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        self._process = subprocess.Popen(
            [str(PROGRAM), "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("wb"),
            start_new_session=True,
        )
        until = time.monotonic() + 20
        for port in (self.imap, self.lmtp):
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as line:
                    if line.recv(10):
                        break
                if time.monotonic() > until or self._process.poll() is not None:
                    raise RuntimeError(f"dovecot does not start: {self.log()} {(self.folder / 'stderr').read_text()}")
                time.sleep(0.05)

    def stop(self) -> None:
        """Stops the server that this object started, sessions and all."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # sessions in IDLE outlive their master by ten seconds

    def restart(self) -> None:
        """Stops and starts: every line to it is cut."""
        self.stop()
        self.start()

    def log(self) -> str:
        """What it has written so far; `imap_id_log` puts each client's ID there."""
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def deliver(self, raw: bytes, *, user: str = USER, sender: str = "unit@school.example") -> None:
        """One mail by LMTP, as a mail server hands it over."""
        with smtplib.LMTP("127.0.0.1", self.lmtp, timeout=20) as lmtp:
            lmtp.sendmail(sender, [user], raw)

    def maildir(self, folder: str = "INBOX", *, user: str = USER) -> Path:
        """Where a folder's mails lie."""
        base = self.folder / "mail" / user / "Maildir"
        return base if folder == "INBOX" else base / f".{folder}"

    def new_uidvalidity(self, folder: str = "INBOX", *, user: str = USER) -> None:
        """The folder gets another UIDVALIDITY and its mails other UIDs, as after a rebuilt index."""
        maildir = self.maildir(folder, user=user)
        listed = maildir / "dovecot-uidlist"
        head, *mails = listed.read_text().splitlines()
        version, validity, following, *rest = head.split(" ")
        renumbered = [f"{number} {mail.partition(' ')[2]}" for number, mail in enumerate(mails, 1)]
        fresh = " ".join((version, f"V{int(validity[1:]) + 7}", f"N{len(mails) + 1}", *rest))
        listed.write_text("\n".join((fresh, *renumbered)) + "\n")
        assert following.startswith("N")
        self._forget_index(maildir)

    def restore(self, keep: int, folder: str = "INBOX", *, user: str = USER) -> None:
        """The folder as a backup had it: its first `keep` mails, UIDVALIDITY the same, UIDNEXT fallen back."""
        maildir = self.maildir(folder, user=user)
        listed = maildir / "dovecot-uidlist"
        head, *mails = listed.read_text().splitlines()
        kept, lost = mails[:keep], mails[keep:]
        for mail in lost:
            base = mail.rpartition(":")[2].partition(",")[0]
            for path in [*(maildir / "cur").glob(f"{base}*"), *(maildir / "new").glob(f"{base}*")]:
                path.unlink()
        version, validity, _, *rest = head.split(" ")
        following = int(kept[-1].split(" ")[0]) + 1 if kept else 1
        listed.write_text("\n".join((" ".join((version, validity, f"N{following}", *rest)), *kept)) + "\n")
        self._forget_index(maildir)

    def _forget_index(self, maildir: Path) -> None:
        for path in maildir.glob("dovecot.index*"):
            path.unlink()

    def remove(self) -> None:
        """Deletes everything the server held."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
