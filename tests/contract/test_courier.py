"""The courier in a real SMTP dialogue: what each answer of the server, and each silence, comes to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import pytest

from daemon.edges.smtp import ForbiddenRecipient, SmtpAccount, SmtpCourier
from daemon.world import Delivery
from tests.world.dovecot import free_port
from tests.world.smtp_server import Script, SmtpServer

SENDER = "ducha@school.example"
A, B, C = "a@school.example", "b@school.example", "c@school.example"
RAW = b"From: ducha@school.example\r\nSubject: x\r\n\r\n.\r\n..two\r\n\xd2\xd1\xca\xd5\xb5\xbd\r\n"


def account(port: int, **more: Any) -> SmtpAccount:
    return SmtpAccount(**{"host": "127.0.0.1", "port": port, "user": "", "security": "none", "timeout": 2.0, **more})


def deliver(script: Script, to: Sequence[str], raw: bytes = RAW, **more: Any) -> tuple[list[Delivery], SmtpServer]:
    """What the courier says of one mail to a server with this script."""

    async def go() -> tuple[list[Delivery], SmtpServer]:
        async with SmtpServer(script) as server:
            courier = SmtpCourier(account(server.port, **more))
            return list(await courier.deliver(SENDER, to, raw)), server

    return asyncio.run(go())


def outcomes(told: Sequence[Delivery]) -> list[str]:
    return [d.outcome for d in told]


def test_delivered_with_the_servers_words_and_the_very_bytes() -> None:
    told, server = deliver(Script(), [A, B])
    assert told == [Delivery(r, "delivered", "250 2.0.0 Ok: queued as 4711") for r in (A, B)]
    assert [m.raw for m in server.accepted] == [RAW]
    assert server.accepted[0].recipients == [A, B]
    assert server.accepted[0].sender == SENDER
    assert "BODY=8BITMIME" in server.accepted[0].options


def test_one_of_several_refused_each_in_its_own_way() -> None:
    answers = {A: "550 5.1.1 收件人不存在".encode().decode("utf-8"), B: "451 4.3.2 DT:SPM try again"}
    told, server = deliver(Script(rcpt=lambda r: answers.get(r)), [A, B, C])
    assert outcomes(told) == ["refused", "later", "delivered"]
    assert "550" in told[0].reply
    assert "DT:SPM" in told[1].reply
    assert server.accepted[0].recipients == [C]


def test_all_refused_sends_no_text() -> None:
    told, server = deliver(Script(rcpt=lambda _: "550 5.1.1 no such user"), [A, B])
    assert outcomes(told) == ["refused", "refused"]
    assert server.accepted == []


@pytest.mark.parametrize(("answer", "outcome"), [("553 5.7.1 no", "refused"), ("421 4.7.0 too many", "later")])
def test_the_sender_refused(answer: str, outcome: str) -> None:
    told, server = deliver(Script(mail=answer), [A, B])
    assert outcomes(told) == [outcome, outcome]
    assert answer[4:] in told[0].reply
    assert server.accepted == []


@pytest.mark.parametrize(("answer", "outcome"), [("554 5.7.1 spam", "refused"), ("451 4.7.1 greylisted", "later")])
def test_the_text_refused(answer: str, outcome: str) -> None:
    told, _ = deliver(Script(data=answer), [A, B])
    assert outcomes(told) == [outcome, outcome]
    assert answer in told[0].reply


def test_cut_after_the_text_is_unsure() -> None:
    told, server = deliver(Script(cut_after_text=True), [A, B])
    assert outcomes(told) == ["unsure", "unsure"]
    assert len(server.accepted) == 1  # the server has it: a retry would be the second copy


def test_cut_after_the_text_with_one_refused_before() -> None:
    told, _ = deliver(Script(cut_after_text=True, rcpt=lambda r: "550 no" if r == A else None), [A, B])
    assert outcomes(told) == ["refused", "unsure"]


def test_a_slow_answer_is_waited_for_and_then_unsure() -> None:
    told, _ = deliver(Script(slow=0.3), [A], data_timeout=5.0)
    assert outcomes(told) == ["delivered"]
    told, server = deliver(Script(slow=5), [A], data_timeout=0.3)
    assert outcomes(told) == ["unsure"]
    assert len(server.accepted) == 1


def test_cut_before_the_text_is_later() -> None:
    told, server = deliver(Script(cut_at_mail=True), [A, B])
    assert outcomes(told) == ["later", "later"]
    assert server.accepted == []


def test_nobody_there_is_later() -> None:
    courier = SmtpCourier(account(free_port()))
    told = asyncio.run(_await(courier.deliver(SENDER, [A, B], RAW)))
    assert outcomes(told) == ["later", "later"]


def test_a_server_that_never_greets_is_later() -> None:
    async def go() -> Sequence[Delivery]:
        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await SmtpCourier(account(port, timeout=0.4)).deliver(SENDER, [A], RAW)
        finally:
            server.close()

    assert outcomes(asyncio.run(go())) == ["later"]


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_chinese_reply_is_kept_as_words(charset: str) -> None:
    async def go() -> Sequence[Delivery]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mx\r\n")
            while line := await reader.readline():
                no = "550 收件人不存在\r\n".encode(charset)
                writer.write(no if line.startswith(b"RCPT") else b"250 ok\r\n")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await SmtpCourier(account(port)).deliver(SENDER, [A], RAW)
        finally:
            server.close()

    assert list(asyncio.run(go())) == [Delivery(A, "refused", "550 收件人不存在")]


def test_login_refused_is_later_and_an_alarm_until_it_works() -> None:
    async def go() -> None:
        async with SmtpServer(Script(login=(SENDER, "right"))) as server:
            courier = SmtpCourier(account(server.port, user=SENDER, password="wrong", refused_pause=0.0))
            told = await courier.deliver(SENDER, [A], RAW)
            assert outcomes(told) == ["later"]
            assert "535" in told[0].reply
            assert courier.refused_login.startswith("535")
            server.script.login = (SENDER, "wrong")
            told = await courier.deliver(SENDER, [A], RAW)
            assert outcomes(told) == ["delivered"]
            assert courier.refused_login == ""

    asyncio.run(go())


def test_after_a_refused_login_it_does_not_knock_on() -> None:
    async def go() -> None:
        async with SmtpServer(Script(login=(SENDER, "right"))) as server:
            courier = SmtpCourier(account(server.port, user=SENDER, password="wrong"))
            for _ in range(5):
                told = await courier.deliver(SENDER, [A], RAW)
                assert outcomes(told) == ["later"]
                assert "535" in told[0].reply
            assert server.connections == 1

    asyncio.run(go())


def test_starttls_that_is_not_offered_sends_nothing() -> None:
    told, server = deliver(Script(), [A], security="starttls")
    assert outcomes(told) == ["later"]
    assert server.accepted == []


def test_addresses_that_no_server_takes_are_refused_alone() -> None:
    bad = ["处长@school.example", "no-at-sign", "a b@school.example", "x@y\r\nRCPT TO:<z@z>"]
    told, server = deliver(Script(), [*bad, A])
    assert outcomes(told) == ["refused"] * 4 + ["delivered"]
    assert server.accepted[0].recipients == [A]


def test_the_same_address_twice_gets_one_copy_and_two_answers() -> None:
    told, server = deliver(Script(), [A, A])
    assert outcomes(told) == ["delivered", "delivered"]
    assert server.accepted[0].recipients == [A]


@pytest.mark.parametrize("to", [[B], [A, B], ["b@school.example@" + A], [A + " ," + B], [""]])
def test_a_rehearsal_never_reaches_a_unit(to: list[str]) -> None:
    async def go() -> None:
        async with SmtpServer() as server:
            courier = SmtpCourier(account(server.port), only=A)
            with pytest.raises(ForbiddenRecipient):
                await courier.deliver(SENDER, to, RAW)
            assert server.connections == 0
            assert outcomes(await courier.deliver(SENDER, [A], RAW)) == ["delivered"]

    asyncio.run(go())


def test_a_rehearsal_without_an_address_reaches_nobody() -> None:
    courier = SmtpCourier(account(free_port()), only="")
    with pytest.raises(ForbiddenRecipient):
        asyncio.run(_await(courier.deliver(SENDER, [A], RAW)))


async def _await(awaited: Awaitable[Any]) -> Any:
    return await awaited
