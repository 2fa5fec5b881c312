"""Who says it: the sender's unit by address, and whether two independent signs agree that it is so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from daemon.reading.knowing import Index, Owner
from daemon.reading.shapes import Finding, KnownMatter, Letter, Rule

TRUST_RULES: tuple[Rule, ...] = (
    Rule("trust.address", "trust", "发件地址属于承办单位或校领导"),
    Rule("trust.several_from", "trust", "发件人不止一个，不予采信"),
    Rule("trust.stranger", "trust", "发件地址不在名册中"),
    Rule("trust.display_name", "trust", "显示名冒用名册中的地址或姓名"),
    Rule("trust.no_part", "trust", "发件单位与该事项无关"),
    Rule("trust.thread", "trust", "回复的是我方发出的邮件"),
    Rule("trust.pass", "trust", "本校邮件服务器验证通过"),
    Rule("trust.failed", "trust", "本校邮件服务器验证未通过"),
    Rule("trust.unproven", "trust", "既非回复我方邮件，又无验证记录"),
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose address the letter came from, as far as the address proves it."""

    address: str
    owners: tuple[Owner, ...]
    single: bool  # exactly one From address in exactly one From header

    @property
    def unit(self) -> str | None:
        """The unit, where exactly one From address belongs to exactly one unit."""
        units = {o.unit for o in self.owners if o.unit}
        return units.pop() if self.single and len(units) == 1 and not self.leader else None

    @property
    def leader(self) -> str | None:
        return next((o.leader for o in self.owners if o.leader), None) if self.single else None

    @property
    def role(self) -> str:
        if not self.single or not self.owners:
            return ""
        return "leader" if self.leader else self.owners[0].role


def sender(letter: Letter, idx: Index) -> Sender:
    address = letter.from_addresses[0] if letter.from_addresses else ""
    single = letter.from_headers == 1 and len(letter.from_addresses) == 1
    return Sender(address, tuple(idx.owners.get(address, ())), single)


@dataclass(frozen=True, slots=True)
class Authentication:
    failed: bool
    passed: bool
    quote: str


_METHOD = re.compile(r"^\s*(dmarc|spf|dkim)\s*=\s*([a-z]+)(?=\s|$)", re.I)
#: A run of plain characters, or one that may end or begin something.
_TOKEN = re.compile(r'[^\\"();]+|.', re.S)
_PLAIN_VALUE = re.compile(r"[\w.@+-]*")
_FAILED = frozenset({"fail", "hardfail", "softfail", "policy", "permerror"})


def authentication(letter: Letter, authserv_id: str) -> Authentication:
    """What our own server's topmost Authentication-Results says (RFC 8601); all others are noise or forgery."""
    ours = next((v for v in letter.authentication if _authserv(v) == authserv_id.lower()), "") if authserv_id else ""
    if not ours:
        return Authentication(False, False, "")
    domain = letter.from_addresses[0].rpartition("@")[2] if letter.from_addresses else ""
    results: dict[str, list[tuple[str, str]]] = {}
    for piece in _pieces(ours)[1:]:
        found = _METHOD.match(piece)
        if found:
            results.setdefault(found[1].lower(), []).append((found[2].lower(), piece))
    dmarc = [result for result, _ in results.get("dmarc", ())]
    if dmarc and dmarc != ["none"]:
        failed = _any_failed(dmarc)
        return Authentication(failed, "pass" in dmarc and not failed, ours)
    spf, dkim = results.get("spf", ()), results.get("dkim", ())
    passed = any(r == "pass" and _aligned(p, ("header.d", "header.i"), domain) for r, p in dkim) or any(
        r == "pass" and _aligned(p, ("smtp.mailfrom", "smtp.from"), domain) for r, p in spf
    )
    failed = _any_failed([r for r, _ in spf]) or (
        _any_failed([r for r, _ in dkim]) and not any(r == "pass" for r, _ in dkim)
    )
    return Authentication(failed, passed and not failed, ours)


def _authserv(value: str) -> str:
    return next(iter(_pieces(value)[0].split()), "").lower()


