"""Where the words end: signature blocks of many styles, and last lines that look like one and are words."""

from __future__ import annotations

import html
import time
from typing import Any

import pytest

WORDS = [
    "督察科：\n　　热水系统改造已完成三栋，其余两栋在施工。",
    "谷老师：\n通知单收悉，由李宁负责。\n谢谢！",
    "收到。",
    "各项整改均已办结，情况报告如下：\n1. 更换水表12块；\n2. 重做防水46平方米；\n3. 清理管沟3处。\n　　此致\n敬礼！",
]
BLOCKS = {
    "name, unit": "李宁\n总务处",
    "name, unit, hotline": "李宁\n松原学院总务处\n报修热线：0999-5550199",
    "hotline of two numbers": "总务处\n24小时值班电话：5550100、5550101",
    "emergency and address": "陆一鸣\n图书馆\n地址：松原市文苑路12号 图书馆一楼\n急诊：0999-5550120",
    "motto of four": "总务处\n服务育人  保障有力",
    "motto with dots": "学工部\n立德 · 笃行 · 求真",
    "motto with comma": "李宁\n总务处\n用心做好后勤，用情服务师生",
    "motto in one": "图书馆\n知识的殿堂",
    "motto named": "松原学院图书馆\n馆训：开卷有益，惜时如金",
    "motto quoted": "图书馆\n“读万卷书 行万里路”",
    "motto with a call": "学工部\n拼搏进取，勇攀高峰！",
    "motto below telephone": "李宁\n电话：0999-5550100\n勤俭办校 节约光荣",
    "english name": "李宁 Li Ning\n总务处 General Affairs Office\nTel: 0999-5550100",
    "english title": "李宁\n总务处副处长\nLi Ning, Deputy Director",
    "english below": "李宁\n总务处\nGeneral Affairs Office, Songyuan College",
    "english before": "Li Ning 李宁\n总务处",
    "party committee": "中共松原学院图书馆总支部委员会\n2026年12月17日",
    "party committee unknown": "中共松原学院机关委员会\n2026年12月17日",
    "party branch": "松原学院总务处党支部\n2026年11月3日",
    "union": "松原学院工会\n2026年11月3日",
    "office of a unit": "沈清\n学工部办公室\n0999-5550422",
    "office of a unit, with a name": "图书馆办公室 沈清",
    "党政办 of a unit": "沈清\n学工部党政办",
    "office that is in no list": "沈清\n化学化工学院办公室\n0999-5550422",
    "office in unit": "总务处综合科\n2026.11.3",
    "weekday": "学工部\n2026年11月3日（星期二）",
    "weekday, digits": "学工部\n2026-11-03 周二",
    "room": "李宁\n总务处\n行政楼207",
    "school and room": "李宁\n总务处\n松原学院 行政楼B座305室\n电话：0999-5550220",
    "one line": "李宁 | 总务处 | 行政楼207 | 13800000000",
    "one line with titles": "李宁  总务处副处长  0999-5550100",
    "title below": "李宁\n总务处党支部书记、副处长\n手机 13800000000",
    "company": "尉迟圆\n北膳餐饮服务有限公司\n客服：400-555-0100",
    "company with slogan": "沈清\n松原市安居物业服务有限公司\n安居乐业 美好相伴",
    "dashes": "———\n李宁\n总务处",
    "long dashes": "————————————\n李宁　总务处\n电话 5550100",
    "stars": "******************\n李宁\n总务处\n服务至上",
    "equals": "==================\n图书馆\n0999-5550155",
    "spaced dashes": "- - - - - - - -\n李宁\n学工部",
    "box drawing": "━━━━━━━━━━\n李宁\n学工部",
    "tildes and motto": "~~~~~~~~\n厚德博学 知行合一\n李宁\n学工部",
    "reminder below": "李宁\n总务处\n回复时请勿改动主题",
    "reminder in brackets": "总务处\n（回复请保留主题中的文号）",
    "disclaimer below dashes": "总务处\n2026年11月13日\n\n--------------------\n"
    "重要提示：本邮件内容仅供收件人参考，涉及个人信息的请勿外传。",
    "declaration": "李宁\n\n【声明】本邮件含有保密信息，仅限收件人阅读。未经许可不得转发、复制。",
    "declaration under a line": "李宁\n总务处\n______________________\n温馨提示：打印本邮件前请三思，爱护环境。",
    "english disclaimer": "学工部\n\nDISCLAIMER: This e-mail may contain privileged information.",
    "sent by": "报送单位：总务处\n报送人：李宁\n2026年11月3日",
    "liaison": "总务处\n联络员：李宁  0999-5550100",
    "wechat": "图书馆\n微信公众号：松院图书馆\n网址：www.lib.example",
    "seal": "松原学院总务处（盖章）\n2026年11月3日",
    "fax and mail": "李宁\n总务处\n电话/传真：0999-5550100\nE-mail: zw@uni.example",
    "contact in brackets": "总务处\n（联系人：李宁，电话：0999-5550100）",
    "client line below": "李宁\n总务处\n\n发自我的华为手机",
}


