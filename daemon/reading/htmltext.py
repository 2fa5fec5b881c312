"""The lines a reader of an HTML mail would see: hidden text left out, quoting and signature marked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lxml import etree
from lxml import html as lxml_html

#: Larger HTML is cut: a stationery background in base64 is no text.
HTML_LIMIT = 2_000_000
#: Longer tags are looked at: libxml2 compares each attribute with each, a hundred thousand of them for minutes.
_LONG_TAG = re.compile(r"<[^<>]{5000}[^<>]*>?")
_ATTRIBUTES = 500
_DATA_URL = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]{200,}")
# fmt: off
_BLOCK = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "includetail", "li", "main", "nav",
    "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
))
_SKIP = frozenset((
    "head", "iframe", "link", "meta", "noscript", "object", "script", "select", "style", "svg", "template", "textarea",
    "title", "xml",
))
# fmt: on
#: Elements whose look may change without a style, class or id.
_TELLING = frozenset(("blockquote", "pre", "font", "body", "td", "table"))
_SIGNATURE = re.compile(
    r"signature|mail[-_]?sign|ntes[-_]?signature|qmsign|foxmail_sign|__aliyun_signature|gmail_signature"
    r"|netease.?mail.?card|divneteasemailcard|xm_write_sign|lark-mail-sign|moz-signature|ms-outlook-mobile-signature",
    re.I,
)
_QUOTED = re.compile(
    r"gmail_quote|isreplycontent|__aliyun_previous_message|yahoo_quoted|moz-cite-prefix|lark-mail-quote|history-quote"
    r"|qmquote|mail-?quote|divrplyfwdmsg|appendonsend|ntes_not_fresh_user_quote",
    re.I,
)
#: Names of what stands before a quote, itself not quoted.
_BEFORE_QUOTE = re.compile(r"appendonsend|divrplyfwdmsg|moz-cite-prefix", re.I)
_CLOUD = re.compile(r"bigattach|divneteasebigattach|largeattach|cloud-?attach|superattach|file-?block", re.I)
_RULE = re.compile(
    r"\.([\w-]+)\s*(?:,\s*\.[\w-]+\s*)*\{[^{}]*(?:display\s*:\s*none|visibility\s*:\s*hidden)[^{}]*\}", re.I
)
_NAMED = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "crimson": (220, 20, 60),
    "darkred": (139, 0, 0),
    "blue": (0, 0, 255),
    "green": (0, 128, 0),
    "purple": (128, 0, 128),
    "orange": (255, 165, 0),
    "transparent": None,
    "inherit": None,
}


@dataclass(slots=True)
class Line:
    """One line as shown. `depth`: levels of quoting; `mark`: signature, cloud, rule (a horizontal rule), typed (into
    our form) or ''; `coloured`: what of it is written in red, blue or another strong colour, links apart."""

    text: str
    depth: int = 0
    mark: str = ""
    coloured: str = ""


@dataclass(slots=True)
class Shown:
    lines: list[Line] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # (text, address) outside of quotes
    hidden: str = ""  # text that no reader sees


Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _State:
    """How text stands where it stands."""

    depth: int = 0
    mark: str = ""
    hidden: bool = False
    background: Colour = (255, 255, 255)
    color: Colour | None = None
    pre: bool = False
    link: bool = False

    @property
    def strong(self) -> bool:
        """Written in a colour that is neither black, grey nor a shade of them."""
        return self.color is not None and not self.link and max(self.color) - min(self.color) >= 100

    @property
    def invisible(self) -> bool:
        """Written in the colour of the paper."""
        return self.color is not None and all(abs(a - b) <= 8 for a, b in zip(self.color, self.background, strict=True))


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element's attributes say of its text, whatever stands around it."""

    quotes: bool
    mark: str
    hides: bool
    background: Colour | None
    color: Colour | None


def fold(text: str) -> str:
    """Width, case and white space folded, as a reader would not see them."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def lines_of(source: str) -> Shown:
    """Lines of an HTML mail. What cannot be parsed is shown without its tags."""
    shown = Shown()
    if len(source) > HTML_LIMIT // 4:
        source = _DATA_URL.sub("", source)[:HTML_LIMIT]
    source = _LONG_TAG.sub(_shortened, source)
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


def _shortened(tag: re.Match[str]) -> str:
    """A long tag's beginning where it has attributes without end; words behind a bare `<` stay whole."""
    return tag[0][:5000] + ">" if len(_BETWEEN.findall(tag[0])) > _ATTRIBUTES else tag[0]


_BETWEEN = re.compile(r"[\s=/\"']+")


def _hidden(style: str) -> list[str]:
    return [name for rule in _RULE.finditer(style) for name in re.findall(r"\.([\w-]+)", rule[0].partition("{")[0])]


_WHITE = re.compile(r"[ \t\r\n]+")


