"""The account that the demo prints opens its admin view."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from daemon.demo import school as sample
from daemon.demo.house import ACCOUNT, build
from daemon.demo.servers import PostOffice
from daemon.edges.clock import JumpingClock
from store import accounts


def test_the_printed_password_logs_in(tmp_path: Path) -> None:
    async def tried() -> bool:
        school = sample.load()
        clock = JumpingClock(datetime(2026, 11, 2, tzinfo=UTC))
        post = PostOffice(
            clock.now, section=school.mailbox, domain=school.domain, authserv_id=school.authserv_id, password="p" * 12
        )
        async with AsyncExitStack() as stack:
            await post.start(stack, school.addresses)
            house = await asyncio.to_thread(build, tmp_path, post, clock, "http://127.0.0.1:1")
            stack.push_async_callback(house.mailbox.close)
            stack.callback(house.world.store.close)
            verdict = await accounts.try_password(house.world.store, ACCOUNT, house.password, clock.now())
        return verdict.right

    assert asyncio.run(tried())
