"""A believable morning of a term: matters in every state, letters of every kind, mails to leaders, what broke."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from daemon.procedure.shapes import Propose
from daemon.world import Delivery
from store import marks, outbox
from tests.web.conftest import Office, mail

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
TODAY = datetime(2026, 11, 24, 0, 41, tzinfo=UTC)  # Tuesday 08:41 in Shanghai

FANCY = """<html><body style="font-family:SimSun"><p>督察科：</p><p style="color:#b3261e"><b>2026-2 校门交通治理</b>
因设备到货推迟，申请延期到11月30号。</p>
<table border="1"><tr><td>道闸</td><td>3套</td><td>11月27日到货</td></tr></table>
<img src="http://tracker.example/pixel.gif"><a href="https://pan.example/s/1">设备清单</a>
<script>alert(1)</script></body></html>"""


def fill(office: Office) -> None:
    """Lives from the 2nd to the morning of the 24th of November 2026."""
    late = office.matter("二食堂明厨亮灶改造", "D03", 17, ("D05",))
    office.matter("校门交通治理", "D05", 25)
    office.matter("学生公寓供热管网检修", "D03", 36, ("D05",))
    office.matter("省级一流课程申报材料", "C07", 22)
    office.matter("美术楼消防通道清理整治及疏散标识更换（含附属工作室、地下库房）", "C07", 30, ("D05",))
    office.matter("多媒体教室设备更新", "D03", 15)
    office.prepare()
    _sent(office)
    office.arrives(mail("houqin@qlnu.example", f"回复：{late}", f"{_spoken(1)}督办通知单收到。"))
    office.arrives(mail("meishu-head@qlnu.example", "回复", f"{_spoken(4)}收悉，将按要求办理。"))
    for day in range(1, 22):
        office.clock.move_to(START + timedelta(days=day, minutes=90))
        office.remind()
        if day == 11:
            office.arrives(mail("houqin@qlnu.example", "进展", f"{_spoken(1)}进展：已装好2个点位，其余施工中。"))
            letter = office.arrives(mail("meishu@qlnu.example", "办结报告", _REPORT, files=[("report.pdf", b"%PDF")]))
            office.settle_as_report(letter, "2026-4", "C07")
        office.prepare()
        _sent(office)
    office.clock.move_to(TODAY)
    office.login_clock.move_to(TODAY)
    office.remind()
    _letters(office)
    _troubles(office)
    propose = Propose(
        matter="draft1",
        title="图书馆延时开放",
        source="校长信箱来信",
        requirements="1.提出延时方案；2.报送排班表。",
        lead="D03",
        supporting=(),
        deadline=TODAY.date() + timedelta(days=20),
        director_opinion="拟请后勤处办理。",
        leader_opinion="同意。周敏 11.23",
    )
    office.act(propose)


_REPORT = """学校办公室：
青师督字〔2026〕第4号省级一流课程申报材料已全部办结，现将办理情况报告如下：
1.完成10门课程申报书，均经学院教授委员会审定；2.全部材料已于11月12日报送教务处；3.台账见附件。特此报告。"""


def _spoken(number: int) -> str:
    return f"青师督字〔2026〕第{number}号"


def _letters(office: Office) -> None:
    office.arrives(
        mail(
            "baowei@qlnu.example",
            "校门交通治理延期申请",
            "李老师：\n校门交通治理一事，因道闸设备到货推迟，申请延期到11月30号。\n请审批。\n\n"
            "------------------ 原始邮件 ------------------\n发件人: 督察科\n"
            "主题: 【督办】青师督字〔2026〕第2号 校门交通治理\n\n请按期办理并反馈。\n",
            html=FANCY,
        )
    )
    office.later(minutes=3)
    office.arrives(mail("meishu@qlnu.example", "签收", f"{_spoken(5)}督办通知单收到了，我们马上办。"), queue=True)
    office.arrives(mail("houqin@qlnu.example", "请教", f"{_spoken(3)}：请问办结报告用什么格式？要不要协办单位盖章？"))
    office.arrives(mail("zhaoqiang@mail.example", "办结报告", f"{_spoken(2)}已办结，请予销号。", passed=False))
    office.arrives(mail("zhoumin@qlnu.example", "批示", f"{_spoken(1)}请后勤处本周五前拿出结果。周敏"))
    office.arrives(b"From: x\x00\r\n\xff\xfe broken", read_it=False)


def _sent(office: Office) -> None:
    """Everything that may leave has left."""
    now = office.clock.now()
    with office.store.writing() as tx:
        while (row := outbox.claim(tx, "test", now + timedelta(hours=6), timedelta(minutes=5))) is not None:
            outbox.settle(tx, row.id, [Delivery(a, "delivered", "250 Ok") for a in row.to_deliver], now)


def _troubles(office: Office) -> None:
    """The mailbox is away, one send is unsure, one mail could not be prepared."""
    now = office.clock.now()
    with office.store.writing() as tx:
        marks.set(tx, "alarm:mailbox", "unreachable", now - timedelta(minutes=25))
    office.matter("校庆场地清单", "D03", 20)
    with office.store.writing() as tx:
        asked = outbox.listing(tx, state="asked")[-1]
        outbox.broke(tx, asked.id, "模板 dispatch 缺少字段 deadline", now + timedelta(hours=1))
    office.matter("差旅费办法配套细则", "D05", 20)
    office.prepare()
    with office.store.writing() as tx:
        row = outbox.listing(tx, state="frozen", newest=True)[0]
        while (claimed := outbox.claim(tx, "test", now + timedelta(minutes=1), timedelta(minutes=5))) is not None:
            outcome = "unsure" if claimed.id == row.id else "delivered"
            outbox.settle(tx, claimed.id, [Delivery(a, outcome, "timeout") for a in claimed.to_deliver], now)  # type: ignore[arg-type]
