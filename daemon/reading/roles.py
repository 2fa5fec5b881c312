"""What each attached file is to us: report, returned form, our own notice, evidence, decoration …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from daemon.reading.knowing import Index
from daemon.reading.shapes import Attachment, AttachmentRole, Finding, Letter, Opened, Part, Rule

ATTACHMENT_RULES: tuple[Rule, ...] = (
    Rule("attachment.own_notice", "attachment", "我方通知单原样退回，不是报告"),
    Rule("attachment.returned_form", "attachment", "填写或签收后的通知单"),
    Rule("attachment.seal", "attachment", "退回的通知单上似有红色印章（仅供参考，以原件为准）"),
    Rule("attachment.no_seal", "attachment", "退回的通知单上未见红色印章（仅供参考，以原件为准）"),
    Rule("attachment.report", "attachment", "报告、说明类文件"),
    Rule("attachment.cloud", "attachment", "超大附件仅为链接，未收到文件"),
    Rule(
        "attachment.report_name",
        "attachment",
        "文件名是报告、说明",
        yes=(
            "办结报告.docx",
            "关于延期的情况说明.pdf",
            "整改进展汇报.doc",
            "落实情况的报告（扫描件）.pdf",
            "压力测试报告.pdf",
        ),
        no=(
            "报告附图.jpg",
            "报告清单.xlsx",
            "管理办法（讨论稿）.docx",
            "关于开展专项整治的通知.pdf",
            "安全手册.pdf",
            "会议纪要.docx",
        ),
    ),
    Rule(
        "attachment.form_name",
        "attachment",
        "文件名是通知单",
        yes=("通知单（已签收）.pdf", "督办通知单回执.jpg", "2026-12通知单扫描件.pdf"),
        no=("关于通知单的说明.docx", "通知单任务办结报告.docx"),
    ),
)

_REPORT = re.compile(
    r"报告|情况(?:的)?(?:说明|汇报|反馈)|说明|汇报|总结|工作总结|办理情况|落实情况|整改情况|进展情况|完成情况"
    r"|反馈(?:材料|意见)?"
)
_NO_REPORT = re.compile(
    r"讨论稿|征求意见稿|草案|初稿|手册|办法|细则|制度|规定|方案|通知(?!单)|函|纪要|清单|台账|台帐|一览表"
    r"|统计表|汇总表|登记表|明细|名单|照片|图片|截图|附图|样本|模板|合同|协议|发票|佐证|支撑材料|证明|说明书"
    r"|简报|批复|意见稿|公示|课表|评分|指南"
)
_FORM = re.compile(r"通知单|签收(?!台|记录|情况|名单)|督办单|督查单|签收单|回执")
_IMAGE = re.compile(r"\.(?:jpe?g|png|gif|bmp|heic|webp|tiff?)$", re.I)
_TABLE = re.compile(r"\.(?:xlsx?|et|csv|ods|numbers)$", re.I)
_GENERIC = re.compile(
    r"^(?:扫描|scan|新建|文档|未命名|doc|附件|img|image|微信图片|cam|\d|材料|最终|定稿|tcmime|att|untitled|noname)",
    re.I,
)
_DECORATION = re.compile(
    (
        r"^(?:image\d{3}\.(?:png|jpe?g|gif|emz|wmz)|logo|signature|sign\.|banner|bg\.|background|spacer"
        r"|[0-9a-f]{8}@[0-9a-f.]{8,})"
    ),
    re.I,
)


def names_a_report(name: str) -> bool:
    """Whether a file's name says that it is a report, a statement of progress or of reasons."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name)
    last = re.sub(r"[（(\[【][^）)\]】]*[）)\]】]", "", stem)
    if _IMAGE.search(name) or _TABLE.search(name):
        return bool(
            re.search(r"(?:报告|说明|汇报|总结)(?:扫描件?|盖章件?|签字件?|第?\d+页?)*[（(\d）)]*$", stem)
        ) and not _NO_REPORT.search(stem)
    found = list(_REPORT.finditer(stem))
    if not found:
        return False
    blocked = list(_NO_REPORT.finditer(last))
    return not blocked or found[-1].end() > blocked[-1].end()


def report_kind(name: str) -> Literal["closure", "progress", "extension"]:
    """What a report is about by its name; one that does not say may be a 办结报告."""
    if re.search(r"延期|展期|顺延|宽限|推迟|不能按期|无法按期|未能按期", name):
        return "extension"
    if re.search(r"进展|阶段|中期|月报|周报|简报|推进情况|半月|季报", name) and "办结" not in name:
        return "progress"
    return "closure"


