"""`duban check` on mail: can we log in, which folders are there, what does the server write, is its clock ours?"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta

import aiosmtplib

from daemon import config
from daemon.commands.findings import Checked, failed, good, warning
from daemon.config import Settings
from daemon.edges.imap import ImapAccount, ImapMailbox
from daemon.edges.smtp import LoginRefused, SmtpAccount, SmtpCourier
from daemon.procedure.shapes import School
from daemon.reading import decode
from daemon.world import Fetched, MailboxAway

LOOK_BACK = timedelta(days=30)
LOOK_AT = 50
CLOCK_OFF = timedelta(minutes=5)


async def check_imap(settings: Settings, school: School, now: datetime) -> list[Checked]:
    """Login, folders, IDLE, Authentication-Results, clock."""
    account = settings.imap
    if not account.host:
        return [failed("收信", "[imap] host 没有填写", "在 duban.toml 的 [imap] 中填写 host、user、password")]
    mailbox = ImapMailbox(ImapAccount(**config.account(account)))
    try:
        folders = await mailbox.folders()
        found = [good("收信", f"已登录 {account.host}，读取文件夹 {'、'.join(folders)}")]
        found.append(_idle(await mailbox.capabilities(), account.poll_seconds))
        others = await mailbox.other_folders()
        if others:
            named = "、".join(f"{name}（{count} 封）" for name, count in others)
            found.append(
                warning("其他文件夹", f"另有未读取的文件夹有信：{named}", "若单位来信会进入其中，写入 [imap] folders")
            )
        batch = await mailbox.fetch_since(folders[0], now - LOOK_BACK, LOOK_AT)
        found.append(_authentication(batch.fetched, school))
        found += _clock(await mailbox.server_time(), now)
    except MailboxAway as away:
        where = f"{account.host}:{account.port}"
        what = "拒绝登录" if away.permanent else "连接不上"
        return [failed("收信", f"{where} {what}（{away}）", _imap_todo(away, account.security))]
    finally:
        await mailbox.close()
    return found


def _imap_todo(away: MailboxAway, security: str) -> str:
    if away.permanent:
        return "核对 [imap] 的 user 和 password；多数邮箱须用授权码，并先在网页上开通 IMAP"
    ports = "tls 一般用端口 993，starttls 一般用 143"
    return f"核对 [imap] 的 host、port、security（现为 {security}；{ports}），以及网络和防火墙"


def _idle(capabilities: frozenset[str], poll_seconds: float) -> Checked:
    if "IDLE" in capabilities:
        return good("新信通知", "服务器支持 IDLE，来信即时可知")
    found = f"服务器不支持 IDLE，每隔 {poll_seconds:g} 秒查看一次"
    return warning("新信通知", found, "不影响使用；嫌慢可在 [imap] 中改小 poll_seconds")


def _authentication(fetched: Sequence[Fetched], school: School) -> Checked:
    """Whether our own server says who a mail really came from; without it forged mail cannot be told."""
    name = "来信认证"
    if not fetched:
        return warning(name, "最近 30 天没有来信，无从判断", "收到来信后再运行一次 duban check")
    ours = school.authserv_id.lower()
    topmost = [
        letter.authentication[0]
        for letter in (decode.decode(f.raw, f.internal_date) for f in fetched)
        if letter.authentication
    ]
    named = sorted({value.split(";")[0].split()[0].lower() for value in topmost if value.split(";")[0].split()})
    if not topmost:
        return warning(
            name,
            f"最近 {len(fetched)} 封来信都没有 Authentication-Results 头，不能辨别冒名来信",
            "请邮件管理员开启 SPF、DKIM、DMARC 校验；在此之前可运行 duban school set grave_by_mail=false，"
            "使办结报告和延期申请一律待人工确认",
        )
    if not ours or ours not in named:
        return warning(
            name,
            f"来信由 {'、'.join(named)} 认证，学校信息中的 authserv_id 是“{school.authserv_id}”",
            f"若 {named[0]} 是本校服务器，运行 duban school set authserv_id={named[0]}；"
            "若本校服务器不写认证结果，运行 duban school set grave_by_mail=false",
        )
    stamped = sum(value.lower().startswith(ours) for value in topmost)
    return good(name, f"{stamped}/{len(fetched)} 封来信有本校服务器 {school.authserv_id} 的认证结果")


def _clock(server: datetime | None, now: datetime) -> list[Checked]:
    if server is None:
        return []
    off = abs(server - now)
    if off > CLOCK_OFF:
        minutes = int(off.total_seconds() // 60)
        return [failed("时钟", f"本机与邮件服务器相差 {minutes} 分钟", "用 timedatectl 开启时间同步，改正本机时钟")]
    return [good("时钟", "与邮件服务器一致")]


async def check_smtp(settings: Settings, school: School) -> list[Checked]:
    """Login."""
    account = settings.smtp
    if not account.host:
        return [failed("发信", "[smtp] host 没有填写", "在 duban.toml 的 [smtp] 中填写 host、user、password")]
    where = f"{account.host}:{account.port}"
    try:
        client = await SmtpCourier(SmtpAccount(**config.account(account))).connect(school.mailbox)
    except LoginRefused as refused:
        return [failed("发信", f"{where} 拒绝登录（{refused}）", "核对 [smtp] 的 user 和 password；多数邮箱须用授权码")]
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ssl.SSLError) as away:
        ports = "tls 一般用端口 465，starttls 一般用 587"
        return [
            failed("发信", f"{where} 连接不上（{away}）", f"核对 [smtp] 的 host、port、security（{ports}），以及网络")
        ]
    client.close()
    found = [good("发信", f"已登录 {account.host}")]
    if school.mailbox and account.user and "@" in account.user and account.user.lower() != school.mailbox.lower():
        found.append(
            warning("发件人", f"登录名 {account.user} 不是督办邮箱 {school.mailbox}", "多数服务器只许以登录的邮箱发信")
        )
    return found