def folded(text: str) -> str:
    return "".join(text.split())


def page(text: str) -> str:
    return "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in text.split("\n"))


@pytest.mark.parametrize("way", ["text", "html", "close"])
@pytest.mark.parametrize("block", BLOCKS)
def test_a_signature_is_cut(office: Any, block: str, way: str) -> None:
    for words in WORDS:
        letter = words + ("\n" if way == "close" else "\n\n") + BLOCKS[block]
        got = office.read("", html=page(letter)) if way == "html" else office.read(letter)
        assert folded(got.body) == folded(words)


STAYS = {
    "one word": "收到",
    "one word more": "收到收到",
    "signed for": "张三已签收",
    "signed for by name": "李宁签收",
    "asked": "请问可以延期吗",
    "no full stop": "督察科：\n热水系统已通到三栋，剩下两栋这周做完",
    "no stop, in pieces": "谷老师：\n设备到货了 本周末割接 不会延期",
    "last line without stop": "谷老师：\n收到通知单。\n照片稍后补发",
    "list at the end": "整改情况：\n1. 消防栓更换12处\n2. 应急灯更换30盏\n3. 培训值班员45人",
    "list of Chinese numbers": "目前情况：\n一是管网已更换\n二是水表已到货",
    "list of units": "本事项由以下单位配合：\n学工部\n图书馆",
    "list of people": "我处参会人员名单：\n李宁\n王敏",
    "table of people": "人员如下\n姓名　部门　电话\n李宁　总务处　5550100\n王敏　学工部　5550101",
    "table of figures": "进度：\n楼栋　完成　剩余\n一号　12　0\n二号　8　4",
    "sum": "收费情况：\n已退：12800元\n合计：1250000",
    "greeting": "督察科：\n　　已办结，请查收。\n　　此致\n敬礼！",
    "best regards": "The report is attached.\n\nBest regards,",
    "thanks last": "已按期办结。\n谢谢支持",
    "please reply": "此事归学工部。\n妥否，请批示",
    "names inside": "此项由李宁、王敏负责，\n高远副校长已阅",
    "person who signed": "通知单已由李处长签收\n签收人：王敏",
    "responsible": "收到。\n责任人：李宁",
    "attachments": "督察科：\n现报送办结报告。\n附件：1. 办结报告.docx\n　　　2. 现场照片.zip",
    "attachments plain": "报告见附件。\n\n附件：整改台账、验收单",
    "rule and list": "总体情况良好。\n------------\n附：整改清单\n1. 宿舍楼\n2. 食堂",
    "rule and words": "第一部分已完成。\n————————\n第二部分预计12月10日完成。",
    "rule and short words": "第一部分已完成\n-----\n第二部分未完成",
    "stars between parts": "一、水电改造已完成。\n***\n二、绿化工程正在招标，下周开标。",
    "postscript": "报告已附。\n另：照片太大，分两次发",
    "postscript below name": "已签收，按期办理。\n又及：下周三我出差",
    "telephone as message": "热线已开通，\n请公布号码0999-5550100",
    "deadline": "申请延期，请批准。\n拟办结日期：2026年12月20日",
    "day alone in words": "最迟\n下周五",
    "english message": "Received, will report next week.\nThank you",
    "english only": "Noted",
    "unit is at it": "招标文件已报。\n学工部办理中",
    "unit has it": "请放心。\n图书馆已签收",
    "unit acts": "经费已下达。\n总务处正在招标",
    "unit as answer": "这项工作的主办单位应该是学工部",
    "room as message": "材料已送到行政楼207",
    "special report": "改造全部完成，水质检测合格。\n特此报告",
    "mail may be passed on": "此邮件请转李处长阅。已全部办结。",
    "asks for discretion": "名单涉及学生隐私，请勿外传。",
    "dashes in the text": "工期安排\n11月3日——11月20日\n逐栋停水",
    "wish": "一切顺利，按期完成。\n祝工作顺利",
    "four words": "推进中\n一切正常",
    "reason in pieces": "申请延期三天\n厂家缺货 物流停运",
}


