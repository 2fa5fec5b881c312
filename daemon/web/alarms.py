"""What broke, as sentences: since when, what is kept, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store import marks
from store.transaction import Tx

PREFIX = "alarm:"

_WORDS = {
    "mailbox": ("收信邮箱连不上。已收的来信都在，催报自动暂缓，恢复后继续。", "请检查网络和邮箱密码。"),
    "smtp": ("发信服务器连不上。待发的邮件留在发件箱，恢复后自动发出。", "请检查网络和发信账号。"),
    "courier": ("发信服务器连不上。待发的邮件留在发件箱，恢复后自动发出。", "请检查网络和发信账号。"),
    "ceiling": ("一小时内要发的邮件超过上限，已停止发送。没有邮件丢失。", "请核对发件箱里的待发邮件。"),
    "per_hour": ("一小时内要发的邮件超过上限，已停止发送。没有邮件丢失。", "请核对发件箱里的待发邮件。"),
    "per_address": ("同一地址一天内的邮件超过上限，其余暂不发送。", "请核对发件箱里的待发邮件。"),
    "clock": ("本机时间不对，已停止发送。", "请系统管理员校准时间。"),
    "calendar": ("所需年份没有放假安排，日期按周一至周五推算。", "请在国务院办公厅通知发布后导入日历。"),
    "chain": ("台帐历史记录校验不符，程序已停止登记。", "请立即联系系统管理员，不要手工改动数据。"),
    "disk": ("磁盘空间不足，暂停收信。邮箱里的来信不会丢失。", "请系统管理员清理磁盘。"),
}
_ELSE = ("程序有一部分出错，会自动重试。", "如一直不恢复，请联系系统管理员查看日志。")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is broken now. `detail`: what the other side said, for the administrator."""

    name: str
    since: datetime
    words: str
    do: str
    detail: str


def ringing(tx: Tx) -> tuple[Alarm, ...]:
    """The alarms that ring, oldest first."""
    found = []
    for name, mark in marks.all(tx, PREFIX).items():
        plain = name.removeprefix(PREFIX)
        words, do = _WORDS.get(plain.partition(":")[0], _ELSE)
        found.append(Alarm(plain, mark.at, words, do, mark.value))
    return tuple(sorted(found, key=lambda alarm: alarm.since))
