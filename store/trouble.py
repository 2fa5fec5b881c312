"""What can be wrong with a store, as StoreError with a code for the program and a Chinese sentence for the reader."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

WORDS = {
    "disk_full": "磁盘已满，数据没有写入。请清理磁盘空间后再试，未写入的内容不会丢失。",
    "locked": "数据库正被另一个程序占用，等候超时。请稍后再试。",
    "read_only": "数据库文件只读，无法写入。请检查文件夹和文件的权限。",
    "absent": "找不到数据库。请检查 duban.toml 的 [database]，或先运行 duban init。",
    "unreachable": "连接不上数据库服务器。请检查 duban.toml 的 [database] 以及数据库服务是否启动。",
    "login_refused": "数据库服务器拒绝登录。请检查 duban.toml 的 [database] 中的用户名和密码。",
    "damaged": "数据库文件已损坏。请停止服务，用最近一次备份恢复。",
    "disk_error": "磁盘读写出错。请检查磁盘和文件夹权限。",
    "not_migrated": "数据库的表还没有建立或版本较旧。请先运行 duban serve 或 duban init 完成升级。",
    "newer": "数据库由更新版本的程序建立，本版本不能使用。请安装新版本后再启动。",
    "moved": "数据刚被另一个程序修改，请重试。",
    "blob_missing": "邮件原文的文件不见了。请从备份恢复 blobs 文件夹。",
    "blob_damaged": "邮件原文与校验值不符，文件已损坏。请从备份恢复。",
    "not_empty": "目标位置已有数据，未做任何改动。请指定空文件夹。",
    "backup_elsewhere": "PostgreSQL 数据库请用 pg_dump 备份；邮件原文若存放在文件夹中，请一并复制。",
    "unknown": "数据库出错。",
}

#: Those that pass by themselves: a loop backs off and tries again.
TRANSIENT = frozenset({"locked", "unreachable", "moved", "disk_full"})


class StoreError(Exception):
    """The store cannot do what was asked. `code` is a key of WORDS; `words` is what a reader is told, in Chinese."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.words = WORDS[code]
        self.detail = detail
        super().__init__(self.words + (f"（{detail}）" if detail else ""))

    @property
    def transient(self) -> bool:
        return self.code in TRANSIENT


#: What a transaction raises of the store's own, before it is put into words at its end.
OF_THE_STORE: tuple[type[Exception], ...] = (StoreError, DBAPIError, PoolTimeout, OSError)

_SQLITE = (
    ("database or disk is full", "disk_full"),
    ("database is locked", "locked"),
    ("database table is locked", "locked"),
    ("readonly database", "read_only"),
    ("unable to open database file", "absent"),
    ("disk i/o error", "disk_error"),
    ("not a database", "damaged"),
    ("malformed", "damaged"),
    ("no such table", "not_migrated"),
    ("no such column", "not_migrated"),
)
_POSTGRES = {
    "53100": "disk_full",
    "55P03": "locked",
    "57014": "locked",
    "40P01": "moved",
    "40001": "moved",
    "25006": "read_only",
    "42P01": "not_migrated",
    "42703": "not_migrated",
    "3D000": "absent",
    "28P01": "login_refused",
    "28000": "login_refused",
    "57P01": "unreachable",
    "57P02": "unreachable",
    "57P03": "unreachable",
    "53300": "unreachable",
    "XX001": "damaged",
    "XX002": "damaged",
}


def _psycopg() -> Any:
    """The driver where something has loaded it: on SQLite nothing does, and loading it takes a fifth of a second."""
    return sys.modules.get("psycopg")


def _driver_errors() -> tuple[type[Exception], ...]:
    psycopg = _psycopg()
    return (sqlite3.Error, OSError) if psycopg is None else (sqlite3.Error, OSError, psycopg.Error)


def code_of(error: BaseException) -> str | None:
    """The code of a database driver's or the operating system's error; None where it is none of the store's."""
    if isinstance(error, sqlite3.Error):
        text = str(error).lower()
        return next((code for part, code in _SQLITE if part in text), None)
    psycopg = _psycopg()
    if psycopg is not None and isinstance(error, psycopg.Error):
        state = getattr(error, "sqlstate", None)
        if state is None:
            if "authentication failed" in str(error):
                return "login_refused"
            if "does not exist" in str(error):
                return "absent"
            return "unreachable" if isinstance(error, psycopg.OperationalError) else None
        return "unreachable" if state.startswith("08") else _POSTGRES.get(state)
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "disk_full"
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return "read_only"
        if error.errno == errno.EIO:
            return "disk_error"
    return None


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turns what drivers and the system raise into StoreError; what is not known passes unchanged."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreError("locked", str(error)) from error
    except DBAPIError as error:
        code = code_of(error.orig) if error.orig is not None else None
        if code is None:
            raise
        raise StoreError(code, str(error.orig).strip()) from error
    except _driver_errors() as error:
        code = code_of(error)
        if code is None:
            raise
        raise StoreError(code, str(error).strip()) from error