@pytest.mark.parametrize("way", ["text", "html"])
@pytest.mark.parametrize("words", STAYS)
def test_words_at_the_end_stay(office: Any, words: str, way: str) -> None:
    letter = STAYS[words]
    got = office.read("", html=page(letter)) if way == "html" else office.read(letter)
    assert folded(got.body) == folded(letter)


@pytest.mark.parametrize("sign", ["", "\n\n李宁\n总务处", "\n\n总务处\n服务育人 保障有力"])
@pytest.mark.parametrize("words", [w for w in STAYS if w not in ("one word more", "english only", "room as message")])
def test_words_stay_above_a_signature(office: Any, words: str, sign: str) -> None:
    letter = STAYS[words]
    assert folded(office.read("督察科：\n收悉。\n" + letter + sign).body) == folded("督察科：收悉。" + letter)


def test_a_signature_block_of_the_client_is_cut_by_its_class(office: Any) -> None:
    source = (
        '<div>来函收到，已登记。</div><div class="xm_mail_sign">------------------<div>尉迟圆</div></div>'
        "<div>【声明】本邮件含有保密信息，仅限收件人阅读。</div>"
    )
    assert folded(office.read("", html=source).body) == "来函收到，已登记。"


def test_the_senders_name_on_the_mail_is_known_below_the_words(office: Any) -> None:
    got = office.read("三栋已通热水。\n\n铁木\n体育中心\n强健体魄 点燃青春", shown="铁木")
    assert folded(got.body) == "三栋已通热水。"


