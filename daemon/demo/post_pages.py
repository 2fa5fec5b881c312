"""/post: every mail that left and arrived in the demo, as its recipient sees it; served by the demo alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from daemon.demo.school import SampleOffice
from daemon.demo.servers import Carried, PostOffice
from daemon.procedure.workdays import SHANGHAI
from daemon.reading.decode import decode
from daemon.reading.shapes import Letter

#: Mail is foreign text: no script, no request to anywhere, no form, in a frame of its own.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PAGE = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:"
SECTION_NAME = "督察科"


@dataclass(frozen=True, slots=True)
class Owner:
    """A mailbox in the list by person."""

    address: str
    name: str
    title: str
    came: int
    wrote: int


@dataclass(frozen=True, slots=True)
class Row:
    """One mail in a person's list."""

    number: int
    when: str
    ours: bool
    sent: bool  # by the owner of the mailbox
    other: str
    subject: str
    files: int


class PostPages:
    """Reads what the post office carried; keeps each mail decoded once."""

    def __init__(self, post: PostOffice, school: SampleOffice) -> None:
        self.post = post
        self.school = school
        self._letters: dict[int, Letter] = {}
        loader = jinja2.FileSystemLoader(Path(__file__).with_name("pages"))
        self._pages = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)

    def routes(self) -> list[Route]:
        return [
            Route("/post", self.people),
            Route("/post/of/{address}", self.person),
            Route("/post/mail/{number:int}", self.mail),
            Route("/post/mail/{number:int}/html", self.html),
            Route("/post/mail/{number:int}/raw", self.raw),
            Route("/post/mail/{number:int}/parts/{index:int}", self.part),
        ]

    async def people(self, request: Request) -> Response:
        """GET /post: all mailboxes, by unit."""
        groups: list[tuple[str, list[Owner]]] = [(SECTION_NAME, self._owners([self.school.mailbox]))]
        section = [self.school.section_address, self.school.director_address]
        groups.append(("学校办公室", self._owners(section)))
        groups.append(("校领导", self._owners([leader.address for leader in self.school.leaders.values()])))
        for office in self.school.offices.values():
            groups.append((office.name, self._owners([person.address for person in office.people.values()])))
        known = {owner.address for _, owners in groups for owner in owners}
        strangers = sorted({c.sender for c in self.post.carried if c.sender} - known)
        groups.append(("校外及来历不明的地址", self._owners(strangers)))
        return self._draw("people.html", groups=groups, now=self._now(), school=self.school)

    async def person(self, request: Request) -> Response:
        """GET /post/of/qiunianci@…: what one person got and wrote, newest first."""
        address = request.path_params["address"].lower()
        rows = [self._row(c, address) for c in reversed(self.post.carried) if address in (c.sender, *c.recipients)]
        (owner,) = self._owners([address])
        return self._draw("person.html", owner=owner, rows=rows, now=self._now(), school=self.school)

    async def mail(self, request: Request) -> Response:
        """GET /post/mail/17"""
        carried = self._carried(request)
        letter = self._letter(carried)
        return self._draw(
            "mail.html",
            carried=carried,
            letter=letter,
            when=f"{carried.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            sender=self._name(carried.sender) or "邮件系统",
            to=[(a, self._name(a)) for a in letter.to],
            cc=[(a, self._name(a)) for a in letter.cc],
            now=self._now(),
            school=self.school,
        )

    async def html(self, request: Request) -> Response:
        """The mail's HTML for the sandboxed frame."""
        letter = self._letter(self._carried(request))
        return HTMLResponse(letter.html, headers={"Content-Security-Policy": SANDBOX})

    async def raw(self, request: Request) -> Response:
        return Response(self._carried(request).delivered, media_type="text/plain", headers=_nosniff())

    async def part(self, request: Request) -> Response:
        """One attachment; a PDF opens in the browser, all else is saved."""
        parts = self._letter(self._carried(request)).parts
        index = request.path_params["index"]
        if index >= len(parts):
            raise HTTPException(404)
        pdf = parts[index].media_type == "application/pdf" or parts[index].data.startswith(b"%PDF")
        kind = "application/pdf" if pdf else "application/octet-stream"
        suffix = "".join(c for c in Path(parts[index].name).suffix if c.isascii() and (c.isalnum() or c == "."))
        headers = _nosniff() | {
            "Content-Disposition": f'{"inline" if pdf else "attachment"}; filename="part{index}{suffix}"'
        }
        return Response(parts[index].data, media_type=kind, headers=headers)

    def _owners(self, addresses: list[str]) -> list[Owner]:
        return [
            Owner(
                address,
                self._name(address),
                self.school.addresses[address].title if address in self.school.addresses else "",
                sum(address in c.recipients for c in self.post.carried),
                sum(address == c.sender for c in self.post.carried),
            )
            for address in addresses
        ]

    def _row(self, carried: Carried, address: str) -> Row:
        letter = self._letter(carried)
        sent = carried.sender == address
        others = [a for a in carried.recipients if a != address] if sent else [carried.sender]
        return Row(
            carried.number,
            f"{carried.at.astimezone(SHANGHAI):%m-%d %H:%M}",
            bool(carried.logged_in),
            sent,
            "、".join(self._name(a) for a in others) or "邮件系统",
            letter.subject or "（无主题）",
            len(letter.parts),
        )

    def _name(self, address: str) -> str:
        if address == self.school.mailbox:
            return SECTION_NAME
        clerk = self.school.addresses.get(address)
        return clerk.name if clerk else address

    def _now(self) -> str:
        local = self.post.now().astimezone(SHANGHAI)
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"

    def _carried(self, request: Request) -> Carried:
        number = int(request.path_params["number"])
        if not 1 <= number <= len(self.post.carried):
            raise HTTPException(404)
        return self.post.carried[number - 1]

    def _letter(self, carried: Carried) -> Letter:
        if carried.number not in self._letters:
            self._letters[carried.number] = decode(carried.delivered, carried.at)
        return self._letters[carried.number]

    def _draw(self, template: str, **view: object) -> Response:
        page = self._pages.get_template(template).render(view)
        return HTMLResponse(page, headers={"Content-Security-Policy": PAGE, "Referrer-Policy": "no-referrer"})


def _nosniff() -> dict[str, str]:
    return {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": SANDBOX}
