"""Mottos as they stand below names in signatures, and the words of a report that stand in none."""

from __future__ import annotations

import re

from daemon.reading.signature import has_verb

_NEWS = re.compile(
    r"[已未请另附您你]|我(?!们)|收到|收悉|办结|办理|延期|签收|完成|完毕|报送|报告|本周|下周|今天|明天|今日|明日|照片|详见|见附|上报|落实到|正在|尚|争取|预计|同意"
    r"|不变|没有|无异议|再说|先这样|稍后|随后|谢|此复|特此|为盼|敬礼|祝|望|麻烦|辛苦|进展|顺利|正常|如下|以上"
)
_MOTTO = re.compile(
    r"^[【“「『\"《]?(?:校训|院训|馆训|口号|服务宗旨|宗旨|理念|愿景|使命|服务理念)[】]?\s*[:：]\s*[^。；？]{4,40}$"
)


def tells(text: str) -> bool:
    """Whether a line has words of a report or a request, which stand in no signature."""
    return bool(_NEWS.search(text))


def is_slogan(text: str) -> bool:
    """A motto as stands below names in signatures: short, no sentence, no news. Only its place makes it sure."""
    text = text.strip()
    if _MOTTO.match(text):
        return True
    bare = text.strip("“”「」『』\"'【】《》~～—-·*★☆♥❤ ")
    if not 4 <= len(bare) <= 40 or tells(bare):
        return False
    pieces = [piece for piece in re.split(r"[\s　·•,，、|/—！!-]+", bare) if piece]
    if not all(re.fullmatch(r"[\u4e00-\u9fff]{2,12}", piece) for piece in pieces):
        return False
    if len(pieces) >= 2 and len({len(piece) for piece in pieces}) == 1:
        return True
    if len(bare) > 24 or bare.endswith(("!", "！", "了")):
        return False
    return bare[0] in "让为愿用以" or not has_verb(re.sub("有?([^有]{1,6})的", r"\1", bare))