MORE_WORDS = [
    "督察科：\n您好！图书采购清单已核对，缺口37册本月补齐。\n如有不妥请指正。",
    "已阅，按期落实",
    "请示：能否将验收推迟到下周？\n盼复",
    "各位老师：附件是本周进展，请审阅。\n顺颂冬安",
]
MORE_BLOCKS = [
    "学工部 王磊\n2026年11月5日",
    "图书馆 敬上",
    "松原学院学工部\n联系人：王磊\n联系电话：0999-5550133",
    "总务处　赵敏慧\n　　　2026年11月5日",
    "—— 总务处",
    "—— 李宁",
    "--\n赵敏慧",
    "总务处 修缮科\n办公电话：5550142  手机：13900000001",
    "王磊\n松原学院学生工作部（处）\n地址：吉林省松原市大学路88号\n邮编：138000",
    "赵敏慧 敬上",
    "王磊\n学工部辅导员",
    "王磊（学工部）",
    "学工部王磊",
    "松原学院图书馆\nSongyuan College Library\nhttp://lib.uni.example",
    "Zhao Minhui\nLibrary, Songyuan College\n+86 999 5550155",
    "图书馆采编部 赵敏慧 敬启",
    "王磊\n---\n学工部 | 明德楼B203 | 5550133",
    "赵敏慧\n图书馆党总支书记",
    "松原学院图书馆\n——阅读点亮人生",
    "学工部\n明德至善",
    "学工部\n一切为了学生，为了一切学生，为了学生一切",
    "王磊\n学工部\n做学生的知心人、热心人、引路人",
    "总务处\n后勤服务热线：5550110（24小时）",
    "总务处\n☎ 5550110",
    "总务处\n📞5550110 📧zw@uni.example",
    "王磊 学工部\n===\n诚朴勇毅",
    "________________________________\n王磊\n学工部",
    "李宁\n总务处\n\n\n本邮件由松原学院邮件系统发送，请勿直接回复。",
    "图书馆\n二〇二六年十一月五日",
    "（图书馆代章）\n2026年11月5日",
    "图书馆（印章）",
    "总务处\n11.5",
    "总务处 11月5日",
    "李宁 11/5",
    "总务处\n2026年11月5日上午",
    "李宁\n总务处\n2026年11月5日 15:30",
    "报告单位：图书馆（公章）\n报告时间：2026年11月5日",
    "经办人：王磊　审核人：李宁",
    "单位负责人：李宁　　经办人：王磊\n2026年11月5日",
    "联系人及电话：王磊，5550133",
    "王磊 13900000001",
    "王磊\n139 0000 0001",
    "王磊，松原学院学工部，13900000001",
    "松原学院学工部 团委\n知行合一 止于至善",
    "松原学院后勤集团饮食服务中心",
    "松原市第一建筑工程有限公司\n项目经理 周大勇",
    "松原学院基建处（章）",
    "中共松原学院委员会学工部",
    "共青团松原学院委员会\n2026年11月5日",
    "松原学院学工部党支部",
    "松原学院关工委",
    "图书馆信息咨询部",
    "李老师\n总务处",
    "小王\n学工部",
    "学工部 小王",
    "本邮件含机密信息，若误收请删除。",
    "【保密提示】此邮件内容仅供指定收件人使用",
    "注意：本邮件可能含有保密内容，未经授权禁止传播。",
    "请在打印前考虑环境保护。",
]
MORE_STAYS = [
    "督察科：\n收悉。\n附件1：整改报告\n附件2：验收单",
    "情况如下\n总务处已完成\n学工部未完成",
    "截至目前\n完成率96%",
    "各单位完成情况：\n总务处 100%\n学工部 80%\n图书馆 95%",
    "验收组成员：\n李宁（总务处）\n王磊（学工部）\n赵敏慧（图书馆）",
    "下一步安排\n（一）招标\n（二）施工",
    "收到，谢谢",
    "OK",
    "好的，明白",
    "已转学工部",
    "请找李宁",
    "联系学工部王磊",
    "该项请联系总务处，电话0999-5550100",
    "负责人王磊，电话13900000001",
    "我处联络员为王磊，13900000001",
    "经办：王磊 已收",
    "按时完成，没有困难",
    "水管已修好\n电也通了",
    "报告在附件\n请查收",
    "目前卡在审批\n具体原因：财政局未批",
    "问：能否分两批报\n问：格式有无要求",
    "预计时间\n12月10日",
    "申请延期至\n12月20日",
    "延期原因\n一、缺货\n二、停工",
    "办理结果\n全部办结",
    "收到\n\n辛苦",
    "还差图书馆",
    "主办单位应为学工部",
    "清单\n水箱 12台\n水泵 3台\n阀门 40个",
    "王磊同志负责此项工作",
    "王磊\n负责此项工作",
    "先完成一期\n再做二期",
    "共三项\n1、已完成\n2、已完成\n3、进行中",
    "二期改造推迟",
    "照片两张",
    "见附件",
    "报告见附件\n图书馆的另报",
    "情况属实",
    "问题已解决\n学生反映良好",
    "学生满意度高\n校园秩序好",
    "完成：1号楼、2号楼\n剩余：3号楼",
    "时间：11月20日\n地点：行政楼207\n参加：总务处、学工部",
    "恳请延期\n恳请理解",
    "加强管理 落实责任",
    "已安排专人\n王磊",
]


@pytest.mark.parametrize("block", MORE_BLOCKS)
def test_more_signatures_are_cut(office: Any, block: str) -> None:
    for words in MORE_WORDS:
        letter = f"{words}\n\n{block}"
        assert folded(office.read(letter, shown="王磊").body) == folded(words)
        assert folded(office.read("", html=page(letter), shown="王磊").body) == folded(words)


@pytest.mark.parametrize("words", MORE_STAYS)
def test_more_words_stay(office: Any, words: str) -> None:
    assert folded(office.read(words, shown="图书馆").body) == folded(words)
    assert folded(office.read("", html=page(words), shown="图书馆").body) == folded(words)


def test_a_leaders_name_below_his_words_is_cut(office: Any) -> None:
    assert office.read("同意。\n高远").body == "同意。"


ENDLESS = ["总务处", "服务育人 保障有力", "行政楼207", "李宁", "——", "主办单位：总务处", "2026年11月3日"]


@pytest.mark.parametrize("line", ENDLESS)
def test_lines_without_end_cost_little(office: Any, line: str) -> None:
    began = time.monotonic()
    office.read("总务处\n" + f"{line}\n" * (200_000 // len(line)))
    assert time.monotonic() - began < 5
