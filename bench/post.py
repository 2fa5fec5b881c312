"""Letters as a term brings them: answers to imported matters, written as five mail programs write, some with a PDF."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from daemon.demo import clients
from daemon.demo.client_looks import Draft, File, Original
from daemon.demo.papers import report_pdf
from daemon.procedure.workdays import SHANGHAI
from tests.world.daemon import MAILBOX

UNITS = 40
#: Letters that each unit of a matter writes: 签收, progress three times, 办结报告.
LETTERS_OF_A_UNIT = 5
_STAMP = b"Authentication-Results: mx.lcnu.example; dmarc=pass header.from=lcnu.example\r\n"
_COLUMNS = (
    "文号,事项,来源,办理要求,主办单位,协办单位,交办时间,要求反馈时间,"
    "学校办公室负责人意见,学校领导意见,主办交办邮件,协办交办邮件,通知单文件"
)
_RECEIPTS = (
    "通知单收到，已交{who}办理。",
    "收到，我处马上布置下去，由{who}具体负责。",
    "已签收，会按要求办理，联系人{who}。",
)
_PROGRESS = (
    "目前台账已核对{k}项，其余{n}项正在核对，下周可以完成。",
    "第{k}批材料已经收齐，正在与财务处逐项对账，还差{n}个部门没有报来。",
    "现场已查看{k}处，发现问题{n}个，正在整改。",
)
_REPORTS = (
    "现将办理情况报告如下：台账已全部核对完毕，共核对{k}项，差错{n}项已改正，材料已归档。特此报告。",
    "该事项已办结，{k}项要求全部落实，{n}份材料已归档，办结报告如下：问题已逐条整改，制度已修订印发。特此报告。",
)
_PAPER = (
    "根据学校校长办公会议要求我处对本事项逐条建立清单明确责任人和完成时限现将办理情况报告如下台账核对工作已经全部完成共计"
    "涉及学院部门中心实验室图书馆宿舍食堂公寓教学楼体育场经费预算决算采购招标合同验收设备资产登记盘点报废处置科研项目横向"
    "课题滞留清理入账转出结题评审专家意见修改提交网上平台公示无异议下一步将继续加强日常管理完善制度防止类似问题再次发生"
    "联系电话传真地址邮政编码附件目录页第甲乙丙丁戊己庚辛壬癸东南西北春夏秋冬山水火木金土石田禾竹米布衣帽鞋袜碗筷杯盘刀"
    "春夏秋冬晴雨风雪雷电江河湖海溪泉峰岭谷原野村镇城街巷桥路站港船车轮翼灯窗门墙瓦砖梁柱台阶廊厅堂室"
    "红橙黄绿青蓝紫黑白灰眼耳口鼻手足头心肝脾肺肾血骨皮毛筋脉针线绳网钩锁钥匙铃鼓钟锣笛箫琵琶"
    "笔墨纸砚书画琴棋诗词歌赋龙凤虎豹狮象牛马羊犬鸡鸭鹅鱼虾蟹贝蜂蝶蚕桑麻茶酒盐糖油醋酱菜豆瓜果桃李杏梨枣柿橘柚梅兰菊松柏杨柳"
)


@dataclass(frozen=True, slots=True)
class Task:
    """A matter that was dispatched before the first start, and the 交办 mails that its units answer."""

    number: int
    title: str
    lead: str
    supporting: str
    dispatched_on: date

    @property
    def ref(self) -> str:
        return f"临师督字〔{self.dispatched_on.year}〕第{self.number}号"

    def message_id(self, unit: str) -> str:
        return f"dispatch.{self.number}.{unit.lower()}@lcnu.example"


@dataclass(frozen=True, slots=True)
class Piece:
    """One letter in the mailbox."""

    raw: bytes
    arrived_at: datetime
    has_pdf: bool


def tasks(count: int, today: date) -> list[Task]:
    """`count` matters, two units each, dispatched three weeks ago (or on the first day of the year)."""
    on = max(today - timedelta(days=21), date(today.year, 1, 1))
    return [
        Task(n, f"第{n}批台账核对和整改", f"U{n % UNITS + 1:02}", f"U{(n + 7) % UNITS + 1:02}", on)
        for n in range(1, count + 1)
    ]


def matters_csv(some: list[Task], today: date) -> str:
    """The list that `duban matters import` takes."""
    until = today + timedelta(days=25)
    rows = [
        f"{one.ref},{one.title},校长办公会议决定,1.完成核对；2.完成整改；3.报送台账。,{one.lead},{one.supporting},"
        f"{one.dispatched_on},{until},拟请办理。,同意。,<{one.message_id(one.lead)}>,<{one.message_id(one.supporting)}>,"
        for one in some
    ]
    return "\n".join([_COLUMNS, *rows]) + "\n"


def letters(some: list[Task], count: int, *, with_pdf: str) -> Iterator[Piece]:
    """`count` letters in the order of their arrival. `with_pdf`: none, all (but 签收 too), or half."""
    chance = random.Random(4)
    plan = [
        (nth, task, unit) for nth in range(LETTERS_OF_A_UNIT) for task in some for unit in (task.lead, task.supporting)
    ][:count]
    for place, (nth, task, unit) in enumerate(plan):
        has_pdf = with_pdf == "all" or (with_pdf == "half" and place % 2 == 1)
        yield _letter(task, unit, nth, place, has_pdf, chance)


def fill(maildir: Path, pieces: Iterator[Piece]) -> int:
    """Puts letters into a maildir as a delivery would, its clock being the letters'; returns how many."""
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
    count = 0
    for count, piece in enumerate(pieces, 1):
        path = maildir / "new" / f"{int(piece.arrived_at.timestamp())}.M{count:06}P1.bench"
        path.write_bytes(piece.raw)
        moment = piece.arrived_at.timestamp()
        os.utime(path, (moment, moment))
    return count


