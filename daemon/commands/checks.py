"""`duban check`: what of settings, database, mail, fonts, calendar and people works, and what to do about the rest."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import typer

from daemon import config
from daemon.commands import place
from daemon.commands.mail_checks import check_imap, check_smtp
from daemon.commands.printing import Json, json_line
from daemon.commands.settled import Line, bad, good, warn
from daemon.compose import fonts
from daemon.config import Settings
from daemon.config_words import BadSettings
from daemon.procedure.rules import Rules
from daemon.procedure.workdays import day_of
from daemon.register import check_histories
from store import birth, ledger, people
from store.transaction import Store
from store.trouble import StoreError

#: Less than this free, and a term's mail may not fit.
FREE_BYTES = 1_000_000_000
_MARKS = {"ok": "✓", "warning": "！", "failed": "✗"}


def add_to(app: typer.Typer) -> None:
    app.command("check", help="检查设置、数据库、收发信、字体、校历和通讯录，说明怎样处理。")(check)
