"""The Chinese names that the pages give to kinds, states, roles and mails."""

from __future__ import annotations

from daemon.procedure import words

#: What the blue button says: it names its act.
ACTS = {
    "receipt": "确认签收",
    "progress": "登记进展",
    "closure": "收下报告",
    "extension": "登记延期申请",
    "question": "登记疑问",
    "not_ours": "登记异议",
    "leader_instruction": "登记批示",
}

#: What the sentence after the act says.
DONE = {
    "receipt": "签收",
    "progress": "进展",
    "closure": "办结报告",
    "extension": "延期申请",
    "question": "疑问",
    "not_ours": "异议",
    "leader_instruction": "批示",
}

#: What follows once it is registered, for the officer who is about to do it.
FOLLOWS = {
    "receipt": "签收提醒停止。",
    "progress": "记入办理进展；催报照常。",
    "closure": "催报暂停，等待审查；单位收到一封收悉通知。",
    "extension": "催报暂停，等待审批；单位收到一封收悉通知。",
    "question": "记入办理过程；催报恢复。要答复的请点“回复”。",
    "not_ours": "记入办理过程；主办单位不变，由负责人决定是否改派。",
    "leader_instruction": "批示原文记入办理过程；已发出的通知单不变。尚未立项的，即为立项批示。",
}

LETTER_STATES = {
    "kept": "未读",
    "reading": "正在读",
    "waiting": "待审",
    "registered": "已登记",
    "ignored": "不予登记",
    "copy": "副本",
    "own": "本系统发出",
    "old": "启用前来信",
}

OUTBOX_STATES = {
    "asked": "待制作",
    "frozen": "待发",
    "held": "暂缓",
    "sending": "正在发",
    "delivered": "已发出",
    "refused": "被拒收",
    "unsure": "未知是否发出",
    "withdrawn": "已撤回",
    "broken": "制作失败",
}

OUTCOMES = {
    "open": "待发",
    "delivered": "已发出",
    "later": "稍后重发",
    "refused": "拒收",
    "unsure": "未知",
}

ATTACHMENTS = {
    "report": "报告",
    "returned_form": "退回的通知单",
    "own_notice": "本系统的通知单",
    "evidence": "佐证材料",
    "decoration": "装饰图片",
    "calendar": "日历",
    "nested_mail": "内嵌邮件",
    "cloud_link": "网盘链接",
}

#: 退回 reasons that the field uses; those of form leave the report in time.
RETURN_REASONS = (
    "答非所问",
    "有计划无结果",
    "情况不清",
    "任务遗漏",
    "缺佐证",
    "缺协办意见",
    "不属实",
    "未审签盖章",
    "附件打不开或仅链接",
    "格式",
)


def kinds() -> dict[str, str]:
    """What a letter may be, code → name, in the order of the form."""
    return {code: name for code, name in words.tables()["letter_kinds"].items() if isinstance(name, str)}


def kind(code: str) -> str:
    return words.name("letter_kinds", code)


def stage(code: str) -> str:
    return words.name("stages", code)


def mail(template: str) -> str:
    return words.name("mails", template)


def role(code: str) -> str:
    return words.name("roles", code) if code else ""


def phase(code: str) -> str:
    return words.name("phases", code)


def doubt(code: str) -> str:
    """Why a letter waits. `refused:CODE` is a No of the law to what was read."""
    sort, _, refusal = code.partition(":")
    if sort == "refused" and refusal:
        return f"按程序不能登记，可以：{words.way_out(refusal)}"
    known = words.tables()["doubts"].get(code, code)
    return known if isinstance(known, str) else code