def _pieces(value: str) -> list[str]:
    """The header at its own semicolons: those in comments and quoted strings are the sender's (a local part may be).

    Comments nest and are dropped; of a quoted string stays what could not be read as a result.
    """
    pieces: list[list[str]] = [[]]
    depth, quoted, escaped = 0, False, False
    words: list[str] = []  # of the quoted string that is open
    for token in _TOKEN.findall(value):
        if escaped or (token == "\\" and (depth or quoted)):
            escaped, token = not escaped, token[1:]  # the escaped character ends nothing
            words.append(token)
        elif quoted:
            if token != '"':
                words.append(token)
                continue
            inside = "".join(words)
            pieces[-1].append(inside if _PLAIN_VALUE.fullmatch(inside) else "")
            quoted = False
        elif token == "(" or (token == ")" and depth):
            depth += 1 if token == "(" else -1
            pieces[-1].append(" ")
        elif depth:
            continue
        elif token == '"':
            quoted, words = True, []
        elif token == ";":
            pieces.append([])
        else:
            pieces[-1].append(token)
    return ["".join(piece) for piece in pieces]


def _any_failed(results: list[str]) -> bool:
    return any(r in _FAILED for r in results)


def _aligned(piece: str, names: tuple[str, ...], domain: str) -> bool:
    """Relaxed alignment: the same domain, or one below the other."""
    for name in names:
        found = re.search(rf"(?<![\w.-]){re.escape(name)}\s*=\s*([^\s;]+)", piece, re.I)
        if found:
            other = found[1].strip("<>").rpartition("@")[2].lower().rstrip(".")
            if other and domain and (other == domain or other.endswith("." + domain) or domain.endswith("." + other)):
                return other.count(".") >= 1
    return False


def part_in(who: Sender, matter: KnownMatter, idx: Index) -> bool:
    """Whether the sender has a part in the matter: 主办 or 协办, or a leader who supervises its lead unit."""
    if who.leader:
        leader, lead = idx.leaders[who.leader], idx.units.get(matter.lead)
        return leader.principal or (lead is not None and who.leader in (lead.supervising, lead.attached))
    return who.unit is not None and who.unit in idx.parties(matter)


def judge(
    letter: Letter, who: Sender, matters: list[KnownMatter], on_thread: bool, idx: Index
) -> tuple[bool, list[Finding], list[str]]:
    """trusted, the findings that say why, and doubts. The rule: one From, an address with a part, thread or pass."""
    findings: list[Finding] = []
    doubts: list[str] = []
    address = ", ".join(letter.from_addresses) or "—"

    def find(rule: str, value: str, quote: str) -> None:
        findings.append(Finding(f"trust.{rule}", value, quote, "header"))

    if not who.single:
        find("several_from", "false", address)
        return False, findings, ["forged"]
    if not who.owners:
        find("stranger", "false", address)
        doubts.append("unknown_sender")
        if _pretends(letter, idx):
            find("display_name", "false", letter.from_display)
            doubts.append("forged")
        return False, findings, doubts
    find("address", who.unit or who.leader or "", address)
    if not matters:
        return False, findings, doubts
    if not all(part_in(who, matter, idx) for matter in matters):
        find("no_part", "false", address)
        return False, findings, [*doubts, "not_a_party_doubt"]
    proof = authentication(letter, idx.known.school.authserv_id)
    if proof.failed:
        find("failed", "false", proof.quote)
        return False, findings, [*doubts, "forged"]
    if on_thread:
        find("thread", "true", next(iter(letter.in_reply_to or letter.references), ""))
    if proof.passed:
        find("pass", "true", proof.quote)
    if not on_thread and not proof.passed:
        find("unproven", "false", address)
        return False, findings, [*doubts, "untrusted"]
    return True, findings, doubts


def _pretends(letter: Letter, idx: Index) -> bool:
    """A stranger whose display name is a listed address, person or unit."""
    shown = letter.from_display.strip().lower()
    if not shown:
        return False
    if "@" in shown and any(address in shown for address in idx.owners):
        return True
    names = {leader.name for leader in idx.known.leaders} | idx.unit_words
    for unit in idx.known.units:
        names.update(p.name for p in (unit.head, unit.second_head, unit.deputy, unit.liaison) if p)
    return shown in {n.lower() for n in names}


def pretended_leader(letter: Letter, idx: Index) -> bool:
    """A stranger who calls himself one of the leaders."""
    shown = re.sub(r"\s", "", letter.from_display)
    return bool(shown) and any(
        leader.name and leader.name in shown and len(shown) <= len(leader.name) + len(leader.title) + 2
        for leader in idx.known.leaders
    )
