"""Lines with which people close a letter: names, units, titles, dates, rooms and telephones of a signature or 落款."""

from __future__ import annotations

import re

from daemon.reading.mail_lines import is_reminder

_DIGITS = "0-9０-９〇○零一二三四五六七八九十"
_DATE_LINE = re.compile(
    rf"^[（(]?\s*(?:[{_DIGITS}]{{2,5}}\s*年\s*)?[{_DIGITS}]{{1,3}}\s*月\s*[{_DIGITS}]{{1,3}}\s*[日号]?"
    rf"(?:\s*[（(]?(?:星期|周|礼拜)[一二三四五六日天][)）]?)?\s*(?:[上下]午)?(?:\s*\d{{1,2}}[:：]\d{{2}})?\s*[)）]?$"
)
_DATE_DIGITS = re.compile(
    r"^(?:19|20)\d{2}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}\s*日?"
    r"(?:\s*[（(]?(?:星期|周)[一二三四五六日天][)）]?)?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?$"
)
_DATE_TAIL = re.compile(
    rf"\s*(?:[{_DIGITS}]{{4,5}}\s*年\s*[{_DIGITS}]{{1,3}}\s*月\s*[{_DIGITS}]{{1,3}}\s*日|(?:19"
    rf"|20)\d{{2}}\s*[-./]\s*\d{{1,2}}\s*[-./]\s*\d{{1,2}})\s*$"
)
_DAY_TAIL = re.compile(r"[\s　]+(?:\d{1,2}月\d{1,2}[日号]|\d{1,2}[./]\d{1,2})$")
_DAY_ONLY = re.compile(r"^\d{1,2}[./]\d{1,2}$")
_DATED_BY = re.compile(r"^(?:报告|报送|填报|汇报|落款|提交|呈报)(?:时间|日期)\s*[:：]\s*")
_CONTACT = re.compile(
    r"^(?:[（(]?\s*)?(?:(?:办公|联系|移动|固定)?(?:电\s*话|手\s*机|座\s*机)|(?:联\s*系\s*(?:人|方式)|传\s*真"
    r"|邮\s*箱|电子邮[箱件]|e-?mail|邮\s*编"
    r"|地\s*址|网\s*址|tel|phone|mobile|mob|fax|qq|微\s*信|wechat|office|addr(?:ess)?|分机|短号|经\s*办\s*人"
    r"|署\s*名)\s*[:：.]?|[tmep]\s*[:：]|☎|📞|📱)",
    re.I,
)
_CONTACT_COLON = re.compile(r"^[^。！？；]{0,60}$")
_BARE_CONTACT = re.compile(
    r"^[+(（]?\d[\d\s()（）+-]{5,24}\d$|^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$|^(?:https?://|www\.)\S+$", re.I
)
_SEAL = re.compile(
    r"^[（(【\[]?\s*(?:公\s*章|盖\s*章|签\s*章|印\s*章|代\s*章|单位公章|签\s*字|单位盖章)\s*[)）】\]]?\s*[:：]?\s*$"
)
_HONORIFIC = re.compile(
    r"(?:处长|院长|科长|主任|馆长|部长|书记|校长|副处长|副院长|副科长|干事|老师|同志|科员|秘书|联络员|教授"
    r"|博士|（代）|\(代\))$"
)
#: Common surnames: only beside other signature lines does a short line that begins with one count as a name.
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公仉督岳帅缑亢况郈有琴归海晋楚闫法汝鄢涂钦佘牟佴伯赏墨哈谯笪年爱阳佟肖付代覃麦楼木楚"
)
# fmt: off
_COMPOUND = (
    "欧阳", "司马", "上官", "诸葛", "令狐", "鲜于", "慕容", "司徒", "皇甫", "尉迟", "公孙",
    "东方", "夏侯", "宇文", "长孙", "端木", "百里", "呼延", "南宫", "独孤", "轩辕", "闻人",
    "澹台", "濮阳", "太史", "申屠", "仲孙", "钟离",
)
_NOT_A_NAME = frozenset((
    "谢谢", "多谢", "感谢", "敬礼", "此致", "收到", "收悉", "签收", "好的", "明白", "知悉",
    "同意", "已阅", "辛苦", "顺祝", "祝好", "此复", "特此", "周知", "妥否", "办结", "完成",
    "请示", "盼复", "知道了", "收到了", "谢谢您", "谢谢老师", "辛苦了", "万分感谢", "时祺",
    "冬安", "秋安", "夏安", "春安", "安好", "工作顺利", "圈阅", "时间", "文件", "关于",
    "附件", "通知", "从速", "都好", "都在", "和平", "安排", "平安", "成功", "万事如意",
    "明天", "明日", "明年", "常规", "成绩", "时间紧", "相关", "有关", "管理", "强烈", "尚未",
    "全部", "应该", "单位", "单独", "房间", "广泛", "别急",
))
# fmt: on


