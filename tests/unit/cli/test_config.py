"""duban.toml: what is taken, and each way of being wrong in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from daemon import config
from daemon.config_words import BadSettings
from daemon.edges.imap import ImapAccount
from daemon.edges.smtp import SmtpAccount


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("DUBAN_") or name == "CREDENTIALS_DIRECTORY":
            monkeypatch.delenv(name)
    made = tmp_path / "d"
    made.mkdir(mode=0o700)
    return made


def write(folder: Path, text: str) -> None:
    file = folder / config.FILE
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)


def words(folder: Path, text: str) -> str:
    write(folder, text)
    with pytest.raises(BadSettings) as caught:
        config.load(folder)
    return str(caught.value)


def test_an_empty_file_is_the_defaults(folder: Path) -> None:
    write(folder, "")
    made = config.load(folder)
    assert made.imap.port == 993
    assert made.imap.security == "tls"
    assert made.imap.verify
    assert made.web.host == "127.0.0.1"
    assert made.database_url == f"sqlite:///{folder.resolve()}/duban.db"
    assert made.blob_folder == folder.resolve() / "blobs"


def test_the_file_is_read(folder: Path) -> None:
    write(folder, '[imap]\nhost = "mail.school.example"\nfolders = ["INBOX", "督办"]\n[outbox]\nper_hour = 12\n')
    made = config.load(folder)
    assert made.imap.host == "mail.school.example"
    assert made.imap.folders == ("INBOX", "督办")
    assert made.outbox.per_hour == 12


def test_the_environment_goes_before_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, '[imap]\nhost = "mail.school.example"\npassword = "from-file"\n')
    monkeypatch.setenv("DUBAN_IMAP__PASSWORD", "from-environment")
    monkeypatch.setenv("DUBAN_WEB__PORT", "0")
    monkeypatch.setenv("DUBAN_HOME", str(folder))
    made = config.load(folder)
    assert made.imap.password == "from-environment"
    assert made.imap.host == "mail.school.example"
    assert made.web.port == 0


def test_a_secret_from_a_file(folder: Path) -> None:
    write(folder, '[smtp]\npassword_file = "smtp.secret"\n')
    secret = folder / "smtp.secret"
    secret.write_text("hidden words\n", encoding="utf-8")
    secret.chmod(0o600)
    assert config.load(folder).smtp.password == "hidden words"
    secret.chmod(0o644)
    with pytest.raises(BadSettings, match="chmod 600"):
        config.load(folder)


def test_a_secret_from_systemd(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "imap.password").write_text("from-systemd")
    (credentials / "database.password").write_text("p@ss")
    (credentials / "secret.key").write_text("k" * 40)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    write(folder, '[database]\nurl = "postgresql+psycopg://duban@db.example/duban"\n')
    made = config.load(folder)
    assert made.imap.password == "from-systemd"
    assert made.database_url == "postgresql+psycopg://duban:p%40ss@db.example/duban"
    assert config.secret(made) == b"k" * 40


def test_no_secret_in_the_words_or_the_repr(folder: Path) -> None:
    text = words(folder, "[imap]\npassword = 12345678\n")
    assert "12345678" not in text
    write(folder, '[imap]\npassword = "12345678"\n')
    assert "12345678" not in repr(config.load(folder))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[imap]\nhots = "x"\n', ["[imap]", "hots", "没有这个项目", "检查拼写"]),
        ('[imapp]\nhost = "x"\n', ["[imapp]", "没有这个表"]),
        ('[imap]\nport = "lots"\n', ["[imap]", "port", "'lots'", "整数"]),
        ("[imap]\nport = 99999\n", ["port", "不大于 65535"]),
        ('[imap]\nsecurity = "ssl"\n', ["security", "tls", "starttls", "none"]),
        ('imap = "x"\n', ["[imap]", "一个表"]),
        ("[imap\n", ["TOML 语法错误", "line 1"]),
        ('[imap]\nhost = "mail.example"\nsecurity = "none"\n', ["[imap]", "security", "只许用于本机"]),
        ('[smtp]\nhost = "mail.example"\nverify = false\n', ["[smtp]", "verify", "只许用于本机"]),
        ('[web]\nhost = "0.0.0.0"\n', ["[web]", "host", "trusted_proxies"]),
        ('[web]\ncert_file = "a.pem"\n', ["[web]", "key_file"]),
        ('[web]\ntrusted_proxies = ["proxy.example"]\n', ["trusted_proxies", "IP"]),
        ('[database]\nurl = "mysql://x"\n', ["[database]", "url", "postgresql"]),
        ('root = "/"\n', ["root", "没有这个项目"]),
        ('[smtp]\npassword = "a"\npassword_file = "b"\n', ["[smtp]", "password_file", "只写一个"]),
        ('[smtp]\npassword_file = "nowhere"\n', ["nowhere", "[smtp]", "读不了"]),
    ],
)
def test_what_is_wrong_is_said(folder: Path, text: str, expected: list[str]) -> None:
    said = words(folder, text)
    for word in expected:
        assert word in said
    assert "处理：" in said


def test_every_problem_is_named_at_once(folder: Path) -> None:
    said = words(folder, '[imap]\nport = "x"\nhots = "y"\n[web]\nport = -1\n')
    assert len(said.splitlines()) == 3


def test_a_problem_of_the_environment_names_the_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_IMAP__PORT", "viele")
    assert "环境变量 DUBAN_IMAP__PORT" in words(folder, "")


def test_loopback_may_be_plain_and_self_signed(folder: Path) -> None:
    write(
        folder, '[imap]\nhost = "127.0.0.1"\nport = 0\nsecurity = "none"\n[smtp]\nhost = "localhost"\nverify = false\n'
    )
    made = config.load(folder)
    assert made.imap.port == 0
    assert not made.smtp.verify


def test_accounts_for_the_mail_edges(folder: Path) -> None:
    (folder / "ca.pem").write_text("-")
    write(folder, '[imap]\nhost = "mail.example"\nca_file = "ca.pem"\n[smtp]\nhost = "127.0.0.1"\nport = 0\n')
    made = config.load(folder)
    assert ImapAccount(**config.account(made.imap)).ca_file == str(folder.resolve() / "ca.pem")
    assert SmtpAccount(**config.account(made.smtp)).port == 0


def test_others_must_not_read_folder_or_file(folder: Path) -> None:
    write(folder, "")
    (folder / config.FILE).chmod(0o640)
    with pytest.raises(BadSettings, match=r"0640.*chmod 600"):
        config.load(folder)
    (folder / config.FILE).chmod(0o600)
    folder.chmod(0o755)
    with pytest.raises(BadSettings, match=r"0755.*chmod 700"):
        config.load(folder)


def test_no_folder_says_where_to_begin(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="duban init"):
        config.load(tmp_path / "nowhere")


def test_mail_accounts_must_be_filled_in_before_mail(folder: Path) -> None:
    write(folder, '[imap]\nhost = "mail.example"\nuser = "a"\npassword = "b"\n')
    with pytest.raises(BadSettings) as caught:
        config.load(folder).need_mail()
    assert {(p.table, p.key) for p in caught.value.problems} == {
        ("smtp", "host"),
        ("smtp", "user"),
        ("smtp", "password"),
    }
