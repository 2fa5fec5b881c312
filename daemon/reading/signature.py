"""Lines that close a letter and say nothing: signature blocks, 落款, client lines, disclaimers."""

from __future__ import annotations

import re

_DIGITS = "0-9０-９〇○零一二三四五六七八九十"
_DATE_LINE = re.compile(
    rf"^[（(]?\s*(?:[{_DIGITS}]{{2,5}}\s*年\s*)?[{_DIGITS}]{{1,3}}\s*月\s*[{_DIGITS}]{{1,3}}\s*[日号]?\s*[)）]?$"
)
_DATE_DIGITS = re.compile(
    r"^(?:19|20)\d{2}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?$"
)
_DATE_TAIL = re.compile(
    rf"\s*(?:[{_DIGITS}]{{4,5}}\s*年\s*[{_DIGITS}]{{1,3}}\s*月\s*[{_DIGITS}]{{1,3}}\s*日|(?:19"
    rf"|20)\d{{2}}\s*[-./]\s*\d{{1,2}}\s*[-./]\s*\d{{1,2}})\s*$"
)
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
    r"^[（(【\[]?\s*(?:公\s*章|盖\s*章|签\s*章|印\s*章|代\s*章|单位公章|签\s*字)\s*[)）】\]]?\s*[:：]?\s*$"
)
_CLIENT = re.compile(
    r"^(?:[-—–_*•·\s]*)(?:发自我的|发送自|来自我的|从我的.{1,20}发送|由我的.{1,20}发送|通过.{0,12}(?:邮箱|手机"
    r"|客户端).{0,6}发送|sent from|发自\s*\S{0,20}(?:邮箱|手机|客户端|iphone|ipad|android|mail)"
    r"|从\s?(?:windows|mac|outlook|yahoo|我的|\S{0,10}手机).{0,24}发送|get outlook for"
    r"|获取\s*(?:适用于\s*)?.{0,20}(?:outlook|android|ios)|下载\s*outlook|来自\s?(?:qq|网易"
    r"|\S{0,8})邮箱.{0,12}(?:手机版|客户端|app)?$"
    r"|签名由.{0,20}定制|由.{0,14}(?:邮箱大师|邮箱).{0,8}(?:定制|发送)|(?:此|本)邮件(?:由|通过|从).{0,20}发送"
    r"|使用.{0,14}邮箱.{0,6}发送|outlook for (?:ios|android)|使用(?:钉钉|飞书|企业微信).{0,10}发送"
    r"|—+\s*来自.{0,20}$"
    r"|获取.{0,6}(?:安卓|苹果).{0,6}版)",
    re.I,
)
_DISCLAIMER = re.compile(
    r"^[\s*—–=_-]*(?:【?\s*(?:免责|保密)(?:声明|提示|条款)|(?:本|此|该)(?:电子)?(?:邮件|信息"
    r"|函件)(?:及(?:其)?(?:所有)?附件)?(?:[（(].{0,10}[)）])?(?:所?(?:含|包含|载)|可能|仅|为|系|中的?|内容"
    r"|属于|含有).{0,40}(?:保密|机密|秘密|专属|指定|收件人|仅供|商业|特权)"
    r"|(?:this|the information (?:contained )?in this) (?:e-?mail|message"
    r"|communication)\b.{0,80}(?:confidential|intended|privileged|attachment)|confidential(?:ity)? notice"
    r"|disclaimer\s*[:：]"
    r"|(?:如果|如|若)(?:您|你)?(?:不是|并非|非)(?:本邮件的?)?(?:指定|预期|预定)?(?:的)?收件人|virus-free"
    r"|本邮件(?:已|不含)?.{0,10}(?:病毒扫描|病毒)|avast|please consider the environment|打印前请考虑环境"
    r"|请考虑环境|如您?错误收到|若您?误收)",
    re.I,
)
_BANNER = re.compile(
    r"^[\s【\[(（*⚠️!！-]*(?:外部邮件|external(?: e-?mail| sender)?|caution|注意|警告|提醒|安全提示"
    r"|此邮件来自(?:外部|校外|组织外)|本邮件来自(?:外部|校外|组织外)|您不经常收到来自|this (?:e-?mail"
    r"|message) (?:originated|was sent|came) from)"
    r".{0,160}(?:外部|校外|组织外|external|outside|谨慎|勿点击|不要点击|不经常收到|caution)",
    re.I,
)
_MARK = re.compile(r"^\s*(?:--\s?|—{2,3}|-{3,60}|_{3,60}|={3,60}|\*{3,60}|[-—=_*～~]{4,80})\s*$")
_HONORIFIC = re.compile(
    r"(?:处长|院长|科长|主任|馆长|部长|书记|校长|副处长|副院长|副科长|干事|老师|同志|科员|秘书|联络员|教授"
    r"|博士|（代）|\(代\))$"
)
#: Common surnames: only beside other signature lines does a short line that begins with one count as a name.
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公仉督岳帅缑亢况郈有琴归海晋楚闫法汝鄢涂钦佘牟佴伯赏墨哈谯笪年爱阳佟肖付代覃麦楼木楚"
)
_COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "令狐",
    "鲜于",
    "慕容",
    "司徒",
    "皇甫",
    "尉迟",
    "公孙",
    "东方",
    "夏侯",
    "宇文",
    "长孙",
    "端木",
    "百里",
    "呼延",
    "南宫",
    "独孤",
    "轩辕",
    "闻人",
    "澹台",
    "濮阳",
    "太史",
    "申屠",
    "仲孙",
    "钟离",
)
_NOT_A_NAME = frozenset(
    [
        "谢谢",
        "多谢",
        "感谢",
        "敬礼",
        "此致",
        "收到",
        "收悉",
        "签收",
        "好的",
        "明白",
        "知悉",
        "同意",
        "已阅",
        "辛苦",
        "顺祝",
        "祝好",
        "此复",
        "特此",
        "周知",
        "妥否",
        "办结",
        "完成",
        "请示",
        "盼复",
        "知道了",
        "收到了",
        "谢谢您",
        "谢谢老师",
        "辛苦了",
        "万分感谢",
        "时祺",
        "冬安",
        "秋安",
        "夏安",
        "春安",
        "安好",
        "工作顺利",
        "圈阅",
        "时间",
        "文件",
        "关于",
        "附件",
        "通知",
        "从速",
        "都好",
        "都在",
        "和平",
        "安排",
        "平安",
        "成功",
        "万事如意",
        "明天",
        "明日",
        "明年",
        "常规",
        "成绩",
        "时间紧",
        "相关",
        "有关",
        "管理",
        "强烈",
        "尚未",
        "全部",
        "应该",
        "单位",
        "单独",
        "房间",
        "广泛",
        "别急",
    ]
)


