"""Accounts: an open or unverified line is for this machine alone."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from daemon.edges.account import BadAccount, on_loopback
from daemon.edges.line import ImapAccount
from daemon.edges.smtp import SmtpAccount


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])
def test_loopback(host: str) -> None:
    assert on_loopback(host)
    ImapAccount(host, 143, "u", "p", "none")


@pytest.mark.parametrize(
    "host", ["mx.school.example", "10.0.0.1", "localhost.school.example", "0.0.0.0", "", "127.0.0.1.x"]
)
def test_not_loopback(host: str) -> None:
    assert not on_loopback(host)
    for kind in (ImapAccount, SmtpAccount):
        with pytest.raises(BadAccount) as bad:
            kind(host, 143, "u", "p", "none")
        assert bad.value.code == "none_off_loopback"
        with pytest.raises(BadAccount) as bad:
            kind(host, 143, "u", "p", "tls", verify=False)
        assert bad.value.code == "unverified_off_loopback"


def test_verified_names_are_the_default() -> None:
    context = ImapAccount("mx.school.example", 993, "u", "p").tls_context()
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    loose = ImapAccount("localhost", 993, "u", "p", verify=False).tls_context()
    assert loose.verify_mode == ssl.CERT_NONE


def test_an_unknown_security() -> None:
    word: Any = "ssl"
    with pytest.raises(BadAccount) as bad:
        ImapAccount("localhost", 993, "u", "p", word)
    assert bad.value.code == "unknown"


def test_no_password_in_what_is_logged() -> None:
    assert "geheim" not in repr(ImapAccount("localhost", 993, "u", "geheim"))
    assert "geheim" not in repr(SmtpAccount("localhost", 465, "u", "geheim"))
