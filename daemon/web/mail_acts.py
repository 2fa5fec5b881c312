"""What a person does with a mail: hold, release or withdraw it before it leaves, settle it when that is unsure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon import maillog, outcomes
from daemon.procedure.shapes import (
    Because,
    Command,
    HoldReminder,
    Refusal,
    ReleaseReminder,
    WithdrawReminder,
)
from daemon.register import register
from daemon.web import days, labels
from daemon.web import mail as page
from daemon.web import outbox as listing
from daemon.web.acts import AS_ROLE
from daemon.web.mail import Sheet
from daemon.web.page import Visit
from daemon.web.problems import Problem, refused
from store import outbox
from store.transaction import Tx


class Left(Exception):
    """The mail is already on its way; the transaction is lost."""


async def hold(visit: Visit) -> Response:
    """POST /outbox/7/hold: reason, and until when (at most what the policy allows)."""
    sheet = await page.open_sheet(visit)
    if not page.can(sheet.row, visit.role).hold:
        return await _not_now(visit, sheet, "暂缓发送")
    why, typed_until = visit.typed("why"), visit.typed("until")
    problems = []
    if not why:
        problems.append(Problem("why", "请写明暂缓的理由。"))
    today = visit.desk.today()
    longest = sheet.rules.calendar.add(today, sheet.rules.policy.reminders.hold_max_wd)
    until = days.typed_day(typed_until, today) if typed_until else longest
    if until is None:
        problems.append(Problem("until", f"“{typed_until}”不是日期。可写 1130、11.30 或 11月30日。"))
    elif not today < until <= longest:
        problems.append(Problem("until", f"最早明天，最晚{days.sentence_day(longest, today)}。"))
    typed = {"why": why, "until": typed_until}
    if problems or until is None:
        return await page.draw(visit, sheet, problems=problems, typed=typed, open_form="hold", status=422)
    commands = [
        HoldReminder(line.matter, line.key, until, why, AS_ROLE[visit.role])
        for line in sheet.row.mail.lines
        if line.key is not None
    ]
    done = await _both(visit, sheet, commands, partial(_hold, id=sheet.row.id, until=until, why=why))
    if done is None:
        return await _not_now(visit, sheet, "暂缓发送")
    if isinstance(done, Refusal):
        no = refused("暂缓发送", done)
        return await page.draw(visit, sheet, no=no, typed=typed, open_form="hold", status=409)
    to = listing.addressee(sheet.row, sheet.rules)
    return visit.said(f"已暂缓发送：{to}，至{days.sentence_day(until, today)}。", _back(visit, sheet))


async def release(visit: Visit) -> Response:
    """POST /outbox/7/release: a held mail goes on, or one that waits for a person is approved."""
    sheet = await page.open_sheet(visit)
    if not page.can(sheet.row, visit.role).release:
        return await _not_now(visit, sheet, "恢复发送")
    commands = [
        ReleaseReminder(line.matter, line.key, AS_ROLE[visit.role])
        for line in sheet.row.mail.lines
        if line.key is not None
    ]
    done = await _both(visit, sheet, commands, partial(_release, id=sheet.row.id))
    if done is None:
        return await _not_now(visit, sheet, "恢复发送")
    if isinstance(done, Refusal):
        return await page.draw(visit, sheet, no=refused("恢复发送", done), status=409)
    visit.desk.world.wake.call("send")
    to = listing.addressee(sheet.row, sheet.rules)
    return visit.said(f"已恢复发送：{to}。", _back(visit, sheet))


async def withdraw(visit: Visit) -> Response:
    """POST /outbox/7/withdraw: it never leaves; a reminder's key is free again."""
    sheet = await page.open_sheet(visit)
    if not page.can(sheet.row, visit.role).withdraw:
        return await _not_now(visit, sheet, "撤回邮件")
    why = visit.typed("why")
    if not why:
        problem = Problem("withdraw_why", "请写明撤回的理由。")
        return await page.draw(visit, sheet, problems=[problem], open_form="withdraw", status=422)
    commands = [WithdrawReminder(line.matter, line.key, why) for line in sheet.row.mail.lines if line.key is not None]
    done = await _both(visit, sheet, commands, partial(_withdraw, id=sheet.row.id, why=why))
    if done is None:
        return await _not_now(visit, sheet, "撤回邮件")
    if isinstance(done, Refusal):
        no = refused("撤回邮件", done)
        return await page.draw(visit, sheet, no=no, typed={"withdraw_why": why}, open_form="withdraw", status=409)
    maillog.withdrawn(sheet.row.id, why)
    name = labels.mail(sheet.row.mail.template)
    return visit.said(f"已撤回邮件：{name}，发{listing.addressee(sheet.row, sheet.rules)}。", _back(visit, sheet))


async def settle(visit: Visit) -> Response:
    """POST /outbox/7/settle: a person's word on an unsure send."""
    sheet = await page.open_sheet(visit)
    word = visit.typed("delivered")
    if word not in ("yes", "no"):
        raise HTTPException(404)
    if sheet.row.state != "unsure":
        return await _not_now(visit, sheet, "登记")
    world = visit.desk.world
    now = world.clock.now()
    await world.store.write(
        outcomes.settled_by_person, sheet.row, word == "yes", Because(visit.actor), now=now, dice=world.dice
    )
    world.wake.call("send")
    text = "已登记为已发出" if word == "yes" else "已登记为未发出，将重新发送"
    return visit.said(f"{text}：{listing.addressee(sheet.row, sheet.rules)}。", _back(visit, sheet))


Then = partial[bool]


async def _both(visit: Visit, sheet: Sheet, commands: Sequence[Command], then: Then) -> Refusal | bool | None:
    """The entries and the mail's row in one commit; None where the mail has left meanwhile."""
    world = visit.desk.world
    work = partial(_in_one, commands=commands, then=then, visit=visit)
    try:
        done = await world.store.write(work)
    except Left:
        return None
    if not isinstance(done, Refusal):
        maillog.acted(visit.actor, [type(c).__name__ for c in commands], [c.matter for c in commands])
    return done


def _in_one(tx: Tx, commands: Sequence[Command], then: Then, visit: Visit) -> Refusal | bool:
    world = visit.desk.world
    if commands:  # the door holds, releases or withdraws the waiting mail itself
        done = register(tx, commands, Because(visit.actor), now=world.clock.now(), dice=world.dice)
        return done if isinstance(done, Refusal) else True
    if not then(tx):
        raise Left
    return True


def _hold(tx: Tx, id: int, until: date, why: str) -> bool:
    return outbox.hold(tx, id, until, why)


def _release(tx: Tx, id: int) -> bool:
    return outbox.release(tx, id)


def _withdraw(tx: Tx, id: int, why: str) -> bool:
    return outbox.withdraw(tx, id, why)


async def _not_now(visit: Visit, sheet: Sheet, act: str) -> Response:
    fresh = await page.open_sheet(visit)
    state = labels.OUTBOX_STATES[fresh.row.state]
    if page.can(fresh.row, visit.role).only_director:
        problem = Problem("", f"不能{act}：这封邮件由学校办公室负责人决定。")
    else:
        problem = Problem("", f"不能{act}：邮件现为“{state}”。")
    return await page.draw(visit, fresh, problems=[problem], status=409)


def _back(visit: Visit, sheet: Sheet) -> str:
    """To where the button stood: 今日, or the mail's own page."""
    return "/" if visit.typed("from") == "today" else f"/outbox/{sheet.row.id}"