_PHONE = r"(?:\+?86[- ]?)?(?:0\d{2,3}[-\s—]?\d{7,8}|1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}|[48]00[-\s]?\d{3,4}[-\s]?\d{3,4})"
_SHORT_PHONE = r"\d{3,5}[-\s]?\d{3,5}|\d{3,8}"
_ANY_PHONE = rf"(?:{_PHONE}|{_SHORT_PHONE})(?:\s*[-转－]\s*\d{{2,6}})?"
_HOTLINE = re.compile(
    r"^[（(]?[\u4e00-\u9fffA-Za-z0-9（）()/ ]{0,12}(?:热\s*线|急\s*诊|电\s*话|值\s*班|报\s*修|抢\s*修|咨\s*询|投\s*诉"
    r"|监\s*督|举\s*报|总\s*机|前\s*台|客\s*服|手\s*机|座\s*机|传\s*真|短\s*号|内\s*线|分\s*机|办\s*公\s*室?|联\s*系|tel|phone|mobile|fax)"
    rf"(?:（[^）]{{1,12}}）|\([^)]{{1,12}}\))?\s*[:：.]?\s*{_ANY_PHONE}(?:\s*[/、,，;；或]\s*{_ANY_PHONE})*"
    r"(?:\s*[（(][^）)]{1,14}[)）])?[)）]?$",
    re.I,
)
_LABELLED = re.compile(
    r"^(?:微信公众号|公众号|公众平台|官\s*方?\s*网\s*站?|官\s*微|视频号|网\s*站|主\s*页|官博|微博|通讯地址|办公地[点址]|单位地址|办公室|地\s*点"
    r"|位\s*置|服务时间|办公时间|工作时间|开放时间|邮政编码|信\s*箱|钉钉|企业微信|飞书)\s*[:：]\s*[^。！？]{2,50}$"
)
_BY = re.compile(
    r"^((?:报送|填报|报告|汇报|呈报)(?:单位|部门|人)|单\s*位|部\s*门|经办人?|联络员|联络人|姓\s*名|来\s*自|审核人|审核|发件人"
    r"|(?:单位|部门)负责人)"
    r"\s*[:：]\s*(.{2,40})$"
)
_LATIN = re.compile(r"^[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ\s.,&'’()/|·:-]{1,99}$")
_COURTESY = re.compile(
    r"(?:best|kind|warm|regards|thank|sincerely|yours|ok|okay|yes|no|done|received|got|noted|confirmed|hi|hello|dear|please"
    r"|fyi|see|will|we|i|it|the report|well|sure|agreed?|copy|roger)\b",
    re.I,
)
_TITLE = re.compile(
    r"^[（(]?[\u4e00-\u9fff]{0,10}(?:处长|院长|科长|主任|馆长|部长|书记|校长|所长|站长|队长|经理|总监|工程师|主席|会长|干事|科员|秘书|联络员"
    r"|教授|讲师|研究员|馆员|助理|辅导员|博士|硕导|博导|导师|会计师|主管|主任医师|护士长|委员|参赞|老师)[)）]?$"
)
_ROOM = re.compile(
    r"^[\u4e00-\u9fffA-Za-z0-9（）()#-]{0,24}(?:楼|座|层|室|馆|区|幢|栋|厅)[A-Za-z]?\d{0,5}(?:室|房|号|办公室|层)?$"
    r"|^(?=.*[路街道巷].{0,5}\d)[\u4e00-\u9fffA-Za-z0-9（）()#-]{2,40}$"
)
_OFFICES = (
    "处|院|部|科|办|室|办公室|中心|馆|所|站|厂|工会|团委|党委|纪委|党总支|党支部|支部|委员会|公司|集团|研究所|医院|出版社|银行|分行|支行|学校"
    "|幼儿园|实验室|基地|食堂|车队|项目部|指挥部|工作组|专班|领导小组|事务所|派出所|教研室|协会|学会|基金会|校友会"
)
_PARTY = re.compile(r"^中共[\u4e00-\u9fff]{2,40}(?:委员会|支部|总支|党组)$")
_SPLIT = re.compile(r"[\s　|｜/·•,，、;；—（）()]+")


