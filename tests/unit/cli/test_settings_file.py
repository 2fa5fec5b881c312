"""The commented duban.toml: it reads back as it was, and knows every key."""

from __future__ import annotations

import tomllib

from daemon.commands import settings_file
from daemon.config import ImapTable, Settings, SmtpTable


def test_every_key_has_its_comment() -> None:
    keys = {f"{table}.{key}" for table in settings_file.TABLES for key in type(getattr(Settings(), table)).model_fields}
    assert keys == set(settings_file.KEYS)
    assert set(settings_file.TABLES) == set(Settings.model_fields) - {"root"}


def test_values_read_back() -> None:
    made = Settings(
        imap=ImapTable(host="mail.example", password='a"b\\c', folders=("INBOX", "垃圾邮件")),
        smtp=SmtpTable(host="smtp.example", password_file="smtp.secret", timeout=12.5),
    )
    again = Settings(**tomllib.loads(settings_file.render(made)))
    assert again == made


def test_what_must_be_filled_in_stands_without_hash() -> None:
    lines = settings_file.render(Settings()).splitlines()
    assert 'host = ""' in lines
    assert 'password = ""' in lines
    assert "# port = 993" in lines
    assert '# password_file = ""' in lines
