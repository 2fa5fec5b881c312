"""A mail's HTML made harmless: no script, no remote anything, links inert and listed, inline pictures as data."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import nh3

from daemon.reading.shapes import Part

#: Answered with the HTML version alone, at its own address: an iframe by `srcdoc` would inherit the page's policy.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"

_TAGS = (nh3.ALLOWED_TAGS | {"font", "u", "center"}) - {"map", "area"}
_LOOK = {"style", "align", "valign", "width", "height", "bgcolor", "color", "size", "face", "border", "dir"}
_LAID_OUT = {"cellpadding", "cellspacing", "colspan", "rowspan"}
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-left", "border-right", "border-top",
    "color", "display", "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing",
    "line-height", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top",
    "max-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align",
    "text-decoration", "text-indent", "vertical-align", "visibility", "white-space", "width", "word-break",
}  # fmt: skip
_RASTER = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}
_PICTURE_LIMIT = 1_000_000
_FRAME = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>网页版式</title></head><body>{}</body></html>'
)


@dataclass(frozen=True, slots=True)
class Washed:
    """`page`: a whole document to serve with POLICY. `links`: where the links would have led, in their order."""

    page: str
    links: tuple[str, ...]


def wash(html: str, parts: Sequence[Part] = ()) -> Washed:
    """`html` without anything that acts or fetches; `cid:` pictures of `parts` up to 1 MB become data."""
    pictures = {
        p.content_id.strip("<>"): p
        for p in parts
        if p.content_id and p.media_type in _RASTER and len(p.data) <= _PICTURE_LIMIT
    }
    links: list[str] = []

    def look(tag: str, name: str, value: str) -> str | None:
        if (tag, name) == ("a", "href"):
            if value not in links:
                links.append(value)
            return None
        if (tag, name) == ("img", "src"):
            part = pictures.get(value.removeprefix("cid:")) if value.startswith("cid:") else None
            if part is None:
                return None
            return f"data:{part.media_type};base64,{base64.b64encode(part.data).decode('ascii')}"
        return value

    clean = nh3.clean(
        html,
        tags=set(_TAGS) | {"img"},
        attributes={
            "*": _LOOK,
            "a": {"href"},
            "img": {"src", "alt", "width", "height"},
            "td": _LAID_OUT,
            "th": _LAID_OUT,
            "table": _LAID_OUT,
        },
        attribute_filter=look,
        url_schemes={"cid", "data", "http", "https", "mailto"},
        filter_style_properties=_STYLES,
        link_rel=None,
        clean_content_tags={"script", "style", "title"},
    )
    return Washed(_FRAME.format(clean), tuple(links))