def _letter(task: Task, unit: str, nth: int, place: int, has_pdf: bool, chance: random.Random) -> Piece:
    at = datetime(task.dispatched_on.year, task.dispatched_on.month, task.dispatched_on.day, 9, tzinfo=SHANGHAI)
    at += timedelta(days=3 * nth, hours=1, seconds=place)
    low = unit.lower()
    who = ("head", "deputy", "liaison")[place % 3]
    words = chance.choice((_RECEIPTS, _PROGRESS, _PROGRESS, _PROGRESS, _REPORTS)[nth]).format(
        who=chance.choice(("王强", "刘敏", "陈静")), k=chance.randrange(3, 40), n=chance.randrange(2, 20)
    )
    subject = f"【督办】{task.ref} {task.title}"
    client = sorted(clients.STYLES)[place % len(clients.STYLES)]
    draft = Draft(
        name=f"单位{unit[1:]}",
        address=f"{low}.{who}@lcnu.example",
        to_name="督察科",
        to_address=MAILBOX,
        subject=clients.STYLES[client].reply + subject,
        words=words,
        at=at,
        original=Original(
            task.message_id(unit),
            (),
            subject,
            at - timedelta(hours=20),
            "学校办公室督察科",
            MAILBOX,
            _notice(task, unit),
        ),
        signature=(f"单位{unit[1:]}", "电话 0000-5550123"),
        files=(File(f"情况报告{nth}.pdf", "application/pdf", paper(place % 24)),) if has_pdf else (),
    )
    return Piece(_STAMP + clients.write(client, draft)[1], at, has_pdf)


def _notice(task: Task, unit: str) -> str:
    return (
        f"单位{unit[1:]}：\n现将“{task.title}”交由你单位办理（{task.ref}），通知单见附件。\n一、办理要求\n1.完成核对；\n2.完成整改；\n"
        "3.报送台账。\n二、收到后请直接回复本邮件签收；有进展、需要延期、已经办结的，也请回复本邮件说明。\n"
        "三、逾期未反馈的，将按学校督查督办办法催报。\n\n学校办公室督察科\n联系人：钟意　电话：0000-5550100"
    )


@cache
def paper(number: int) -> bytes:
    """One of some PDFs of two pages and about 100 KB."""
    chance = random.Random(number)
    used = list(_PAPER)
    lines = ["".join(chance.choices(used, k=110)) + f"（{number}）" for _ in range(16)]
    return report_pdf("关于台账核对和整改情况的报告", "\n".join(lines), f"单位{number:02}", date(2026, 11, 20)).data
