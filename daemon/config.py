"""The machine's settings: one `duban.toml` in the folder, the environment and secret files over it, made plain values.

The school, its calendar and its policy are no settings: they live in the store. Nor is the rehearsal: a store is
born as one.
"""

from __future__ import annotations

import ipaddress
import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from daemon.config_words import BadSettings, Problem, problems_of
from daemon.edges.account import on_loopback
from store.transaction import Store

FILE = "duban.toml"

Security = Literal["tls", "starttls", "none"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class _Account(_Table):
    """What [imap] and [smtp] share. An empty `host`: not filled in yet. Port 0 is for servers that tell it later."""

    host: str = ""
    user: str = ""
    password: str = Field(default="", repr=False)
    password_file: str = ""  # relative to the folder
    security: Security = "tls"
    verify: bool = True  # the server's name and certificate; false on loopback only
    ca_file: str = ""  # trusted besides the system's own
    timeout: float = Field(default=30.0, gt=0, le=600)


class ImapTable(_Account):
    """[imap]: the mailbox that is read. `folders` empty: INBOX and the one marked \\Junk."""

    port: int = Field(default=993, ge=0, le=65535)
    folders: tuple[str, ...] = ()
    poll_seconds: float = Field(default=60.0, ge=0.2, le=3600)


class SmtpTable(_Account):
    """[smtp]: the server that takes our mail."""

    port: int = Field(default=465, ge=0, le=65535)


class DatabaseTable(_Table):
    """[database]: an SQLAlchemy url; a relative SQLite path counts from the folder."""

    url: str = "sqlite:///duban.db"
    password_file: str = ""
    pool: int = Field(default=4, ge=1, le=64)


class BlobsTable(_Table):
    """[blobs]: where raw bytes are. `folder` empty: in the database (several machines without a shared folder)."""

    folder: str = "blobs"


class OutboxTable(_Table):
    """[outbox]: ceilings (promise 6)."""

    per_hour: int = Field(default=300, ge=1, le=100_000)
    per_address_per_day: int = Field(default=20, ge=1, le=10_000)


class WebTable(_Table):
    """[web]: the admin view. Loopback only, unless TLS files or a trusted proxy are named."""

    host: str = "127.0.0.1"
    port: int = Field(default=8420, ge=0, le=65535)
    address: str = ""  # as people reach it, for links in mails to the Section
    cert_file: str = ""
    key_file: str = ""
    trusted_proxies: tuple[str, ...] = ()


class AttachmentsTable(_Table):
    """[attachments]: the limited child processes that open attachments."""

    workers: int = Field(default=2, ge=1, le=16)


class TemplatesTable(_Table):
    """[templates]: `folder` holds the school's own wording; it goes before ours."""

    folder: str = ""


class LogTable(_Table):
    """[log]"""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class KeysTable(_Table):
    """[keys]: the secret that signs notices and sessions, in a file of its own."""

    file: str = "secret.key"


class Settings(BaseSettings):
    """All settings as frozen plain values; `root` is the folder they belong to."""

    model_config = SettingsConfigDict(
        env_prefix="DUBAN_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    imap: ImapTable = ImapTable()
    smtp: SmtpTable = SmtpTable()
    database: DatabaseTable = DatabaseTable()
    blobs: BlobsTable = BlobsTable()
    outbox: OutboxTable = OutboxTable()
    web: WebTable = WebTable()
    attachments: AttachmentsTable = AttachmentsTable()
    templates: TemplatesTable = TemplatesTable()
    log: LogTable = LogTable()
    keys: KeysTable = KeysTable()

    root: Path = Field(default=Path(), exclude=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file."""
        return env_settings, init_settings

    def path(self, name: str) -> Path:
        """`name` in the folder, or as it is where it is absolute."""
        return self.root / name

    @property
    def database_url(self) -> str:
        """The url with its relative SQLite path made absolute."""
        head = "sqlite:///"
        url = self.database.url
        if url.startswith(head) and not url.startswith(head + "/") and ":memory:" not in url:
            return head + str((self.root / url.removeprefix(head)).resolve())
        return url

    @property
    def blob_folder(self) -> Path | None:
        return self.path(self.blobs.folder) if self.blobs.folder else None

    @property
    def template_folder(self) -> Path | None:
        return self.path(self.templates.folder) if self.templates.folder else None

    def need_mail(self) -> None:
        """BadSettings where the mail accounts are not filled in yet."""
        file = str(self.root / FILE)
        missing = [
            Problem(file, table, key, "没有填写", what, f"在 {FILE} 的 [{table}] 中填写 {key}")
            for table, account in (("imap", self.imap), ("smtp", self.smtp))
            for key, value, what in (
                ("host", account.host, "邮件服务器的主机名"),
                ("user", account.user, "登录名"),
                ("password", account.password, "密码（可用 password_file 或环境变量）"),
            )
            if not value
        ]
        if missing:
            raise BadSettings(missing)


TABLES = tuple(name for name in Settings.model_fields if name != "root")


def load(root: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the folder `root`. BadSettings with every problem found, in Chinese."""
    env = os.environ if environ is None else environ
    file = root / FILE
    if not file.is_file():
        raise BadSettings(
            [
                Problem(
                    str(file),
                    "",
                    "",
                    "没有这个文件",
                    "duban 的设置文件",
                    "用 -C 指明文件夹，或先运行 duban init 文件夹",
                )
            ]
        )
    _private(root, 0o700)
    _private(file, 0o600)
    table = _parse(file)
    try:
        made = Settings(**table, root=root.resolve())
    except ValidationError as bad:
        raise BadSettings(problems_of(bad, file, env)) from bad
    made = _with_secrets(made)
    problems = _problems(made, file)
    if problems:
        raise BadSettings(problems)
    return _with_paths(made)


def _with_paths(made: Settings) -> Settings:
    """Files that are named from the folder, by their whole path."""
    changed: dict[str, Any] = {}
    for name, keys in (("imap", ("ca_file",)), ("smtp", ("ca_file",)), ("web", ("cert_file", "key_file"))):
        table = getattr(made, name)
        paths = {key: str(made.path(getattr(table, key))) for key in keys if getattr(table, key)}
        changed[name] = table.model_copy(update=paths)
    return made.model_copy(update=changed)


def secret(settings: Settings) -> bytes:
    """The key that signs notices and sessions; BadSettings where it is missing or open to others."""
    given = _credential("secret.key")
    path = settings.path(settings.keys.file)
    text = given if given is not None else _read_secret(path, "keys", "file")
    if len(text) < 32:
        raise BadSettings([Problem(str(path), "", "", "不足 32 个字符", "至少 32 个随机字符", "从备份恢复该文件")])
    return text.encode()


def account(table: ImapTable | SmtpTable) -> dict[str, Any]:
    """The table as the mail edges' accounts take it."""
    return table.model_dump(exclude={"password_file"})


def open_store(settings: Settings) -> Store:
    """The store of these settings; nothing is connected or migrated yet."""
    return Store.open(settings.database_url, settings.blob_folder, pool=settings.database.pool)


def as_written(root: Path) -> Settings:
    """The settings as the file alone has them, without environment and secrets, to be written again."""
    table = _parse(root / FILE)
    given = {name: type(Settings.model_fields[name].get_default())(**table.get(name, {})) for name in TABLES}
    return Settings.model_construct(**given, root=root)


def _parse(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as bad:
        raise BadSettings(
            [
                Problem(
                    str(file), "", "", f"TOML 语法错误：{bad}", '形如 host = "mail.example" 的一行', "改正指出的那一行"
                )
            ]
        ) from bad
    except UnicodeDecodeError as bad:
        raise BadSettings([Problem(str(file), "", "", "不是 UTF-8 编码", "UTF-8 文本", "另存为 UTF-8")]) from bad
    if "root" in table:
        raise BadSettings([Problem(str(file), "", "root", "没有这个项目", "见 duban init 写出的注释", "删去这一项")])
    return table


def _private(path: Path, mode: int) -> None:
    """Folder and file are for their owner alone."""
    found = stat.S_IMODE(path.stat().st_mode)
    if found & 0o077:
        raise BadSettings(
            [
                Problem(
                    str(path),
                    "",
                    "",
                    f"权限是 {found:04o}，其他用户可以读取",
                    f"权限 {mode:04o}，只属于运行 duban 的用户",
                    f"运行 chmod {mode:o} {path}",
                )
            ]
        )


def _credential(name: str) -> str | None:
    """A systemd credential of that name, without its line end."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / name if folder else None
    if path is None or not path.is_file():
        return None
    return path.read_text(encoding="utf-8").rstrip("\r\n")


def _read_secret(path: Path, table: str, key: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as bad:
        raise BadSettings(
            [Problem(str(path), table, key, f"读不了：{bad}", "只有一行密文的文件", "检查文件是否存在、是否可读")]
        ) from bad
    _private(path, 0o600)
    return text


def _with_secrets(made: Settings) -> Settings:
    """Passwords from the environment stand; else a systemd credential, else the file that is named."""
    changed: dict[str, Any] = {}
    for name in ("imap", "smtp"):
        account: ImapTable | SmtpTable = getattr(made, name)
        if os.environ.get(f"DUBAN_{name.upper()}__PASSWORD"):
            continue
        given = _credential(f"{name}.password")
        if given is None and account.password_file:
            if account.password:
                both = "password 与 password_file 都写了"
                raise BadSettings([Problem(str(made.root / FILE), name, "password_file", both, "只写一个", "删去一个")])
            given = _read_secret(made.path(account.password_file), name, "password_file")
        if given is not None:
            changed[name] = account.model_copy(update={"password": given})
    given = _credential("database.password")
    if given is None and made.database.password_file:
        given = _read_secret(made.path(made.database.password_file), "database", "password_file")
    if given is not None:
        changed["database"] = made.database.model_copy(update={"url": _with_password(made.database.url, given)})
    return made.model_copy(update=changed) if changed else made


def _with_password(url: str, password: str) -> str:
    from sqlalchemy.engine import make_url

    return make_url(url).set(password=password).render_as_string(hide_password=False)


def _problems(made: Settings, file: Path) -> list[Problem]:
    """What no single key can tell: the rules between keys."""
    found: list[Problem] = []

    def bad(table: str, key: str, what: str, expected: str, todo: str) -> None:
        found.append(Problem(str(file), table, key, what, expected, todo))

    for name, account in (("imap", made.imap), ("smtp", made.smtp)):
        if account.host and not on_loopback(account.host):
            if account.security == "none":
                bad(name, "security", "none（不加密）", "tls 或 starttls；none 只许用于本机", "改为 tls 或 starttls")
            if not account.verify:
                bad(
                    name,
                    "verify",
                    "false（不核对证书）",
                    "true；false 只许用于本机",
                    "改为 true；自有证书用 ca_file 指明",
                )
        if account.ca_file and not made.path(account.ca_file).is_file():
            bad(name, "ca_file", f"没有文件 {account.ca_file}", "PEM 证书文件", "改正路径")
    web = made.web
    if bool(web.cert_file) != bool(web.key_file):
        bad("web", "cert_file", "cert_file 与 key_file 只写了一个", "两个都写，或都不写", "补上另一个")
    for key in ("cert_file", "key_file"):
        name = getattr(web, key)
        if name and not made.path(name).is_file():
            bad("web", key, f"没有文件 {name}", "PEM 文件", "改正路径")
    if not on_loopback(web.host) and not web.cert_file and not web.trusted_proxies:
        bad(
            "web", "host", web.host, "本机地址 127.0.0.1；对外须有 TLS 证书或可信代理",
            "填写 cert_file 和 key_file，或在 trusted_proxies 中写明代理地址",
        )  # fmt: skip
    for proxy in web.trusted_proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            bad("web", "trusted_proxies", proxy, "IP 地址或网段，如 10.0.0.5", "改正地址")
    if not made.database.url.startswith(("sqlite:///", "postgresql")):
        bad(
            "database",
            "url",
            made.database.url.split("@")[-1],
            "sqlite:///duban.db 或 postgresql+psycopg://…",
            "改正网址",
        )
    return found
