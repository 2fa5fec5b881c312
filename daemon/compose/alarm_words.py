"""What the Section is told of each alarm: a headline, what is known and kept, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from daemon.compose.plain import single_line
from daemon.procedure.workdays import SHANGHAI


@dataclass(frozen=True, slots=True)
class AlarmWords:
    """`{detail}` stands for what the loop knew."""

    headline: str
    facts: tuple[str, ...]
    todo: str

    def filled(self, detail: str) -> AlarmWords:
        """With the detail in its places; braces in a detail stay what they are."""
        return AlarmWords(
            self.headline.replace("{detail}", detail),
            tuple(words.replace("{detail}", detail) for words in self.facts),
            self.todo.replace("{detail}", detail),
        )


_MAILBOX = {
    "refused_login": "服务器不接受账号或者密码。为避免账号被锁定，15分钟以上才再试一次。",
    "unsafe_login": "服务器认为登录不安全，拒绝打开邮箱。",
    "no_folder": "要查看的邮箱文件夹不存在。",
    "tls": "服务器证书不能通过验证，没有连接。",
    "timeout": "服务器没有应答。",
    "unreachable": "连不上服务器。",
    "lost": "与服务器的连接中断。",
}
_ALARMS = {
    "mailbox": AlarmWords(
        "收信邮箱读不到",
        ("{detail}", "催报已暂停发送；已收到的来信都在，邮箱恢复后从中断处继续读取，不会遗漏。"),
        "请联系网络信息中心检查收信服务器和账号；恢复后自动继续，不需重启。",
    ),
    "folder": AlarmWords(
        "有邮件文件夹打不开",
        ("打不开的文件夹：{detail}。", "其他文件夹照常读取，来信没有丢失。"),
        "请核对该文件夹是否被删除或改名，并修改设置文件 [imap] 的 folders。",
    ),
    "clock_behind": AlarmWords(
        "服务器时钟比台帐最后一条记录还早",
        ("台帐最后一条记录的时间是{detail}。", "除本类告警外，全部发信已暂停；没有丢失邮件。"),
        "请校准服务器时钟；校准后自动继续。",
    ),
    "clock_off": AlarmWords(
        "服务器时钟与邮件服务器相差过大",
        ("相差：{detail}。", "除本类告警外，全部发信已暂停；没有丢失邮件。"),
        "请校准服务器时钟；校准后自动继续。",
    ),
    "broken": AlarmWords(
        "有邮件无法生成",
        ("{detail}", "这封邮件留在发件箱，每半小时自动再试；其他邮件照常发送。"),
        "请按上面的提示改正；改正后自动重新生成。",
    ),
    "unsure": AlarmWords(
        "有邮件不能确定是否已经发出",
        ("发件箱编号：{detail}。", "在“已发送”和收件箱里没有找到，半小时内也没有查到结果；不会自动重发。"),
        "请向收件人核实后，在发件箱中逐封登记“已发出”或者“未发出”。",
    ),
    "per_hour": AlarmWords(
        "一小时内发信达到上限",
        ("上限：{detail}封。", "其余邮件留在发件箱，暂不发送。"),
        "请查看发件箱是否正常；数量降到上限以下后自动继续。",
    ),
    "per_address": AlarmWords(
        "当天发给同一邮箱的邮件达到上限",
        ("邮箱：{detail}。", "其余发给该邮箱的邮件改为次日发送。"),
        "请查看该单位的事项，必要时电话联系。",
    ),
    "rejected": AlarmWords(
        "有邮件被对方服务器退回，不是邮箱的问题",
        ("{detail}", "对方拒绝的是邮件内容或者发信方，邮箱没有标记为不可用；这封邮件不会自动重发。"),
        "请联系网络信息中心或者对方邮箱管理员，把督办邮箱加入白名单；并电话告知收件人。",
    ),
    "record": AlarmWords(
        "有邮件已发出，但没有登记进台帐",
        ("发件箱编号和原因：{detail}。",),
        "请运行核对命令 duban verify，并联系管理员。",
    ),
    "refused": AlarmWords(
        "有邮箱拒收邮件",
        ("{detail}", "该邮箱已标记为不可用，这封邮件和以后的邮件改发给该单位的其他人。"),
        "请在单位通讯录中核对并改正该邮箱。",
    ),
    "unreachable": AlarmWords(
        "有单位的全部邮箱都不能收信",
        ("{detail}。", "发给该单位的邮件留在发件箱，邮箱改正后自动重新生成、发出。"),
        "请电话通知该单位，并在单位通讯录中改正邮箱；确认能收信的，在“今日”页恢复使用。",
    ),
}
_OTHER = AlarmWords("督办系统有情况需要处理", ("{detail}",), "请登录督办系统查看运行情况。")


def alarm_words(name: str, detail: str) -> AlarmWords:
    """The words of an alarm by the name and detail with which it was rung; `refused:ADDRESS` names an address."""
    kind, _, whom = name.partition(":")
    detail = single_line(detail, 300)
    if kind == "mailbox":
        detail = _MAILBOX.get(detail, detail)
    elif kind == "clock_behind":
        detail = _local(detail)
    elif kind == "refused":
        detail = f"{single_line(whom)}：{detail}" if detail else single_line(whom)
    if kind not in _ALARMS:
        return _OTHER.filled(f"{single_line(name)}：{detail}")
    return _ALARMS[kind].filled(detail)


def _local(moment: str) -> str:
    try:
        return f"{datetime.fromisoformat(moment).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    except ValueError:
        return moment
