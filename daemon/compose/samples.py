"""An example of every template's context: for previews, for the check of an override, and for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from daemon.compose.context import (
    AboutLetter,
    Alarm,
    Announced,
    Announcement,
    Closed,
    Dispatch,
    ExtensionDecided,
    LeaderDigest,
    Letter,
    Links,
    MatterFacts,
    Morning,
    Office,
    PhoneCall,
    PhoneHint,
    Received,
    Reminder,
    ReminderLine,
    ReminderList,
    Returned,
    Voided,
)
from daemon.compose.links import links
from daemon.procedure.workdays import SHANGHAI

OFFICE = Office("示例师范学院", "学校办公室", "督察科", "dcdb@school.example", "李宁", "0000-0000000")
TODAY = date(2026, 12, 18)
MATTER = MatterFacts(
    ref="示师督字〔2026〕第12号",
    title="学生公寓供热管网检修和报修制度",
    source="2026年第18次校长办公会议",
    requirements=(
        "根据2026年第18次校长办公会议决定：",
        "1.完成6栋公寓供热管网检修；",
        "2.建立报修2小时响应制度；",
        "3.报送台账和制度文本。",
    ),
    lead="后勤管理处",
    supporting=("学生工作部（处）", "保卫处"),
    deadline=date(2026, 12, 15),
    dispatched_on=date(2026, 11, 24),
    overdue=3,
    acknowledged=True,
    state="已签收，12月4日报告过进展",
)
SECOND = replace(
    MATTER,
    ref="示师督字〔2026〕第21号",
    title="第二食堂明厨亮灶改造",
    deadline=date(2026, 12, 22),
    overdue=0,
    left=2,
    state="已签收，未报告进展",
)
LINKS: Links = links(OFFICE.mailbox, MATTER.ref, MATTER.title)
_OPEN = replace(MATTER, overdue=0, left=2)
_NEW = replace(MATTER, overdue=0, left=15, acknowledged=False, state="未签收")


def sample(template: str) -> Letter:
    """The example of `template`; KeyError for a template that does not exist."""
    return _SAMPLES[template]


def _reminder(matter: MatterFacts, salutation: str, day: date, since: int, reminders: int = 0) -> Reminder:
    return Reminder(OFFICE, salutation, day, (), matter, LINKS, "后勤管理处", since, reminders)


def _about_letter(*words: str) -> AboutLetter:
    return AboutLetter(
        OFFICE, "后勤管理处：", TODAY, (), MATTER, LINKS, "后勤管理处",
        "liu@mail.example", "回复：办结报告", date(2026, 12, 17), words,
    )  # fmt: skip


def _at(hour: int, minute: int) -> datetime:
    return datetime(2026, 12, 18, hour, minute, tzinfo=SHANGHAI)


_ANNOUNCED = (
    Announced(
        41,
        _at(14, 30),
        "周敏副校长",
        "督查督办事项办理情况（2件）",
        "逾期满3个工作日，未收到办结报告：第12号、第15号",
        "经办人",
    ),
)
_WAITING = (
    Announced(42, _at(14, 30), "后勤管理处", "督办函（第9号）", "逾期满5个工作日，未收到办结报告", "学校办公室负责人"),
)
_WEB = "https://duban.school.example"

_SAMPLES: dict[str, Letter] = {
    "dispatch": Dispatch(
        OFFICE,
        "后勤管理处：",
        date(2026, 11, 24),
        (),
        _NEW,
        LINKS,
        "后勤管理处",
        ("督查督办通知单（2026-012-tongzhidan.pdf）", "办结报告样式（2026-012-banjiebaogao.docx）"),
    ),
    "ack_reminder": _reminder(_NEW, "方老师：您好！", date(2026, 11, 25), 1),
    "ack_urge": _reminder(_NEW, "刘处长：您好！", date(2026, 11, 26), 2),
    "phone_hint": PhoneHint(
        OFFICE,
        "督察科：",
        date(2026, 11, 27),
        (),
        (
            PhoneCall(
                _NEW,
                "后勤管理处",
                3,
                ("联络员 方圆，电话 0000-0000001", "主要负责人 刘洋处长"),
                ("fang@school.example",),
            ),
        ),
    ),
    "progress_check": _reminder(replace(_OPEN, left=7), "方老师：您好！", date(2026, 12, 4), 8),
    "due_soon": _reminder(_OPEN, "方老师：您好！", date(2026, 12, 11), 13),
    "due_today": _reminder(replace(_OPEN, left=0, due_today=True), "刘处长：您好！", date(2026, 12, 15), 15),
    "urge_1": _reminder(replace(MATTER, overdue=1), "刘处长：您好！", date(2026, 12, 16), 16),
    "urge_2": _reminder(MATTER, "刘处长：您好！", TODAY, 18, 1),
    "intervention_letter": _reminder(replace(MATTER, overdue=7), "后勤管理处：", date(2026, 12, 22), 20, 2),
    "reminder": ReminderList(
        OFFICE,
        "刘处长：您好！",
        TODAY,
        (),
        "后勤管理处",
        (ReminderLine(MATTER, "第二次催报：请报送办结报告"), ReminderLine(SECOND, "到期提醒：请按期报送办结报告")),
    ),
    "leader_digest": LeaderDigest(
        OFFICE,
        "周校长：",
        TODAY,
        (),
        (MATTER, replace(SECOND, overdue=1, left=0, deadline=date(2026, 12, 17))),
        "president",
        (
            "示师督字〔2026〕第12号逾期满10个工作日，建议由学校领导会同有关部门协调督办（《办法》四（四））。",
            "对承办单位未按要求完成督查督办事项的情况先作记录，是否问责由学校领导决定（《办法》五（二））。",
        ),
    ),
    "announcement": Announcement(OFFICE, "督察科：", TODAY, (), _ANNOUNCED, _WAITING, _WEB),
    "received": Received(
        OFFICE,
        "后勤管理处：",
        TODAY,
        (),
        MATTER,
        LINKS,
        "后勤管理处",
        "延期申请",
        TODAY,
        date(2026, 12, 29),
        "逾期申请",
    ),
    "verify_sender": _about_letter(),
    "answer": _about_letter("办结报告用通知单所附样式，由主办单位填写。", "协办单位盖章即可，不必另行报送。"),
    "ask_file": _about_letter(),
    "return": Returned(
        OFFICE,
        "后勤管理处：",
        TODAY,
        (),
        replace(MATTER, deadline=date(2026, 12, 25), overdue=0, left=5),
        LINKS,
        "后勤管理处",
        ("任务遗漏", "缺佐证"),
        "第3项台账未附，请补充。",
        False,
    ),
    "extension_decided": ExtensionDecided(
        OFFICE,
        "后勤管理处：",
        TODAY,
        (),
        replace(MATTER, deadline=date(2026, 12, 29), overdue=0, left=7),
        LINKS,
        "后勤管理处",
        True,
        "同意延期，务必按新时限完成。",
        "周敏副校长",
    ),
    "closed": Closed(
        OFFICE,
        "后勤管理处、学生工作部（处）、保卫处：",
        TODAY,
        (),
        MATTER,
        LINKS,
        "后勤管理处",
        TODAY,
        3,
        "检修到位，制度已印发。",
    ),
    "voided": Voided(
        OFFICE,
        "后勤管理处、学生工作部（处）、保卫处：",
        TODAY,
        (),
        MATTER,
        LINKS,
        "后勤管理处",
        "与已有事项重复，并入另一事项办理。",
    ),
    "alarm": Alarm(
        OFFICE,
        "督察科：",
        TODAY,
        (),
        "收信服务器连不上",
        ("12月18日09:02起无法登录收信服务器。", "催报已自动暂停发送，来信恢复后照常登记，不会丢失。"),
        "请联系网络信息中心检查收信服务器，恢复后自动继续，不需重启。",
        _WEB,
    ),
    "morning": Morning(
        OFFICE,
        "督察科：",
        TODAY,
        (),
        (("在办事项", "36件"), ("其中逾期", "4件"), ("待审来信", "9封"), ("昨日自动登记", "11封")),
        date(2026, 12, 17),
        37,
        "3f9a1c5b7e2d4f60819a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4",
        _ANNOUNCED,
        _WAITING,
        _WEB,
    ),
}
