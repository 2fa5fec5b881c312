"""A real PostgreSQL of our own: Debian's program, a cluster in a temporary folder, a socket there and no port."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, text

from store import tables
from store.transaction import Store
from tests.world.required import missing

USER = "duban"
START_SECONDS = 60
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "80",
    "shared_buffers": "32MB",
    "deadlock_timeout": "200ms",
}


def programs() -> Path | None:
    """The newest installed version's folder of programs."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda p: int(p.parent.name.split(".")[0]))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class PostgresServer:
    """Started by `start`, ended by `stop` through its own process. `new_url` makes a fresh migrated database."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self._process = process
        self._made = 0
        self._migrated = ""
        self._shared = ""

    @classmethod
    def start(cls) -> PostgresServer:
        """Skips the test where no server is installed (fails in CI)."""
        bin_folder = programs()
        if bin_folder is None:
            missing("PostgreSQL")
            raise AssertionError
        folder = Path(tempfile.mkdtemp(prefix="duban-pg-"))
        other: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            entry = _unprivileged()
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            other = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        quiet = {"env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}, "cwd": folder, **other}
        data = folder / "data"
        made = subprocess.run(
            [bin_folder / "initdb", "-D", data, "-A", "trust", "-U", USER, "-E", "UTF8", "--no-sync"],
            capture_output=True,
            **quiet,
        )
        if made.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise RuntimeError(f"initdb as {getpass.getuser()}: {made.stderr.decode(errors='replace')}")
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [bin_folder / "postgres", "-D", data, "-k", folder, *settings], stdout=log, stderr=log, **quiet
            )
        server = cls(folder, process)
        server._wait()
        return server

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def new_url(self, *, migrated: bool = True) -> str:
        """The address of a new database, with all tables in it or empty."""
        if migrated and not self._migrated:
            self._migrated = self._make("template1")
            store = Store.open(self.url(self._migrated), None)
            store.migrate()
            store.close()
        return self.url(self._make(self._migrated if migrated else "template1"))

    def clean_url(self) -> str:
        """The address of one and the same migrated database, emptied: much faster than a new one."""
        if not self._shared:
            self._shared = self.new_url()
        self.cut_all()
        engine = create_engine(self._shared)
        with engine.begin() as conn:
            for table in reversed(tables.metadata.sorted_tables):
                conn.execute(table.delete())
            sequences = conn.execute(text("SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"))
            for (name,) in sequences.all():
                conn.execute(text(f'ALTER SEQUENCE "{name}" RESTART'))
        engine.dispose()
        return self._shared

    def cut_all(self) -> None:
        """Ends every other connection, as a restarted server does."""
        self._execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def _make(self, template: str) -> str:
        self._made += 1
        name = f"t{self._made}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _execute(self, sql: str) -> None:
        with psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True) as conn:
            conn.execute(sql)  # type: ignore[arg-type]

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self._execute("SELECT 1")
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    log = (self.folder / "log").read_text(errors="replace")
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start: {log}") from None
                time.sleep(0.05)


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("neither a user postgres nor a user nobody")
