"""Time of a 通知单 as PDF in a warm process: one page with its QR, and one of several pages."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Any

from daemon.compose.notice import NoticeData, notice_pdf

PAGE = NoticeData(
    school_name="示例师范学院",
    office="学校办公室",
    ref="示师督字〔2026〕第12号",
    lead="后勤管理处",
    requirements="供热管网检修和报修制度\n1.完成6栋公寓供热管网检修；\n2.建立报修2小时响应制度；\n3.报送台账和制度文本。",
    supporting=("学生工作部（处）", "保卫处"),
    dispatched_on=date(2026, 11, 24),
    deadline=date(2026, 12, 15),
    director_opinion="拟请后勤处牵头，学工部、保卫处配合。妥否，请批示。",
    leader_opinion="同意，抓紧落实。",
    contact="李宁",
    phone="0000-0000000",
)
ROUNDS = 100


def measure(long: bool) -> dict[str, float]:
    """Milliseconds of `ROUNDS` notices, every one with other words and another code."""
    took = []
    for n in range(ROUNDS):
        extra = "\n".join(
            f"{k}.第{n}次排查安全隐患，建立问题清单、责任清单和整改清单。" for k in range(4, 60 if long else 5)
        )
        data = replace(
            PAGE,
            lead=f"后勤管理处{n}",
            requirements=f"{PAGE.requirements}\n{extra}",
            code=f"DUBAN:2026-{n}:ABCDEFGHIJKLMNOP",
        )
        begun = time.perf_counter()
        notice_pdf(data)
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    return {"p50_ms": round(took[ROUNDS // 2], 1), "p95_ms": round(took[ROUNDS * 95 // 100], 1)}


def figures() -> dict[str, Any]:
    """Milliseconds: the first notice of a process, one page and three pages in a warm one."""
    begun = time.perf_counter()
    notice_pdf(PAGE)
    first = round((time.perf_counter() - begun) * 1000)
    return {"first_ms": first, "one_page": measure(False), "three_pages": measure(True)}