class _Writer:
    """Gathers pieces of text into lines; a line stands as deep as its first visible piece."""

    def __init__(self, shown: Shown) -> None:
        self.shown = shown
        self.pieces: list[str] = []
        self.hidden: list[str] = []
        self.blank = True  # nothing to be seen in this line yet
        self.depth = 0
        self.mark = ""
        self.coloured: list[str] = []

    def text(self, text: str, state: _State) -> None:
        if state.hidden:
            if not text.isspace():
                self.hidden.append(text)
            return
        if not state.pre:
            text = _WHITE.sub(" ", text)
        if not self.pieces and text.isspace():
            return
        first, *others = text.split("\n") if state.pre else (text,)
        self._add(first, state)
        for piece in others:
            self.end(state)
            self._add(piece, state)

    def _add(self, piece: str, state: _State) -> None:
        if self.blank:
            self.depth, self.mark = state.depth, state.mark
            self.blank = not piece.strip()
        self.pieces.append(piece)
        if state.strong:
            self.coloured.append(piece)

    def end(self, state: _State) -> None:
        """The line ends, if there is one; `state`: how the next one begins."""
        if self.pieces:
            text = "".join(self.pieces).replace("\xa0", " ").rstrip()
            coloured = "".join(self.coloured).replace("\xa0", " ").strip()
            self.shown.lines.append(Line(text, self.depth, self.mark, coloured))
            self.pieces, self.coloured = [], []
        self.blank, self.depth, self.mark = True, state.depth, state.mark

    def break_line(self, state: _State) -> None:
        """A `<br>`: ends the line, an empty one too."""
        if not self.pieces:
            self.pieces = [""]
        self.end(state)


def _walk(root: etree._Element, shown: Shown, hidden_classes: frozenset[str]) -> None:
    """Depth first without recursion: nesting of any depth costs memory only."""
    writer = _Writer(shown)
    stack: list[tuple[etree._Element, _State, str]] = [(root, _State(), "")]
    while stack:
        node, outer, leaving = stack.pop()
        if leaving:
            _leave(node, outer, leaving, writer)
            continue
        name = _name(node.tag) if isinstance(node.tag, str) else "!"
        if name == "!" or name in _SKIP:
            _leave(node, outer, name, writer)
            continue
        inner = _enter(node, name, outer, hidden_classes)
        if name in _BLOCK:
            writer.end(outer)
        if name == "br":
            if not inner.hidden:
                writer.break_line(inner)
        elif name == "hr" and not inner.hidden:
            shown.lines.append(Line("", inner.depth, "rule"))
        elif name == "a" and not inner.depth and node.get("href"):
            shown.links.append(("".join(str(t) for t in node.itertext()).strip(), node.get("href") or ""))
        if node.text:
            writer.text(node.text, inner)
        if len(node):
            stack.append((node, outer, name))
            stack.extend((child, inner, "") for child in reversed(node))
        else:
            _leave(node, outer, name, writer)
    writer.end(_State())
    shown.hidden = " ".join(writer.hidden)[:5000]


def _leave(node: etree._Element, outer: _State, name: str, writer: _Writer) -> None:
    if name in _BLOCK:
        writer.end(outer)
    elif name in ("td", "th"):
        writer.text("　", outer)
    if node.tail:
        writer.text(node.tail, outer)


@lru_cache(maxsize=1000)
def _name(tag: str) -> str:
    """An element's name without its namespace (`o:p` of Word)."""
    return tag.rpartition(":")[2].lower() or "!"


def _enter(node: etree._Element, name: str, outer: _State, hidden_classes: frozenset[str]) -> _State:
    """How text inside the element stands."""
    told = node.attrib
    if not told and name not in _TELLING:
        return outer
    look = _look(
        told.get("style", ""), told.get("class", ""), told.get("id", ""), told.get("bgcolor", ""), told.get("color", "")
    )
    hides = (
        look.hides
        or "hidden" in told
        or (name == "font" and told.get("size") == "0")
        or (bool(hidden_classes) and not hidden_classes.isdisjoint(told.get("class", "").split()))
    )
    # A quoting class inside a quote adds nothing; each <blockquote> is one level more.
    deeper = 1 if name == "blockquote" else int(look.quotes and not outer.depth)
    state = _State(
        outer.depth + deeper,
        look.mark or outer.mark,
        outer.hidden,
        look.background or outer.background,
        look.color or outer.color,
        outer.pre or name == "pre",
        outer.link or name == "a",
    )
    if not outer.hidden:
        return replace(state, hidden=True) if hides or state.invisible else state
    # Inside what only its colour hid, another colour is seen again.
    seen_again = state.color is not None and not state.invisible and outer.invisible and not look.hides
    return replace(state, hidden=False) if seen_again else state


@lru_cache(maxsize=4096)
def _look(style: str, classes: str, identity: str, background: str, color: str) -> _Look:
    """Cached: a mail has hundreds of elements and few looks."""
    style, names = style.lower(), f"{classes} {identity}"
    of_style = {"background": _rgb(background) if background else None, "color": _rgb(color) if color else None}
    for found in _COLOURS.finditer(style):
        which = "background" if found[1].startswith("background") else "color"
        of_style[which] = _rgb(found[2]) or of_style[which]
    mark = "signature" if _SIGNATURE.search(names) else "cloud" if _CLOUD.search(names) else ""
    quotes = bool(_QUOTED.search(names)) and not _BEFORE_QUOTE.search(names)
    return _Look(quotes, mark, bool(_HIDING.search(style)), of_style["background"], of_style["color"])


_COLOURS = re.compile(r"(?<![\w-])(background(?:-color)?|color)\s*:\s*([^;]+)")
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|mso-hide\s*:\s*all|(?<![\w-])(?:max-)?height\s*:\s*0(?:px"
    r"|pt)?\s*;[^}]*overflow\s*:\s*hidden"
    r"|overflow\s*:\s*hidden\s*;[^}]*(?<![\w-])(?:max-)?(?:height|width)\s*:\s*0(?:px|pt)?\s*(?:;|$)"
    r"|text-indent\s*:\s*-\d{4,}"
)


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