def _is_english_name(text: str) -> bool:
    """`Li Ning, Deputy Director`: each word of it with a capital."""
    words = [
        word for word in re.findall(r"[A-Za-zÀ-ÿ'’-]+", text) if word not in ("of", "and", "for", "the", "in", "at")
    ]
    return len(words) >= 2 and all(word[0].isupper() for word in words) and not text.endswith((".", ":"))


class Names:
    """The names that stand in signatures here: of the school, its units and people, and the sender's display name."""

    def __init__(self, school: tuple[str, ...], units: tuple[str, ...], people: tuple[str, ...]) -> None:
        self.school = tuple(s for s in school if s)
        self.units = tuple(sorted((u for u in units if u), key=len, reverse=True))
        self.people = frozenset(p for p in people if p)

    def kind(self, raw: str, display: str) -> str:
        """What a line is in a signature; '' where it is none.

        date, contact, seal, unit, person stand for themselves, a day (without its year) with one of them; maybe (a
        short line like a name) and maybe_unit need company; loose (a hotline, a room, a title, English, how to
        answer) needs a unit or a person above it.
        """
        if len(raw) > 300:
            return ""
        text = " ".join(raw.split())
        if not text:
            return "blank"
        if len(text) <= 100 and _LATIN.match(text):
            return "" if _COURTESY.match(text) else "maybe" if _is_english_name(text) else "loose"
        if len(text) > 90:
            return ""
        when = _DATED_BY.sub("", text)
        if _DATE_LINE.match(when) or _DATE_DIGITS.match(when):
            return "date" if "年" in when or len(when) > 7 else "day"
        if _SEAL.match(text):
            return "seal"
        if len(text) <= 70 and (_BARE_CONTACT.match(text) or (_CONTACT.match(text) and _CONTACT_COLON.match(text))):
            return "contact"
        if _DAY_ONLY.match(text) or _HOTLINE.match(text) or _LABELLED.match(text) or is_reminder(text):
            return "loose"
        return self._named(text, display)

    def _named(self, text: str, display: str) -> str:
        """Lines with names in them: alone, with a date behind, with English beside, with titles and numbers."""
        bare = _DATE_TAIL.sub("", text)
        dated = bare != text
        bare = re.sub(r"[（(](?:公章|盖章|代章|章|代|签字|签章|印章|印|加盖公章|[处部室院科筹])[)）]", "", bare)
        bare = re.sub(r"^[（(]([^（）()]{2,20})代章[)）]$", r"\1", bare).strip(" ,，、/|·—-　")
        if dated and not bare:
            return "date"
        day = _DAY_TAIL.search(bare)
        if day:
            whose = self._named(bare[: day.start()], display)
            return whose if whose in ("unit", "person", "maybe") else ""
        bare = re.sub(r"[\s　]*(?:敬上|敬启|谨启|谨上|敬呈|谨呈|拜上|手启|敬复|谨复)$", "", bare)
        by = [_BY.match(piece) for piece in re.split(r"[\s　]+(?=[\u4e00-\u9fff]{2,6}[:：])", bare)]
        if by and all(by):
            said = [self._who(one[2], display, dated) or self._tokens(one[2], display) for one in by if one]
            weak = len(said) > 1 or any(one and "负责人" in one[1] for one in by)
            return "" if not all(said) else said[0] if said[0] in ("unit", "person") and not weak else "maybe_unit"
        found = self._who(bare, display, dated)
        if found:
            return found
        beside = re.match(
            r"^([\u4e00-\u9fff][^A-Za-z]*?)[\s/|,，(（]+([A-Za-z][A-Za-z\s.,&'’/-]+)[)）]?$", bare
        ) or re.match(r"^(?=([A-Za-z][A-Za-z\s.,&'’/-]+?)[\s/|,，(（]+([\u4e00-\u9fff][^A-Za-z]*?)[)）]?$)", bare)
        if beside:
            han, latin = (beside[1], beside[2]) if beside[1][0] >= "\u4e00" else (beside[2], beside[1])
            if len(latin) >= 3:
                return self._named(han, display) if not re.search("[A-Za-z]", han) else ""
        return self._tokens(bare, display)

    def _tokens(self, text: str, display: str) -> str:
        """`李宁 | 总务处 | 行政楼207 | 13800000000`: pieces each of which may stand in a signature."""
        if re.search(r"[。！？!?]", text):
            return ""
        pieces = [piece for piece in _SPLIT.split(text) if piece]
        if not 1 <= len(pieces) <= 9:
            return ""
        kinds = [self._piece(piece, display) for piece in pieces]
        if "" in kinds or kinds.count("person") + kinds.count("maybe") > 1:
            return ""
        for sure in ("unit", "person"):
            if sure in kinds:
                return sure
        return "maybe" if "maybe" in kinds and len(kinds) > 1 else "maybe_unit" if "maybe_unit" in kinds else "loose"

    def _piece(self, piece: str, display: str) -> str:
        if _HOTLINE.match(piece) or _BARE_CONTACT.match(piece) or re.fullmatch(_ANY_PHONE, piece):
            return "number" if not piece.isdigit() or len(piece) >= 5 else ""
        if _CONTACT.match(piece) and len(piece) <= 40 and not re.search(r"[。！？]", piece):
            return "number"
        found = self._who(piece, display, False)
        if found:
            return found
        if has_verb(piece):
            return ""
        return "title" if _TITLE.match(piece) else "room" if _ROOM.match(piece) else ""

    def _who(self, text: str, display: str, dated: bool) -> str:
        compact = re.sub(r"[\s　/|·,，、—-]+", "", text)
        if not compact or re.search(r"[。！？；：:!?;]", text):
            return ""
        name = _HONORIFIC.sub("", compact)
        if compact in self.people or name in self.people or (display and compact == display and not has_verb(compact)):
            return "person"
        if _PARTY.match(compact) or self._of_unit(compact, display):
            return "unit"
        office = rf"[\u4e00-\u9fff]{{2,16}}(?:{_OFFICES})"
        if dated and re.fullmatch(office, compact):
            return "unit"
        if re.fullmatch(r"[\u4e00-\u9fff]{2,16}有限(?:责任)?公司", compact) and not has_verb(
            compact.replace("有限", "")
        ):
            return "maybe"
        if re.fullmatch(office, compact) and len(compact) >= 4 and not has_verb(re.sub("有限|办公室", "", compact)):
            return "maybe_unit"
        if name != compact and len(name) <= 2 and name in _SURNAMES | set(_COMPOUND):
            return "maybe"  # 李老师
        return "maybe" if looks_like_name(name) or (name[:1] in ("小", "老") and name[1:] in _SURNAMES) else ""

    def _of_unit(self, compact: str, display: str) -> bool:
        """Whether a line is the school, a unit of it or an office in one, with nothing but a name or a title beside."""
        rest, known = compact, False
        for word in (*self.school, *self.units):
            if word in rest:
                rest, known = rest.replace(word, "", 1), True
        if not known:
            return False
        rest = re.sub(
            r"^中共|(?:总支部?|直属|支部|基层)*(?:委员会|党委|党总支|党支部|工会|团委|分团委|分工会)$", "", rest
        )
        if rest in {unit.removeprefix("校") for unit in self.units}:
            return True
        if not has_verb(re.sub(r"办公室|(?<=[党政综合外校院])办", "", rest)):
            if re.fullmatch(rf"\w{{0,8}}(?:{_OFFICES})", rest):
                return True
            rest = re.sub(rf"^\w{{0,8}}?(?:办公室|{_OFFICES})(?=[\u4e00-\u9fff]{{2,4}}$)", "", rest)
        bare = _HONORIFIC.sub("", rest)
        if not bare or bare in self.people or rest == display:
            return True
        return 2 <= len(bare) <= 4 and looks_like_name(bare)


def has_verb(text: str) -> bool:
    """Whether a line has one of the commonest words of doing and being."""
    return bool(re.search(r"[请已未将按报送签收办完成是的了在有到把转退]", text))


def looks_like_name(text: str) -> bool:
    """Two to four Han characters that begin with a surname, and no common closing word."""
    if not re.fullmatch(r"[\u4e00-\u9fff·]{2,4}", text) or text in _NOT_A_NAME:
        return False
    if text.startswith(_COMPOUND):
        return 3 <= len(text) <= 4
    return text[0] in _SURNAMES and len(text) <= 3
