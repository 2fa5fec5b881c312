"""The commented duban.toml that `duban init` writes, made from the settings themselves so that no key is forgotten."""

from __future__ import annotations

from typing import Any

from daemon.config import Settings

HEAD = """\
# duban 的机器设置。学校、校历、催报规则不在这里，用 duban school|calendar|policy import|export 查看和修改。
# 前面有 # 的行是默认值，需要改时去掉 # 再改。每一项也可用环境变量给出，如 DUBAN_IMAP__PASSWORD。
# 本文件只许运行 duban 的用户读写（权限 0600）。改后运行 duban check 检查。
"""

TABLES = {
    "imap": "收信。每封来信原样保存，不改标记、不移动、不删除。",
    "smtp": "发信。",
    "database": "数据库。单机用 SQLite；多机用 PostgreSQL。",
    "blobs": "来信和发信的原文。",
    "outbox": "发信上限，超过即停发并告知督察科。",
    "web": "管理页面。默认只在本机；对外须有 TLS 证书，或经可信代理。",
    "attachments": "在受限的子进程中打开附件。",
    "templates": "学校自己的信件模板。",
    "log": "运行日志。",
    "keys": "为通知单二维码和登录签名的密钥。",
}

KEYS = {
    "imap.host": "IMAP 服务器主机名",
    "imap.port": "端口",
    "imap.user": "登录名，一般是督办邮箱的完整地址",
    "imap.password": "密码或授权码；最好改用 password_file",
    "imap.password_file": "只含密码的文件，权限 0600，路径从本文件夹算起；systemd 凭据 imap.password 亦可",
    "imap.security": "tls、starttls；none（不加密）只许用于本机",
    "imap.verify": "核对服务器证书；false 只许用于本机",
    "imap.ca_file": "另外信任的证书（PEM），如学校自建的 CA",
    "imap.timeout": "等候服务器的秒数",
    "imap.folders": "要读的文件夹；空为 INBOX 和垃圾邮件夹",
    "imap.poll_seconds": "服务器不支持 IDLE 时，每隔几秒看一次",
    "smtp.host": "SMTP 服务器主机名",
    "smtp.port": "端口：tls 一般 465，starttls 一般 587",
    "smtp.user": "登录名",
    "smtp.password": "密码或授权码；最好改用 password_file",
    "smtp.password_file": "只含密码的文件，权限 0600；systemd 凭据 smtp.password 亦可",
    "smtp.security": "tls、starttls；none 只许用于本机",
    "smtp.verify": "核对服务器证书；false 只许用于本机",
    "smtp.ca_file": "另外信任的证书（PEM）",
    "smtp.timeout": "等候服务器的秒数",
    "database.url": "SQLite 路径从本文件夹算起；或 postgresql+psycopg://用户@主机/库名",
    "database.password_file": "只含数据库密码的文件，权限 0600；systemd 凭据 database.password 亦可",
    "database.pool": "连接数",
    "blobs.folder": "文件夹；空为存进数据库（多机而无共享文件夹时）",
    "outbox.per_hour": "每小时最多发几封",
    "outbox.per_address_per_day": "每天给同一地址最多发几封",
    "web.host": "监听地址",
    "web.port": "端口；0 为任意空闲端口",
    "web.address": "大家访问的网址，写进给督察科的信里，如 https://duban.school.example",
    "web.cert_file": "TLS 证书（PEM）",
    "web.key_file": "TLS 私钥（PEM）",
    "web.trusted_proxies": "可信代理的地址或网段",
    "attachments.workers": "子进程数",
    "templates.folder": "放学校自己模板的文件夹；有误的模板启动时报出，仍用自带的",
    "log.level": "debug、info、warning、error",
    "log.format": "text 或 json",
    "keys.file": "密钥文件，权限 0600；丢失后已发通知单的二维码不再能核对",
}

#: Written without # even where empty: what everyone has to fill in.
FILL_IN = ("imap.host", "imap.user", "imap.password", "smtp.host", "smtp.user", "smtp.password")


def render(settings: Settings) -> str:
    """The text of duban.toml with these values; what is as shipped stands behind a #."""
    lines = [HEAD]
    for table, about in TABLES.items():
        lines += [f"# {about}", f"[{table}]"]
        values = getattr(settings, table)
        for key, field in type(values).model_fields.items():
            name = f"{table}.{key}"
            value = getattr(values, key)
            default = field.get_default()
            shown = f"{key} = {toml(value)}"
            lines.append(f"# {KEYS[name]}")
            hidden = value == default and not (name in FILL_IN and not _given_by_file(values, key))
            lines.append(f"# {shown}" if hidden else shown)
        lines.append("")
    return "\n".join(lines)


def _given_by_file(values: Any, key: str) -> bool:
    return key == "password" and bool(values.password_file)


def toml(value: Any) -> str:
    """A plain value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}" for c in text)
    return f'"{escaped}"'
