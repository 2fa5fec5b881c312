"""The lines a reader of an HTML mail would see: hidden text left out, quoting and signature marked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree
from lxml import html as lxml_html

#: Larger HTML is cut: a stationery background in base64 is no text.
HTML_LIMIT = 2_000_000
_DATA_URL = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]{200,}")
_BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "caption",
        "includetail",
    ]
)
_SKIP = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "meta",
        "link",
        "template",
        "noscript",
        "object",
        "iframe",
        "svg",
        "xml",
        "select",
        "textarea",
    ]
)
_SIGNATURE = re.compile(
    r"signature|mail-?sign|ntes[-_]?signature|qmsign|foxmail_sign|__aliyun_signature|gmail_signature"
    r"|netease.?mail.?card|divneteasemailcard|xm_write_sign|lark-mail-sign|moz-signature|ms-outlook-mobile-signature",
    re.I,
)
_QUOTED = re.compile(
    r"gmail_quote|isreplycontent|__aliyun_previous_message|yahoo_quoted|moz-cite-prefix|lark-mail-quote|history-quote"
    r"|qmquote|mail-?quote|divrplyfwdmsg|appendonsend|ntes_not_fresh_user_quote",
    re.I,
)
_CLOUD = re.compile(r"bigattach|divneteasebigattach|largeattach|cloud-?attach|superattach|file-?block", re.I)
_RULE = re.compile(
    r"\.([\w-]+)\s*(?:,\s*\.[\w-]+\s*)*\{[^{}]*(?:display\s*:\s*none|visibility\s*:\s*hidden)[^{}]*\}", re.I
)
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "transparent": None, "inherit": None}


@dataclass(slots=True)
class Line:
    """One line as shown. `depth`: levels of quoting; `mark`: signature, cloud, rule (a horizontal rule) or ''."""

    text: str
    depth: int = 0
    mark: str = ""


@dataclass(slots=True)
class Shown:
    lines: list[Line] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # (text, address) outside of quotes
    hidden: str = ""  # text that no reader sees


@dataclass(slots=True)
class _State:
    depth: int = 0
    mark: str = ""
    hidden: bool = False
    background: tuple[int, int, int] = (255, 255, 255)
    color: tuple[int, int, int] | None = None
    pre: bool = False


def lines_of(source: str) -> Shown:
    """Lines of an HTML mail. What cannot be parsed is shown without its tags."""
    shown = Shown()
    if len(source) > HTML_LIMIT // 4:
        source = _DATA_URL.sub("", source)[:HTML_LIMIT]
    source = re.sub(r"<\?xml[^>]{0,200}\?>|<!DOCTYPE[^>]{0,300}>", "", source, flags=re.I)
    try:
        root = lxml_html.document_fromstring(source, parser=lxml_html.HTMLParser(encoding=None, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        shown.lines = [Line(t) for t in re.sub(r"<[^>]{0,2000}>", " ", source).split("\n")]
        return shown
    hidden_classes = frozenset(
        name
        for style in re.findall(r"<style[^>]*>(.*?)</style>", source[:200_000], re.S | re.I)
        for name in _hidden(style)
    )
    _walk(root, shown, hidden_classes)
    return shown


def _hidden(style: str) -> list[str]:
    return [name for rule in _RULE.finditer(style) for name in re.findall(r"\.([\w-]+)", rule[0].partition("{")[0])]


_WHITE = re.compile(r"[ \t\r\n]+")


class _Writer:
    def __init__(self, shown: Shown) -> None:
        self.shown = shown
        self.pieces: list[str] = []
        self.hidden: list[str] = []
        self.depth = 0
        self.mark = ""

    def text(self, text: str, state: _State) -> None:
        if state.hidden:
            if text.strip():
                self.hidden.append(text)
            return
        if not state.pre:
            text = _WHITE.sub(" ", text)
        if text.strip() or self.pieces:
            if not self.pieces or not "".join(self.pieces).strip():
                self.depth, self.mark = state.depth, state.mark
            for n, piece in enumerate(text.split("\n")):
                if n:
                    self.end(state)
                self.pieces.append(piece)

    def end(self, state: _State) -> None:
        if self.pieces:
            text = "".join(self.pieces).replace("\xa0", " ").rstrip()
            self.shown.lines.append(Line(text, self.depth, self.mark))
            self.pieces = []
        self.depth, self.mark = state.depth, state.mark


def _walk(root: etree._Element, shown: Shown, hidden_classes: frozenset[str]) -> None:
    """Depth first without recursion: nesting of any depth costs memory only."""
    writer = _Writer(shown)
    stack: list[tuple[etree._Element, _State, bool]] = [(root, _State(), False)]
    while stack:
        node, state, leaving = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        if leaving:
            name = tag.rpartition(":")[2].lower()
            outer = state
            if name in _BLOCK:
                writer.end(outer)
            elif name in ("td", "th"):
                writer.text("　", outer)
            if node.tail:
                writer.text(node.tail, outer)
            continue
        stack.append((node, state, True))
        name = tag.rpartition(":")[2].lower()
        if not tag or name in _SKIP:
            continue
        inner = _enter(node, name, state, hidden_classes)
        if name in _BLOCK:
            writer.end(state)
        if name == "br":
            writer.pieces.append("") if not writer.pieces else None
            if not inner.hidden:
                if not writer.pieces:
                    writer.pieces = [""]
                writer.end(inner)
        elif name == "hr" and not inner.hidden:
            shown.lines.append(Line("", inner.depth, "rule"))
        elif name == "a" and not inner.depth and node.get("href"):
            shown.links.append(("".join(str(t) for t in node.itertext()).strip(), node.get("href") or ""))
        if node.text:
            writer.text(node.text, inner)
        for child in reversed(node):
            stack.append((child, inner, False))
    writer.end(_State())
    shown.hidden = " ".join(writer.hidden)[:5000]


def _enter(node: etree._Element, name: str, outer: _State, hidden_classes: frozenset[str]) -> _State:
    style = (node.get("style") or "").lower()
    names = f"{node.get('class') or ''} {node.get('id') or ''}"
    plain = not style and names == " " and name not in ("blockquote", "pre", "font", "body", "td", "table")
    if plain and node.get("hidden") is None:
        return outer
    state = _State(outer.depth, outer.mark, outer.hidden, outer.background, outer.color, outer.pre)
    if name == "blockquote":
        state.depth += 1
    elif names != " " and _QUOTED.search(names) and "gmail_quote" not in names.split()[:0]:
        state.depth += 0 if name == "div" and "moz-cite-prefix" in names else (0 if state.depth else _quote_step(names))
    if names != " " and _SIGNATURE.search(names):
        state.mark = "signature"
    elif names != " " and _CLOUD.search(names):
        state.mark = "cloud"
    if name == "pre":
        state.pre = True
    if node.get("bgcolor"):
        state.background = _rgb(node.get("bgcolor") or "") or state.background
    if node.get("color"):
        state.color = _rgb(node.get("color") or "") or state.color
    if style:
        found = re.search(r"(?<![\w-])background(?:-color)?\s*:\s*([^;]+)", style)
        if found:
            state.background = _rgb(found[1]) or state.background
        found = re.search(r"(?<![\w-])color\s*:\s*([^;]+)", style)
        if found:
            state.color = _rgb(found[1]) or state.color
    if not state.hidden:
        classes = (node.get("class") or "").split()
        state.hidden = (
            node.get("hidden") is not None
            or any(c in hidden_classes for c in classes)
            or bool(style and _HIDING.search(style))
            or (name == "font" and node.get("size") == "0")
            or _invisible(state)
        )
    elif outer.hidden and state.color is not None and not _invisible(state) and _invisible(outer):
        state.hidden = bool(style and _HIDING.search(style))
    return state


_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|mso-hide\s*:\s*all|(?<![\w-])(?:max-)?height\s*:\s*0(?:px"
    r"|pt)?\s*;[^}]*overflow\s*:\s*hidden"
    r"|overflow\s*:\s*hidden\s*;[^}]*(?<![\w-])(?:max-)?(?:height|width)\s*:\s*0(?:px|pt)?\s*(?:;|$)"
    r"|text-indent\s*:\s*-\d{4,}"
)


def _invisible(state: _State) -> bool:
    return state.color is not None and all(abs(a - b) <= 8 for a, b in zip(state.color, state.background, strict=True))


def _quote_step(names: str) -> int:
    return 0 if re.search(r"appendonsend|divrplyfwdmsg|moz-cite-prefix", names, re.I) else 1


def _rgb(value: str) -> tuple[int, int, int] | None:
    value = value.strip().lower().removesuffix("!important").strip()
    if value in _NAMED:
        return _NAMED[value]
    found = re.search(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", value)
    if found:
        digits = found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    found = re.search(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})", value)
    if found:
        return min(int(found[1]), 255), min(int(found[2]), 255), min(int(found[3]), 255)
    return None