def names_the_form(name: str) -> bool:
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name)
    found = list(_FORM.finditer(stem))
    if not found:
        return False
    reports = list(re.finditer(r"办结报告|报告|说明", stem))
    return not reports or (found[-1].start() > reports[-1].start() and not stem.endswith(("说明", "报告")))


def own_notices(letter: Letter, idx: Index) -> frozenset[int]:
    """Parts that are our own PDF, byte for byte."""
    return frozenset(p.index for p in letter.parts if p.sha256 in idx.notices)


def roles(
    letter: Letter, opened: Sequence[Opened], cloud: Sequence[str], idx: Index
) -> tuple[list[Attachment], list[Finding]]:
    """Role of each part, in the order of the mail, then the links to files kept elsewhere."""
    by_index = {o.index: o for o in opened}
    out: list[Attachment] = []
    findings: list[Finding] = []
    for part in letter.parts:
        one = by_index.get(part.index)
        role = _role(part, one, letter, idx)
        out.append(Attachment(part.name, role, part.index))
        if role in ("report", "returned_form", "own_notice"):
            findings.append(Finding(f"attachment.{role}", role, part.name, "attachment"))
        if role == "returned_form" and one is not None and one.seal is not None:
            rule = "attachment.seal" if one.seal else "attachment.no_seal"
            findings.append(Finding(rule, rule.partition(".")[2], part.name, "attachment"))
    for name in cloud:
        out.append(Attachment(name, "cloud_link"))
        findings.append(Finding("attachment.cloud", "cloud_link", name, "attachment"))
    return out, findings


def _role(part: Part, opened: Opened | None, letter: Letter, idx: Index) -> AttachmentRole:
    if part.sha256 in idx.notices:
        return "own_notice"
    if part.media_type in ("message/rfc822", "message/global") or part.name.lower().endswith((".eml", ".msg")):
        return "nested_mail"
    if part.media_type == "text/calendar" or part.name.lower().endswith(".ics"):
        return "calendar"
    if _decorates(part, letter):
        return "decoration"
    if _is_form(part, opened):
        return "returned_form"
    if names_a_report(part.name):
        return "report"
    if opened is not None and _reads_like_report(part, opened):
        return "report"
    return "evidence"


def _decorates(part: Part, letter: Letter) -> bool:
    name = part.name.lower()
    if (
        "pkcs7-signature" in part.media_type
        or "pgp-signature" in part.media_type
        or name in ("smime.p7s", "winmail.dat")
    ):
        return True
    if part.media_type in ("application/ms-tnef", "application/vnd.ms-tnef") or name.endswith((".vcf", ".emz", ".wmz")):
        return True
    if not (part.media_type.startswith("image/") or _IMAGE.search(name)):
        return False
    used = bool(part.content_id) and f"cid:{part.content_id}".lower() in letter.html.lower()
    small = len(part.data) < 40_000
    if _DECORATION.match(name) and (used or small or part.disposition == "inline"):
        return True
    if used and part.disposition != "attachment":
        return small or not re.match(r"img_|dsc|照片|现场|微信图片|mmexport|wx_camera", name)
    return used and small


def _is_form(part: Part, opened: Opened | None) -> bool:
    if names_the_form(part.name):
        return True
    if opened is None:
        return False
    if opened.form:
        return True
    head = re.sub(r"\s+", "", (opened.text or opened.ocr)[:400])
    return (
        "督查督办通知单" in head
        and ("主办单位" in head or "要求反馈时间" in head)
        and not part.name.lower().endswith((".docx", ".doc", ".wps", ".rtf"))
    )


def _reads_like_report(part: Part, opened: Opened) -> bool:
    """A file with a name that says nothing, whose first lines are the title of a report."""
    if opened.members and any(names_a_report(m.rpartition("/")[2]) for m in opened.members):
        return True
    if _NO_REPORT.search(part.name) or _TABLE.search(part.name):
        return False
    lines = [re.sub(r"\s+", "", line) for line in (opened.text or opened.ocr)[:600].split("\n") if line.strip()][:5]
    return any(
        len(line) <= 60
        and not re.search(r"[。；，]", line)
        and re.search(r"(?:报告|情况说明|汇报|延期说明|情况反馈)$", line)
        for line in lines
    ) and bool(_GENERIC.match(part.name) or not re.search(r"[\u4e00-\u9fff]", part.name) or len(part.name) < 12)