def is_client_line(text: str) -> bool:
    """`发自我的 iPhone` and its like: never the sender's words."""
    return len(text) <= 60 and bool(_CLIENT.match(text.strip()))


def is_disclaimer(text: str) -> bool:
    return bool(_DISCLAIMER.match(text))


def is_banner(text: str) -> bool:
    return bool(_BANNER.match(text))


def is_mark(text: str) -> bool:
    """A line that sets a signature off: `--`, a rule of dashes."""
    return len(text) < 200 and bool(_MARK.match(text))


class Names:
    """The names that stand in signatures here: of the school, its units and people, and the sender's display name."""

    def __init__(self, school: tuple[str, ...], units: tuple[str, ...], people: tuple[str, ...]) -> None:
        self.school = tuple(s for s in school if s)
        self.units = tuple(sorted((u for u in units if u), key=len, reverse=True))
        self.people = frozenset(p for p in people if p)

    def kind(self, raw: str, display: str) -> str:
        """What a line is in a signature: date, contact, seal, unit, person, maybe (a short line like a name) or ''."""
        if len(raw) > 300:
            return ""
        text = " ".join(raw.split())
        if not text:
            return "blank"
        if len(text) > 70:
            return ""
        if _DATE_LINE.match(text) or _DATE_DIGITS.match(text):
            return "date"
        if _SEAL.match(text):
            return "seal"
        if _BARE_CONTACT.match(text) or (_CONTACT.match(text) and _CONTACT_COLON.match(text)):
            return "contact"
        bare = _DATE_TAIL.sub("", text)
        dated = bare != text
        bare = re.sub(r"[（(](?:公章|盖章|代章|章|代)[)）]", "", bare).strip(" ,，、/|·—-　")
        if dated and not bare:
            return "date"
        return self._who(bare, display, dated)

    def _who(self, text: str, display: str, dated: bool) -> str:
        compact = re.sub(r"[\s　/|·,，、—-]+", "", text)
        if not compact or re.search(r"[。！？；：:!?;]", text):
            return ""
        name = _HONORIFIC.sub("", compact)
        if compact in self.people or name in self.people or (display and compact == display and not _verb(compact)):
            return "person"
        rest, of_unit = compact, False
        for word in (*self.school, *self.units):
            if word and word in rest:
                rest, of_unit = rest.replace(word, "", 1), True
        if of_unit:
            rest = re.sub(r"^(?:办公室|综合科|党政办|综合办|秘书科|行政科|\w{1,6}(?:科|办|部|室|中心))", "", rest) or ""
            bare = _HONORIFIC.sub("", rest)
            if not bare or bare in self.people or rest == display or (2 <= len(bare) <= 4 and looks_like_name(bare)):
                return "unit"
        if (
            dated
            and 2 <= len(compact) <= 16
            and re.search(r"(?:处|院|部|科|办公室|中心|馆|室|委员会|党委|集团|公司|学院)$", compact)
        ):
            return "unit"
        if re.fullmatch(
            r"[\u4e00-\u9fff]{3,16}(?:处|学院|部|科|办公室|中心|图书馆|档案馆|委员会|研究院)", compact
        ) and not _verb(compact):
            return "maybe_unit"
        return "maybe" if looks_like_name(name) else ""


def _verb(text: str) -> bool:
    return bool(re.search(r"[请已未将按报送签收办完成是的了在有到把转退]", text))


def looks_like_name(text: str) -> bool:
    """Two to four Han characters that begin with a surname, and no common closing word."""
    if not re.fullmatch(r"[\u4e00-\u9fff·]{2,4}", text) or text in _NOT_A_NAME:
        return False
    if text.startswith(_COMPOUND):
        return 3 <= len(text) <= 4
    return text[0] in _SURNAMES and len(text) <= 3
