"""One month of the demo: the program's loops, the clerks and the officer take turns on one made-up clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from daemon.attachments.openers import Openers
from daemon.demo import plain_days, telling
from daemon.demo.clerks import BOUNCES_AFTER, Clerks
from daemon.demo.house import House
from daemon.demo.officer import Decided, Officer
from daemon.demo.school import Planned, SampleOffice, moment
from daemon.demo.servers import Carried, PostOffice
from daemon.demo.timeline import Timeline
from daemon.loops.prepare import Prepare
from daemon.loops.read import Read
from daemon.loops.schedule import Schedule
from daemon.loops.send import Send
from daemon.loops.turns import Turns
from daemon.loops.watch import Watch
from daemon.world import World
from store import letters, outbox

BEGINS = moment("11-02 08:00")
ENDS = moment("11-30 18:00")
#: When the officer sits down to the queue, on every working day.
SESSIONS = ((9, 10), (15, 40))
SETTLED = ("registered", "waiting", "ignored", "copy", "own", "old")


class Month:
    """Holds the month's people and what they have told the timeline so far."""

    def __init__(
        self, house: House, post: PostOffice, school: SampleOffice, timeline: Timeline, ends: datetime = ENDS
    ) -> None:
        self.house = house
        self.post = post
        self.school = school
        self.timeline = timeline
        self.ends = ends
        self.clerks = Clerks(school, post)
        self.officer = Officer(house.world, school, self.clerks)
        self.turns = Turns(house.world, house.clock)
        self._openers = Openers()
        self._told_letters: set[int] = set()
        self._told_up_to = 0
        self._told_decisions = 0

    async def __aenter__(self) -> Month:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._openers.close()

    async def live(self) -> None:
        """From the first morning to the last evening."""
        self.post.listeners.append(self._carried)
        reader = Read(self._openers, "demo")

        async def read(world: World) -> datetime:
            again = await reader.step(world)
            await self._tell_letters()
            return again

        self.turns.add("watch", Watch().step)
        self.turns.add("read", read)
        self.turns.add("schedule", Schedule().step)
        self.turns.add("prepare", Prepare().step)
        self.turns.add("send", Send("demo").step)
        self._plan()
        await self.turns.run(self.ends)

    def _plan(self) -> None:
        for batch in self.school.dispatches:
            self.turns.at(batch.at, partial(self._officer, partial(self.officer.dispatch, batch)))
        for planned in self.school.diary:
            self.turns.at(planned.at, partial(self._clerk, planned))
        day = BEGINS.date()
        while day <= self.ends.date():
            if plain_days.works(day):
                for hour, minute in SESSIONS:
                    at = BEGINS.replace(year=day.year, month=day.month, day=day.day, hour=hour, minute=minute)
                    self.turns.at(at, partial(self._officer, self.officer.session))
            day += timedelta(days=1)

    async def _officer(self, work: telling.Work) -> None:
        await work()
        for decided in self.officer.decided[self._told_decisions :]:
            self._tell_decision(decided)
        self._told_decisions = len(self.officer.decided)

    async def _clerk(self, planned: Planned) -> None:
        written = await self.clerks.write(planned)
        if written is not None:
            self.timeline.tell(telling.of_letter(written, self.school))

    async def _carried(self, carried: Carried) -> None:
        """Something passed the mail server: the watch loop is woken, the timeline told, a bounce planned."""
        if self.post.section in carried.recipients:
            self.house.world.wake.call("watch")
        if carried.logged_in:
            rows = await self.house.world.store.read(partial(outbox.by_sign, text=carried.message_id))
            self.timeline.tell(telling.of_our_mail(carried, rows[0] if rows else None, self.clerks, self.school))
        if carried.sender:
            for dead in carried.returned:
                self.turns.at(self.post.now() + BOUNCES_AFTER, partial(self._bounce, carried, dead))

    async def _bounce(self, carried: Carried, dead: str) -> None:
        await self.clerks.bounce(carried, dead)
        self.timeline.tell(telling.of_letter(self.clerks.written[-1], self.school))

    async def _tell_letters(self) -> None:
        rows = await self.house.world.store.read(partial(letters.listing, after=self._told_up_to, limit=1000))
        for row in sorted(rows, key=lambda one: one.id):
            if row.id not in self._told_letters and row.state in SETTLED:
                self._told_letters.add(row.id)
                while self._told_up_to + 1 in self._told_letters:
                    self._told_up_to += 1
                if row.state != "own":
                    self.timeline.tell(telling.of_reading(row, self.school, self.house.clock.now()))

    def _tell_decision(self, decided: Decided) -> None:
        event = telling.of_decision(decided, self.school)
        if event is not None:
            self.timeline.tell(event)
