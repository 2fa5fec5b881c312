"""The service: five loops and the admin view in one TaskGroup; each guarded, woken and stopped; one daemon a store.

A loop that raises is logged, put off and tried again, and `/health` turns red; the others go on. A broken chain of
history stops everything: then no mail may leave until a person has looked.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiocron
import uvicorn

from daemon import config, maillog
from daemon.attachments.openers import Openers
from daemon.edges.clock import MadeUpClock, RealClock
from daemon.edges.dice import RealDice
from daemon.edges.imap import ImapMailbox
from daemon.edges.line import ImapAccount
from daemon.edges.smtp import SmtpAccount, SmtpCourier
from daemon.loops.prepare import Prepare
from daemon.loops.read import Read
from daemon.loops.schedule import Schedule
from daemon.loops.send import Send
from daemon.loops.watch import Watch
from daemon.procedure.workdays import SHANGHAI
from daemon.verify import broken_chains
from daemon.web.app import make_app
from daemon.world import MailboxAway, Outlook, Wake, World
from store import birth, ledger, letters, marks, outbox
from store.hold import Hold
from store.transaction import Store, Tx

Step = Callable[[World], Awaitable[datetime]]

#: After a step that raised: put off, longer each time.
PUT_OFF = (5.0, 15.0, 60.0, 300.0)
#: Real seconds a loop sleeps at most before it looks again: a stepped clock is noticed by then.
NAP = 60.0
BEAT = 15.0
#: How long a stop waits for the mail in hand; systemd kills after 90 seconds.
FINISH_SENDING = 60.0
WAITING_FOR_THE_OTHER = 2.0


class LoudWake(Wake):
    """Calls that reach sleeping loops at once."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.events = {name: asyncio.Event() for name in names}

    def call(self, loop: str) -> None:
        super().call(loop)
        if loop in self.events:
            self.events[loop].set()


@dataclass(slots=True)
class Service:
    """One running daemon: its world, its loops, and how they rest."""

    world: World
    wake: LoudWake
    hold: Hold
    stop: asyncio.Event
    speed: float = 1.0

    async def run_loop(self, name: str, step: Step) -> None:
        """For ever: step, rest till its next time or till called; a failure is logged and put off."""
        failures = 0
        while True:
            self.wake.called.discard(name)
            self.wake.events[name].clear()
            try:
                again = await step(self.world)
            except Exception as error:  # noqa: BLE001 - one loop's bug must not stop the others; /health turns red
                maillog.loop_failed(name, error)
                pause = PUT_OFF[min(failures, len(PUT_OFF) - 1)]
                failures += 1
                await self._mark(name, repr(error))
                await asyncio.sleep(pause)
                continue
            if failures:
                await self._mark(name, "")
            failures = 0
            await self._rest(name, again)

    async def _mark(self, loop: str, why: str) -> None:
        def note(tx: Tx) -> None:
            if why:
                marks.set(tx, f"loop:{loop}", why, self.world.clock.now())
            else:
                marks.clear(tx, f"loop:{loop}")

        with contextlib.suppress(Exception):  # the store itself may be what failed; the log has it
            await self.world.store.write(note)

    async def _rest(self, name: str, until: datetime) -> None:
        seconds = (until - self.world.clock.now()).total_seconds() / self.speed
        seconds = min(max(seconds, 0.0), NAP)
        if name == "watch":
            await self._listen(seconds)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of 3.11 may swallow the cancellation that ends us
                await self.wake.events[name].wait()

    async def _listen(self, seconds: float) -> None:
        """The watch loop rests in IDLE; a call from another loop ends it at once."""
        if seconds <= 0:
            return
        called = asyncio.create_task(self.wake.events["watch"].wait())
        waiting = asyncio.create_task(self.world.mailbox.wait(seconds))
        try:
            done, _ = await asyncio.wait({called, waiting}, timeout=seconds + 5, return_when=asyncio.FIRST_COMPLETED)
        finally:
            called.cancel()
            waiting.cancel()
            await asyncio.gather(called, waiting, return_exceptions=True)
        for task in done:
            error = None if task.cancelled() else task.exception()
            if isinstance(error, MailboxAway):  # the next step finds it away too and says so
                await asyncio.sleep(min(seconds, 1.0))
            elif error is not None:
                raise error

    async def hear_others(self) -> None:
        """What another process or the admin view committed calls the loops that may have work by it."""
        while True:
            if await self.world.store.changed(60.0):
                for loop in ("read", "prepare", "send", "schedule"):
                    self.wake.call(loop)
                await asyncio.sleep(0.05)

    async def beat(self) -> None:
        """A sign of life for `duban status` and the watchdog; on a made-up clock also what time it is there.

        Where the right to be the one daemon is lost (PostgreSQL cut the lock's line), this one stops.
        """
        while True:
            if not await asyncio.to_thread(self.hold.still):
                maillog.hold_lost()
                self.stop.set()
                return
            await self.world.store.write(self._sign_of_life)
            _notify("WATCHDOG=1")
            await asyncio.sleep(BEAT)

    def _sign_of_life(self, tx: Tx) -> None:
        now, real = self.world.clock.now(), RealClock().now()
        marks.set(tx, "alive", str(os.getpid()), real)
        if not self.world.clock.real:
            told = {"made_up": now.isoformat(), "real": real.isoformat(), "speed": self.speed}
            marks.set(tx, "clock", json.dumps(told), now)


