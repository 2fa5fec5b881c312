"""Do the sender's words point to a file that came with them, and is that file elsewhere or nowhere?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from daemon.reading.shapes import Attachment, Reading

Missing = Literal["", "report", "link", "file"]

#: What came as a file of its own, whatever it holds.
_FILES = frozenset({"report", "returned_form", "evidence", "nested_mail"})
_POINTS = re.compile(
    r"(?:见|查收|查阅|审阅|参阅)(?:本|此)?(?:邮件|信|函)?的?附(?:件|表|后)"
    r"|附件(?:中|里|内)?(?:，)?(?:敬?请|烦请)?(?:查收|查阅|审阅|审核|审查)|(?:在|以|作为|通过)附件|附件形式"
    r"|附后|随(?:本)?(?:信|函|文|邮件|邮)附|附上|^[ \t　]*附[ \t　]*件?[ \t　]*[:：1１]",
    re.M,
)
#: Before the pointing words, in their clause: it is still to come, or is not there, or is somebody else's.
_NOT_NOW = re.compile(
    r"[未没无忘漏勿不]|稍后|稍候|随后|随即|另行|另附|尽快|后续|下周|明[天日]|后天|届时|之后|待|再|如需|如果|若|请贵|请你"
    r"|请督察|能否|可否|是否|通知单?$|来[函文信]$"
)
_LINK = re.compile(r"超大附件|云附件|网盘|云盘|文件中转站|提取码|(?:https?://|www\.)\S+")


def points_to_file(words: str) -> str:
    """The words that point to a file sent with them, '' where none do."""
    for found in _POINTS.finditer(words):
        before = re.split(r"[，,。；;！!？?：:\n]", words[: found.start()])[-1]
        if not _NOT_NOW.search(before):
            return found[0].strip()
    return ""


def missing(reading: Reading, kind: str, report_there: bool) -> Missing:
    """What the letter speaks of and does not hold: a report, a report behind a link, another file; '' if nothing."""
    if kind not in ("closure", "progress", "extension"):
        return ""
    if kind == "closure" and report_there:
        return ""
    if _has_file(reading.attachments):
        return ""
    linked = any(a.role == "cloud_link" for a in reading.attachments)
    if "cloud_link_only" in reading.doubts or (kind == "closure" and (linked or _LINK.search(reading.body))):
        return "link"
    if linked:
        return "link" if points_to_file(reading.body) else ""
    if points_to_file(reading.body):
        return "report" if kind == "closure" else "file"
    return ""


def _has_file(attachments: Sequence[Attachment]) -> bool:
    return any(a.index >= 0 and a.role in _FILES for a in attachments)
