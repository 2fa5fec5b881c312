"""Which of the six items of 职责范围 (一) a matter's source belongs to, proposed from the office's own words.

“行政督查督办的职责范围：（一）学校重要文件和重要会议精神的贯彻落实情况 … （六）对领导交办的其它事项进行督查督办。”
A person may choose another; nothing is refused for its source.
"""

from __future__ import annotations

import re

#: In this order; the first that fits.
_ITEMS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (
        5,
        re.compile(
            r"来信|来访|信访|信箱|投诉|举报|提案|议案|热线|12345|群众|家长|反映|审计|巡视|巡察|舆情|留言|接待日"
        ),
    ),
    (2, re.compile(r"计划|要点|规划|工作安排")),
    (4, re.compile(r"批示|批件|圈阅|阅示|(领导|校长|书记)(交办|指示|要求|调研)")),
    (1, re.compile(r"会议|全会|党委会|常委会|办公会|例会|决议|决定|决策|部署|精神")),
    (3, re.compile(r"文件|公文|发文|〔\d{4}〕|办法|规定|通知|方案|意见")),
)
OTHER = 6


def item_of(source: str) -> int | None:
    """1 to 6; None where nothing was written."""
    if not source.strip():
        return None
    return next((item for item, words in _ITEMS if words.search(source)), OTHER)
