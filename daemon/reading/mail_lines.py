"""Lines that programs and offices put into every mail: client lines, banners, disclaimers, reminders, rules."""

from __future__ import annotations

import re

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
    r"^[\s*—–=_-]*(?:[【\[（(]?\s*(?:重要|温馨|特别|法律|安全|郑重)?(?:声\s*明|注\s*意|提\s*[示醒]"
    r"|说\s*明|告\s*知|警\s*示)"
    r"\s*[】\])）]?\s*[:：]?\s*)?"
    r"(?:[【\[（(]?\s*(?:免责|保密)(?:声明|提示|条款|须知)|(?:本|此|该)(?:电子)?(?:邮件|信息"
    r"|函件)(?:及(?:其)?(?:所有)?附件)?(?:[（(].{0,10}[)）])?(?:所?(?:含|包含|载)|可能|仅|为|系|中的?|内容"
    r"|属于|含有).{0,40}(?:保密|机密|秘密|专属|指定|收件人|仅供|商业|特权)"
    r"|(?:this|the information (?:contained )?in this) (?:e-?mail|message"
    r"|communication)\b.{0,80}(?:confidential|intended|privileged|attachment)|confidential(?:ity)? notice"
    r"|disclaimer\s*[:：]"
    r"|(?:如果|如|若)(?:您|你)?(?:不是|并非|非)(?:本邮件的?)?(?:指定|预期|预定)?(?:的)?收件人|virus-free"
    r"|本邮件(?:已|不含)?.{0,10}(?:病毒扫描|病毒)|avast|please consider the environment"
    r"|(?:请在?)?打印.{0,6}前.{0,6}(?:环境|三思|环保)"
    r"|请考虑环境|[如若](?:果)?(?:您|你)?(?:错误(?:地)?收到|误收)(?:了)?(?:本|此|该)?(?:邮件|信息)?)",
    re.I,
)
#: Words of a notice about the mail itself; a notice only where a rule sets it off.
_ABOUT_MAIL = re.compile(
    r"(?:本|此|该)(?:电子)?邮件|收件人|误收|保密|机密|泄[露密]|法律责任|confidential|e-?mail|recipient|intended"
    r"|回复.{0,6}主题|打印.{0,8}(?:环境|必要|三思)|环保|节约用纸|病毒",
    re.I,
)
_REMINDER = re.compile(
    r"^[（(【*※]*(?:温馨提示|提示|提醒|注)?[:：]?(?:(?:您|如需)?(?:回复|答复|来信|回信|复信)(?:本?邮件)?时?[,，]?(?:请|敬请)?|请|敬请)"
    r"(?:勿|不要|保留|保持|注明|写明|务必保留)(?:改动|修改|更改|改变|变更|删除|直接回复|回复)?.{0,8}"
    r"(?:主题|标题|原文|来信|本邮件|此邮件|本邮箱|文号)(?:栏|行|内容|不变|中的文号)?[。！.!)）】*]*$"
)
_BANNER = re.compile(
    r"^[\s【\[(（*⚠️!！-]*(?:外部邮件|external(?: e-?mail| sender)?|caution|注意|警告|提醒|安全提示"
    r"|此邮件来自(?:外部|校外|组织外)|本邮件来自(?:外部|校外|组织外)|您不经常收到来自|this (?:e-?mail"
    r"|message) (?:originated|was sent|came) from)"
    r".{0,160}(?:外部|校外|组织外|external|outside|谨慎|勿点击|不要点击|不经常收到|caution)",
    re.I,
)
_MARK = re.compile(r"^\s*(?:--\s?|—{2,3}|(?:[-—–―_=*#+~～·•.…☆★◆◇■●○※─━═－＿＝＊][ 　]?){3,80})\s*$")


def is_client_line(text: str) -> bool:
    """`发自我的 iPhone` and its like: never the sender's words."""
    return len(text) <= 60 and bool(_CLIENT.match(text.strip()))


def is_disclaimer(text: str) -> bool:
    return bool(_DISCLAIMER.match(text))


def is_about_mail(text: str) -> bool:
    """Whether words below a rule may be a notice on the mail, in whatever words it is told."""
    return bool(_ABOUT_MAIL.search(text))


def is_reminder(text: str) -> bool:
    """`回复时请勿改动主题`: how to answer, as it stands below signatures and in our own mails."""
    return len(text) <= 40 and bool(_REMINDER.match("".join(text.split())))


def is_banner(text: str) -> bool:
    return bool(_BANNER.match(text))


def is_mark(text: str) -> bool:
    """A line that sets a signature off: `--`, a rule of dashes."""
    return len(text) < 200 and bool(_MARK.match(text))
