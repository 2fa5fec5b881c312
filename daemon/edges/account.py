"""What the mail edges are told of a server: host, account, and how the line is protected."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from typing import Literal

Security = Literal["tls", "starttls", "none"]


class BadAccount(ValueError):
    """An account that must not be used as it is set. `code`: none_off_loopback, unverified_off_loopback, unknown."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Account:
    """A server and our account there. Seconds for `timeout`: each connect and each answer of the server.

    `refused_pause`: seconds without another try after a refused login; providers lock accounts that knock on.
    `security` none, and `verify` False (a self-signed certificate), are for servers on loopback alone.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False, default="")
    security: Security = "tls"
    verify: bool = True
    ca_file: str = ""
    timeout: float = 30.0
    refused_pause: float = 960.0

    def __post_init__(self) -> None:
        if self.security not in ("tls", "starttls", "none"):
            raise BadAccount("unknown", f"security is tls, starttls or none, not {self.security!r}")
        if on_loopback(self.host):
            return
        if self.security == "none":
            raise BadAccount("none_off_loopback", f"security none is for loopback only, not for {self.host}")
        if not self.verify:
            raise BadAccount("unverified_off_loopback", f"certificates may go unverified on loopback only: {self.host}")

    def tls_context(self) -> ssl.SSLContext:
        """TLS with verified names, unless `verify` is off."""
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def on_loopback(host: str) -> bool:
    """Whether `host` is this machine by its very name: localhost or a loopback address. Nothing is looked up."""
    if host.lower() in ("localhost", "localhost."):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