def imap_account(settings: config.Settings) -> ImapAccount:
    """What the IMAP edge is told."""
    imap = settings.imap
    return ImapAccount(
        host=imap.host,
        port=imap.port,
        user=imap.user,
        password=imap.password,
        security=imap.security,
        verify=imap.verify,
        ca_file=str(settings.path(imap.ca_file)) if imap.ca_file else "",
        timeout=imap.timeout,
        folders=imap.folders,
        poll_seconds=imap.poll_seconds,
    )


def smtp_account(settings: config.Settings) -> SmtpAccount:
    """What the SMTP edge is told."""
    smtp = settings.smtp
    return SmtpAccount(
        host=smtp.host,
        port=smtp.port,
        user=smtp.user,
        password=smtp.password,
        security=smtp.security,
        verify=smtp.verify,
        ca_file=str(settings.path(smtp.ca_file)) if smtp.ca_file else "",
        timeout=smtp.timeout,
    )


def world_of(settings: config.Settings, store: Store, clock: RealClock | MadeUpClock, wake: Wake) -> World:
    """The real world: IMAP, SMTP, chance, and what the loops need of the settings."""
    with store.reading() as tx:
        born = birth.read(tx)
    only = born.rehearsal_address
    return World(
        clock=clock,
        store=store,
        mailbox=ImapMailbox(imap_account(settings)),
        courier=SmtpCourier(smtp_account(settings), only=only or None),
        dice=RealDice(),
        outlook=Outlook(
            rehearsal_address=only,
            per_hour=settings.outbox.per_hour,
            per_address_per_day=settings.outbox.per_address_per_day,
            poll_seconds=settings.imap.poll_seconds,
            web_address=settings.web.address,
            notice_secret=config.secret(settings),
            template_folder=str(settings.template_folder or ""),
        ),
        wake=wake,
    )


def serve(root: Path, *, clock: datetime | None = None, speed: float = 1.0) -> int:
    """`duban serve`: runs till SIGTERM or SIGINT. `clock`: a made-up one, refused in a live folder by the caller."""
    settings = config.load(root)
    settings.need_mail()
    maillog.set_up(level=settings.log.level, as_json=settings.log.format == "json")
    return asyncio.run(_serve(settings, clock, speed))


