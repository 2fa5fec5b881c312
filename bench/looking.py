"""An office to measure, and what its daemon has done as seen from outside: database (read only), log, memory."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from bench import post
from tests.world.daemon import Daemon
from tests.world.dovecot import Dovecot


def office(folder: Path, dovecot: Dovecot, smtp_port: int, some: Sequence[post.Task], today: date) -> Daemon:
    """A folder with units and matters that were dispatched before."""
    daemon = Daemon.make(folder, dovecot, smtp_port, units=post.UNITS)
    listed = folder.with_name(folder.name + ".matters.csv")
    listed.write_text(post.matters_csv(list(some), today), "utf-8")
    daemon.duban("matters", "import", str(listed))
    return daemon


def database(daemon: Daemon) -> sqlite3.Connection:
    """The daemon's store, for reading."""
    (file,) = [path for path in daemon.folder.rglob("*.db") if path.is_file()]
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)


def asked(daemon: Daemon, sql: str) -> Any:
    """The one value of a query."""
    with closing(database(daemon)) as base:
        return base.execute(sql).fetchone()[0]


def wait_ready(daemon: Daemon, begun: float, seconds: float = 60) -> float:
    """Seconds from `begun` (perf_counter) to the daemon's own word that it is ready, in the log since its start."""
    while time.perf_counter() - begun < seconds:
        if daemon.log.exists() and "ready" in daemon.log.read_text("utf-8", "replace"):
            return time.perf_counter() - begun
        time.sleep(0.005)
    raise RuntimeError(f"not ready: {daemon.log.read_text('utf-8', 'replace')[-2000:]}")


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split() if int(child) not in found]
    return found


def memory(pid: int) -> dict[str, float]:
    """RSS and PSS in MB of a process with its children, and how many they are."""
    told = {"Rss": 0, "Pss": 0}
    processes = family(pid)
    for one in processes:
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in told:
                told[name] += int(rest.split()[0])
    return {
        "rss_mb": round(told["Rss"] / 1024, 1),
        "pss_mb": round(told["Pss"] / 1024, 1),
        "processes": len(processes),
    }


def spread(values: list[float], scale: float = 1000) -> dict[str, float]:
    """p50 and p95, in milliseconds by default."""
    ordered = sorted(values)
    return {
        "p50_ms": round(ordered[len(ordered) // 2] * scale, 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)] * scale, 1),
    }
