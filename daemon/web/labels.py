"""The Chinese names that the pages give to kinds, states, roles and mails."""

from __future__ import annotations

from daemon.procedure.shapes import Role

KINDS = {
    "receipt": "签收",
    "progress": "进展",
    "closure": "办结报告",
    "extension": "申请延期",
    "question": "疑问",
    "not_ours": "称非本单位事项",
    "leader_instruction": "领导批示",
    "auto_reply": "自动回复",
    "bounce": "退信",
    "read_receipt": "已读回执",
    "irrelevant": "与督办无关",
}

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
    "question": "记入办理过程；催报恢复。请另行答复单位。",
    "not_ours": "记入办理过程；主办单位不变，由负责人决定是否改派。",
    "leader_instruction": "批示记入办理过程。",
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

STAGES = {
    "ack1": "签收提醒",
    "ack2": "签收催办",
    "ack3": "电话提示",
    "check": "进展检查",
    "pre5": "到期提醒（前5日）",
    "pre2": "到期提醒（前2日）",
    "day0": "今日到期提醒",
    "over1": "第一次催报",
    "over3": "第二次催报",
    "lead3": "报分管（联系）校领导",
    "over5": "督办函",
    "pres10": "报校长",
    "week": "每周报分管（联系）校领导",
}

MAILS = {
    "dispatch": "交办通知",
    "ack_reminder": "签收提醒",
    "ack_urge": "签收催办",
    "phone_hint": "电话提示",
    "progress_check": "进展检查",
    "due_soon": "到期提醒",
    "due_today": "今日到期提醒",
    "urge_1": "第一次催报",
    "urge_2": "第二次催报",
    "reminder": "催报",
    "leader_digest": "校领导汇总",
    "intervention_letter": "督办函",
    "received": "收悉通知",
    "report_received": "报告收悉通知",
    "extension_received": "延期申请收悉通知",
    "return": "退回通知",
    "report_returned": "退回通知",
    "closed": "办结通知",
    "extension_granted": "同意延期通知",
    "extension_refused": "不同意延期通知",
    "announcement": "今日发领导预告",
    "alarm": "故障通知",
}

ROLES: dict[Role, str] = {
    "head": "主要负责人",
    "deputy": "直接责任人",
    "liaison": "联络员",
    "unit": "单位邮箱",
    "supervising_leader": "分管（联系）校领导",
    "attached_leader": "联系校领导",
    "president": "校长",
    "secretary": "党委书记",
    "director": "学校办公室负责人",
    "section": "督察科",
    "officer": "经办人",
}

PHASES = {
    "proposed": "拟办",
    "ready": "待交办",
    "running": "办理中",
    "closed": "已办结",
    "archived": "已归档",
    "void": "作废",
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


def mail_name(template: str) -> str:
    """The name of a mail by its template; its own name where we have none."""
    return MAILS.get(template, template)