async def _serve(settings: config.Settings, clock: datetime | None, speed: float) -> int:
    store = Store.open(settings.database_url, settings.blob_folder, pool=settings.database.pool)
    store.migrate()
    hold = store.hold_watch()
    while hold is None:
        maillog.waiting_for_another()
        await asyncio.sleep(WAITING_FOR_THE_OTHER)
        hold = store.hold_watch()
    try:
        with store.reading() as tx:
            faults = broken_chains(tx)
            last = ledger.last_entry_at(tx)
        if faults:
            maillog.chain_broken(faults)
            return 1
        made = _clock(clock, speed, last)
        await store.write(_take_over, made.now())
        await _run(settings, store, hold, made, speed)
    finally:
        hold.release()
        store.close()
    return 0


def _take_over(tx: Tx, now: datetime) -> None:
    """We hold the store alone: whatever is still claimed was claimed by a daemon that died."""
    letters.end_claims(tx, now)
    outbox.end_claims(tx, now)


def _clock(start: datetime | None, speed: float, last: datetime | None) -> RealClock | MadeUpClock:
    """A made-up clock never begins before the last entry."""
    if start is None:
        return RealClock()
    if start.tzinfo is None:
        start = start.replace(tzinfo=SHANGHAI)
    return MadeUpClock(max(start, last + timedelta(seconds=1)) if last else start, speed)


async def _run(
    settings: config.Settings, store: Store, hold: Hold, clock: RealClock | MadeUpClock, speed: float
) -> None:
    wake = LoudWake(("watch", "read", "schedule", "prepare", "send"))
    world = world_of(settings, store, clock, wake)
    openers = Openers(settings.attachments.workers, reads_pictures=True)
    who = f"{socket.gethostname()}:{os.getpid()}"
    stop, send = asyncio.Event(), Send(who)
    service = Service(world, wake, hold, stop, speed if not clock.real else 1.0)
    server = _web_server(settings, world)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    tick = aiocron.crontab("* * * * *", func=_tick(service), start=False, tz=SHANGHAI)
    tick.start()
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(service.run_loop("watch", Watch().step)),
                group.create_task(service.run_loop("read", Read(openers, who).step)),
                group.create_task(service.run_loop("schedule", Schedule().step)),
                group.create_task(service.run_loop("prepare", Prepare().step)),
                group.create_task(service.run_loop("send", send.step)),
                group.create_task(service.hear_others()),
                group.create_task(service.beat()),
                group.create_task(_web(server, settings)),
            ]
            _notify("READY=1")
            maillog.ready(os.getpid())
            await stop.wait()
            _notify("STOPPING=1")
            server.should_exit = True
            await _end(tasks[:-1])
            await send.finish(FINISH_SENDING)
    finally:
        tick.stop()
        await world.mailbox.close()
        await openers.close()
        await store.write(marks.clear, "alive")


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels the loops until they have ended: a cancellation may be lost in a library's own waiting."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=2.0)


def _tick(service: Service) -> Callable[[], Awaitable[None]]:
    """The minute's tick calls the schedule and the mails that wait for a time of day; it decides nothing."""

    async def tick() -> None:
        for loop in ("schedule", "send"):
            service.wake.call(loop)

    return tick


def _web_server(settings: config.Settings, world: World) -> uvicorn.Server:
    web = settings.web
    app = make_app(
        world,
        session_secret=config.secret(settings),
        secure_cookies=bool(web.cert_file) or web.address.startswith("https://"),
    )
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=web.host,
            port=web.port,
            ssl_certfile=web.cert_file or None,
            ssl_keyfile=web.key_file or None,
            forwarded_allow_ips=",".join(web.trusted_proxies) or None,
            proxy_headers=bool(web.trusted_proxies),
            server_header=False,
            log_config=None,
            access_log=False,
            lifespan="off",
        )
    )


async def _web(server: uvicorn.Server, settings: config.Settings) -> None:
    """The admin view; without its port the mail still flows, and the log says so."""
    try:
        await server._serve()
    except OSError as error:
        maillog.web_away(settings.web.host, settings.web.port, str(error))


def _notify(state: str) -> None:
    """systemd's notification socket, where there is one (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
