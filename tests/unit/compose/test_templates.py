"""Every template with its sample: text and HTML agree, nothing undefined or remote; overrides are tried first."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as lxml_html

from daemon.compose.context import CONTEXTS, Dispatch, MatterLetter, Received, Reminder
from daemon.compose.render import OURS, PARTS, Broken, Renderer
from daemon.compose.samples import MATTER, sample

TEMPLATES = sorted(CONTEXTS)
RENDERER = Renderer()


def visible(page: str) -> str:
    tree = lxml_html.fromstring(page)
    for head in tree.xpath("//head"):
        head.drop_tree()
    return "".join(tree.text_content().split())


@pytest.mark.parametrize("template", TEMPLATES)
def test_sample_renders_in_text_and_html(template: str) -> None:
    made = RENDERER.render(template, sample(template))
    for part in (made.subject, made.text, made.html):
        assert part.strip()
        for wrong in ("None", "Undefined", "{{", "{%", "True", "False", "object at", "&lt;span"):
            assert wrong not in part, wrong
    assert "\n" not in made.subject
    assert not re.search(r"\n{3}", made.text)
    assert made.text.count("，，") + made.text.count("。。") == 0


@pytest.mark.parametrize("template", TEMPLATES)
def test_html_says_what_the_text_says(template: str) -> None:
    made = RENDERER.render(template, sample(template))
    shown = visible(made.html)
    for line in made.text.splitlines():
        sentence = "".join(line.split())
        if len(sentence) > 24 and "：" not in sentence[:10] and sentence.endswith("。"):
            assert sentence.rstrip("。")[:24] in shown, sentence


@pytest.mark.parametrize("template", TEMPLATES)
def test_html_is_for_mail_programs(template: str) -> None:
    page = RENDERER.render(template, sample(template)).html
    assert "<img" not in page
    assert "<script" not in page
    assert "<style" not in page
    assert "url(" not in page
    assert "max-width:640px" in page
    for width in re.findall(r'width(?:="|:)(\d+)(?:px)?', re.sub(r"<!--.*?-->", "", page, flags=re.S)):
        assert int(width) <= 640
    for address in re.findall(r'(?:href|src|background)="([^"]+)"', page):
        assert address.startswith(("mailto:", "https://duban.school.example"))


@pytest.mark.parametrize("template", [t for t in TEMPLATES if issubclass(CONTEXTS[t], MatterLetter)])
def test_mail_of_a_matter_keeps_the_subject_and_says_how_to_answer(template: str) -> None:
    made = RENDERER.render(template, sample(template))
    letter = sample(template)
    assert isinstance(letter, MatterLetter)
    assert made.subject == f"【督办】{letter.matter.ref} {letter.matter.title}"
    for part in (made.text, visible(made.html)):
        assert "直接回复本邮件即可，不需登录任何系统" in part
        assert letter.matter.ref in part
        assert "要求反馈时间" in part


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_mail_is_signed_and_dated(template: str) -> None:
    letter = sample(template)
    text = RENDERER.render(template, letter).text
    assert f"学校办公室督察科\n{letter.day.year}年{letter.day.month}月{letter.day.day}日\n" in text
    assert letter.salutation in text


def test_leader_digest_has_a_row_a_matter() -> None:
    page = lxml_html.fromstring(RENDERER.render("leader_digest", sample("leader_digest")).html)
    heads = ["".join(th.text_content().split()) for th in page.xpath("//th")]
    assert heads == ["文号、事项", "主办", "时限、逾期", "状态"]
    assert len(page.xpath("//tr[td][../tr/th]")) == 2


def test_rehearsal_names_the_true_recipients_on_top() -> None:
    letter = replace(sample("urge_1"), rehearsal=("主送：刘洋处长（主要负责人）<liu@school.example>",))
    made = RENDERER.render("urge_1", letter)
    assert made.text.startswith("【演练】")
    assert "<liu@school.example>" in made.text.split("----")[0]
    assert "&lt;liu@school.example&gt;" in made.html
    assert made.html.index("演练") < made.html.index(letter.salutation)


def test_supporting_unit_is_not_asked_for_the_report() -> None:
    dispatch = sample("dispatch")
    assert isinstance(dispatch, Dispatch)
    made = RENDERER.render("dispatch", replace(dispatch, matter=replace(dispatch.matter, role="协办")))
    assert "你单位为协办单位" in made.text
    assert "申请延期" not in made.html
    assert "【申请延期】" not in made.html


def test_urgent_is_said() -> None:
    dispatch = sample("dispatch")
    assert isinstance(dispatch, Dispatch)
    assert "特急" not in RENDERER.render("dispatch", dispatch).text
    urgent = RENDERER.render("dispatch", replace(dispatch, matter=replace(dispatch.matter, urgent=True)))
    assert "特急" in urgent.text
    assert "特急" in urgent.html


def test_report_received_is_told_otherwise_than_an_extension() -> None:
    extension = sample("received")
    assert isinstance(extension, Received)
    report = replace(extension, what="办结报告", new_deadline=None, late="")
    assert "正按程序呈批" in RENDERER.render("received", extension).text
    assert "进行审查" in RENDERER.render("received", report).text


HOSTILE = '<script>alert(1)</script>{{ 7*7 }}"><img src=x>\r\nBcc: x@evil.example\n\u202e倒写'


@pytest.mark.parametrize("template", ["dispatch", "urge_1", "intervention_letter"])
def test_hostile_title_breaks_neither_subject_nor_html(template: str) -> None:
    letter = sample(template)
    assert isinstance(letter, MatterLetter)
    made = RENDERER.render(
        template, replace(letter, matter=replace(MATTER, title=HOSTILE, state=HOSTILE, source=HOSTILE))
    )
    assert "\n" not in made.subject
    assert "\r" not in made.subject
    assert "\u202e" not in made.subject
    assert "<script" not in made.html
    assert "<img" not in made.html
    assert "49" not in made.html.replace("#", "")


def test_wrong_context_and_unknown_template() -> None:
    with pytest.raises(TypeError):
        RENDERER.render("dispatch", sample("urge_1"))
    with pytest.raises(Broken, match="没有名为“nothing”的邮件模板"):
        RENDERER.render("nothing", sample("urge_1"))


def test_every_folder_of_templates_is_known_and_whole() -> None:
    folders = {path.name for path in OURS.iterdir() if path.is_dir()} - {"forms", "__pycache__"}
    assert folders == set(CONTEXTS)
    for folder in folders:
        assert {path.name for path in (OURS / folder).iterdir()} == set(PARTS)


# -- overrides ----------------------------------------------------------------------------------------------------


def put(folder: Path, name: str, words: str | bytes) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(words if isinstance(words, bytes) else words.encode())


def test_a_good_override_is_used(tmp_path: Path) -> None:
    put(tmp_path, "urge_1/body.txt", "{{ salutation }}\n请尽快报送{{ matter.ref }}的报告。\n")
    renderer = Renderer(tmp_path)
    assert renderer.refused == ()
    made = renderer.render("urge_1", sample("urge_1"))
    assert made.text.endswith("的报告。\n")
    assert made.html == RENDERER.render("urge_1", sample("urge_1")).html


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("{{ matter.reff }}", "reff"),
        ("{% if matter %}", "有误"),
        ("{{ ''.__class__.__mro__ }}", "有误"),
        ("{{ matter.ref.format.__globals__ }}", "有误"),
        ("   \n", "没有内容"),
        ("{{ 1 / 0 }}", "有误"),
        ("{% for n in range(99999) %}很长很长{% endfor %}", "超过"),
        ("{% include '../../../etc/passwd' %}", "缺少文件"),
        (b"\xd2\xd1\xba\xbd", "UTF-8"),
    ],
)
def test_a_bad_override_is_refused_in_chinese_and_ours_is_used(tmp_path: Path, words: str | bytes, says: str) -> None:
    put(tmp_path, "urge_1/body.txt", words)
    renderer = Renderer(tmp_path)
    assert len(renderer.refused) == 1
    assert "自定义模板“urge_1/body.txt”未采用，仍用系统自带模板。" in renderer.refused[0]
    assert says in renderer.refused[0]
    assert renderer.render("urge_1", sample("urge_1")) == RENDERER.render("urge_1", sample("urge_1"))


def test_a_file_that_is_no_template_is_named(tmp_path: Path) -> None:
    put(tmp_path, "urge_9/body.txt", "x")
    assert "urge_9/body.txt" in Renderer(tmp_path).refused[0]


def test_an_override_that_fails_only_later_breaks_that_mail(tmp_path: Path) -> None:
    put(tmp_path, "urge_1/subject.txt", "{{ 1 // (since - 99) }}【督办】{{ matter.ref }}")
    renderer = Renderer(tmp_path)
    assert renderer.refused == ()
    letter = sample("urge_1")
    assert isinstance(letter, Reminder)
    with pytest.raises(Broken, match=r"urge_1/subject\.txt"):
        renderer.render("urge_1", replace(letter, since=99))
