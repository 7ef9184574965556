# ruff: noqa: E501, RUF001 - one language a line, in its own letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail import html
from mailgate.mail.line import Line, lines_of
from mailgate.mail.quotation import own_words
from tests.work import grows_with_its_length

INTRODUCTIONS = {
    "English": "On Fri, 20 Nov 2026 at 09:00, Sam Rivera <sam@example.com> wrote:",
    "English, Outlook for Mac": 'On 20/11/2026, 09:00, "Sam Rivera" <sam@example.com> wrote:',
    "English, no colon": "On Fri, 20 Nov 2026 09:00:00 -0200 Sam <sam@example.com> wrote",
    "German": "Am Fr., 20. Nov. 2026 um 09:00 Uhr schrieb Sam Rivera <sam@example.com>:",
    "German, Thunderbird": "Am 20.11.26 um 09:00 schrieb Sam Rivera:",
    "French": "Le ven. 20 nov. 2026 à 09:00, Sam Rivera <sam@example.com> a écrit :",
    "Spanish": "El vie, 20 nov 2026 a las 9:00, Sam Rivera (<sam@example.com>) escribió:",
    "Italian": "Il giorno ven 20 nov 2026 alle ore 09:00 Sam Rivera <sam@example.com> ha scritto:",
    "Portuguese": "Em sex., 20 de nov. de 2026 às 09:00, Sam Rivera <sam@example.com> escreveu:",
    "Dutch": "Op vr 20 nov 2026 om 09:00 schreef Sam Rivera <sam@example.com>:",
    "Dutch, folded": "Op 20 nov. 2026 om 09:00 heeft Sam Rivera <sam@example.com>\nhet volgende geschreven:",
    "Polish": "pt., 20 lis 2026 o 09:00 Sam Rivera <sam@example.com> napisał(a):",
    "Polish, Thunderbird": "W dniu 20.11.2026 o 09:00, Sam Rivera pisze:",
    "Swedish": "Den fre 20 nov. 2026 kl 09:00 skrev Sam Rivera <sam@example.com>:",
    "Danish": "Den fre. 20. nov. 2026 kl. 09.00 skrev Sam Rivera <sam@example.com>:",
    "Norwegian": "fre. 20. nov. 2026 kl. 09:00 skrev Sam Rivera <sam@example.com>:",
    "Czech": "pá 20. 11. 2026 v 9:00 odesílatel Sam Rivera <sam@example.com> napsal:",
    "Russian": "пт, 20 нояб. 2026 г. в 09:00, Sam Rivera <sam@example.com>:",
    "Russian, Thunderbird": "20.11.2026 09:00, Sam Rivera пишет:",
    "Ukrainian": "пт, 20 лист. 2026 р. о 09:00 Sam Rivera <sam@example.com> пише:",
    "Turkish": "Sam Rivera <sam@example.com>, 20 Kas 2026 Cum, 09:00 tarihinde şunu yazdı:",
    "Japanese": "2026年11月20日(金) 9:00 Sam Rivera <sam@example.com>:",
    "Japanese, Thunderbird": "2026/11/20 9:00、Sam Rivera <sam@example.com>のメール:",
    "Korean": "2026년 11월 20일 (금) 오전 9:00, Sam Rivera <sam@example.com>님이 작성:",
    "Chinese": "Sam Rivera <sam@example.com> 于2026年11月20日周五 09:00写道：",
    "Chinese, Apple": "在 2026年11月20日，上午9:00，Sam Rivera <sam@example.com> 写道：",
    "folded twice": "On Nov 20, 2026, at 9:00 AM, Sam Rivera <\na-very-long-address-of-a-ticket@example.com>\nwrote:",
}
HEADERS = {
    "English": "From: Sam Rivera <sam@example.com>\nSent: Friday, November 20, 2026 9:00 AM\nTo: Bob\nSubject: Fire",
    "English, bold": "*From:* Sam <sam@example.com>\n*Sent:* 20 November 2026\n*To:* Bob\n*Subject:* Fire",
    "German": "Von: Sam Rivera\nGesendet: Freitag, 20. November 2026 09:00\nAn: Bob\nBetreff: Feuer",
    "French": "De : Sam Rivera\nEnvoyé : vendredi 20 novembre 2026 09:00\nÀ : Bob\nObjet : Feu",
    "Spanish": "De: Sam Rivera\nEnviado el: viernes, 20 de noviembre de 2026 9:00\nPara: Bob\nAsunto: Fuego",
    "Italian": "Da: Sam Rivera\nInviato: venerdì 20 novembre 2026 09:00\nA: Bob\nOggetto: Fuoco",
    "Portuguese": "De: Sam Rivera\nEnviado: sexta-feira, 20 de novembro de 2026 09:00\nPara: Bob\nAssunto: Fogo",
    "Dutch": "Van: Sam Rivera\nVerzonden: vrijdag 20 november 2026 09:00\nAan: Bob\nOnderwerp: Vuur",
    "Polish": "Od: Sam Rivera\nWysłano: piątek, 20 listopada 2026 09:00\nDo: Bob\nTemat: Ogień",
    "Swedish": "Från: Sam Rivera\nSkickat: den 20 november 2026 09:00\nTill: Bob\nÄmne: Eld",
    "Danish": "Fra: Sam Rivera\nSendt: 20. november 2026 09:00\nTil: Bob\nEmne: Ild",
    "Czech": "Od: Sam Rivera\nOdesláno: pátek 20. listopadu 2026 9:00\nKomu: Bob\nPředmět: Oheň",
    "Russian": "От: Sam Rivera\nОтправлено: 20 ноября 2026 г. 9:00\nКому: Bob\nТема: Огонь",
    "Ukrainian": "Від: Sam Rivera\nНадіслано: 20 листопада 2026 р. 9:00\nКому: Bob\nТема: Вогонь",
    "Turkish": "Kimden: Sam Rivera\nGönderildi: 20 Kasım 2026 Cuma 09:00\nKime: Bob\nKonu: Ateş",
    "Japanese": "差出人: Sam Rivera\n送信日時: 2026年11月20日 9:00\n宛先: Bob\n件名: 火事",
    "Korean": "보낸 사람: Sam Rivera\n보낸 날짜: 2026년 11월 20일 금요일 9:00\n받는 사람: Bob\n제목: 불",
    "Chinese": "发件人: Sam Rivera\n发送时间: 2026年11月20日 9:00\n收件人: Bob\n主题: 火",
    "Chinese, wide colons": "寄件者：Sam Rivera <sam@example.com>\n日期：2026年11月20日\n收件者：Bob\n主旨：火",
}
KEPT_WHOLE = (
    "From: Paris\nTo: London\nDate: 2026-11-20 10:00\nplease book",
    "The log says:\n2026-11-20 09:00 bob@acme.example: denied\nWhat now?",
    "On Monday at 10:00 it failed.\nOn Tuesday too.",
    "Please write to:\nbob@acme.example\nbefore 20.11.2026",
    "a list\n- one\n- two\n-- not a signature\nthree",
    "It was sent with the parcel",
    "See what he wrote:\nnothing at all",
    "The page says\n> 404\nwhy?",
)


def reply(text: str) -> str:
    return own_words(lines_of(text), forwards=False) or text


def reply_in(markup: str) -> str:
    return own_words(html.lines(markup), forwards=False)


@pytest.mark.parametrize("introduction", INTRODUCTIONS.values(), ids=INTRODUCTIONS)
def test_what_is_quoted_below_is_cut(introduction: str) -> None:
    """behaviour.md 4.6"""
    assert reply(f"It burns.\n\n{introduction}\n> What is wrong?\n>\n> Sam\n") == "It burns."


@pytest.mark.parametrize("introduction", INTRODUCTIONS.values(), ids=INTRODUCTIONS)
def test_what_follows_an_introduction_without_marks_is_cut(introduction: str) -> None:
    """behaviour.md 4.6"""
    assert reply(f"It burns.\n\n{introduction}\n\nWhat is wrong?\n\nSam\n") == "It burns."


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_what_follows_header_lines_is_cut(header: str) -> None:
    """behaviour.md 4.6"""
    assert reply(f"It burns.\n\n{header}\n\nWhat is wrong?\n") == "It burns."
    assert reply(f"It burns.\n\n________________________________\n{header}\n\nWhat?\n") == "It burns."


@pytest.mark.parametrize(
    "rule",
    [
        "-----Original Message-----", "-----Ursprüngliche Nachricht-----", "-------- Message d'origine --------",
        "-----Mensaje original-----", "-----Messaggio originale-----", "-----Mensagem original-----",
        "-----Oorspronkelijk bericht-----", "-----Wiadomość oryginalna-----", "-----Ursprungligt meddelande-----",
        "-----Oprindelig meddelelse-----", "-----Opprinnelig melding-----", "-----Původní zpráva-----",
        "-----Исходное сообщение-----", "-----Orijinal Mesaj-----", "-----元のメッセージ-----",
        "-----원본 메시지-----", "-----邮件原件-----",
    ],
)  # fmt: skip
def test_what_follows_a_rule_is_cut(rule: str) -> None:
    """behaviour.md 4.6"""
    assert reply(f"It burns.\n\n{rule}\nWhat is wrong?\n") == "It burns."


@pytest.mark.parametrize("text", KEPT_WHOLE)
def test_in_doubt_nothing_is_cut(text: str) -> None:
    """behaviour.md 4.6"""
    assert reply(text) == text


def test_an_answer_below_the_quotation_stands_alone() -> None:
    text = "On 20 Nov 2026, Sam <sam@example.com> wrote:\n> What is wrong?\n> Sam\n\nIt burns.\n"
    assert reply(text) == "It burns."


def test_answers_between_quoted_lines_are_kept_with_them() -> None:
    text = (
        "Hello Sam\n\nOn 20 Nov 2026, Sam <sam@example.com> wrote:\n> What is wrong?\nIt burns.\n> Where?\nHere.\n"
        "> Thanks\n> Sam\n"
    )
    assert reply(text) == "Hello Sam\n\n> What is wrong?\nIt burns.\n> Where?\nHere."


@pytest.mark.parametrize(
    "quotation",
    [
        "> What is wrong?\n> Sam",
        f"{INTRODUCTIONS['English']}\n\n> What is wrong?\n> Sam\n-- \nBob",
        f"{HEADERS['German']}\n\nWhat is wrong?",
    ],
)
def test_a_mail_that_is_all_quotation_has_no_words_of_its_own(quotation: str) -> None:
    assert own_words(lines_of(quotation), forwards=False) == ""


def test_a_mail_that_is_passed_on_belongs_to_what_it_says() -> None:
    text = (
        "please help him\n\nFrom: Bob <bob@acme.example>\nSent: 20 November 2026\nSubject: Fire\n\nIt burns."
    )
    assert own_words(lines_of(text), forwards=True) == text


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ----------",
        "Begin forwarded message:",
        "-----Weitergeleitete Nachricht-----",
    ],
)
def test_a_mail_below_a_line_that_passes_it_on_is_kept(marker: str) -> None:
    text = f"FYI\n\n{marker}\nFrom: Bob <bob@acme.example>\nDate: 20 Nov 2026\nSubject: Fire\n\nIt burns."
    assert reply(text) == text
    answered = f"Thanks\n\nOn 20 Nov 2026, Sam <sam@example.com> wrote:\n\n{text}"
    assert reply(answered) == "Thanks"


@pytest.mark.parametrize(
    "signature",
    ["-- \nBob\nAcme Corp", "--\nBob", "Sent from my iPhone", "Get Outlook for iOS<https://aka.ms/x>",
     "Gesendet von Outlook für Android", "Envoyé de mon iPhone", "Enviado desde mi iPhone", "iPhoneから送信",
     "____________________\nusers mailing list\nusers@lists.example"],
)  # fmt: skip
def test_a_signature_is_cut(signature: str) -> None:
    """behaviour.md 4.6"""
    assert reply(f"It burns.\n\n{signature}\n") == "It burns."
    quoted = "On 20 Nov 2026, Sam <sam@example.com> wrote:\n> What?\n> Sam"
    assert reply(f"It burns.\n\n{signature}\n\n{quoted}\n") == "It burns."
    assert reply(f"It burns.\n\n{quoted}\n\n{signature}\n") == "It burns."


@pytest.mark.parametrize(
    "quotation",
    [
        '<div class="gmail_quote"><div class="gmail_attr">Sam, gestern:<br></div><blockquote class="gmail_quote" style="border-left:1px solid #ccc">What?<br>Sam</blockquote></div>',
        '<div class="moz-cite-prefix">Sam, igår:</div><blockquote type="cite"><p>What?</p><p>Sam</p></blockquote>',
        '<hr><div id="divRplyFwdMsg"><b>Von:</b> ...</div><div>What?</div>',
        '<div id="appendonsend"></div><hr>Whatever',
        '<div class="yahoo_quoted"><div>Sam, tegnap</div><div>What?</div></div>',
        '<div class="protonmail_quote">Sam, igår:<br><blockquote type="cite">What?<br>Sam</blockquote></div>',
        "<p>-----Original Message-----</p><p>What?</p>",
        "<div><b>From:</b> Sam &lt;sam@example.com&gt;<br><b>Sent:</b> Friday<br><b>Subject:</b> Fire</div><p>What?</p>",
    ],
)
def test_markup_says_what_is_quoted(quotation: str) -> None:
    """behaviour.md 4.6"""
    assert reply_in(f"<html><body><p>It burns.</p>{quotation}</body></html>") == "It burns."


def test_marks_of_quotation_in_a_page_quote_as_they_do_in_plain_text() -> None:
    """behaviour.md 4.6"""
    page = "<p>&gt; What burns?</p><p>This.</p><p>&gt; Where?</p><p>Here.</p><p>&gt; Sam<br>&gt; R.</p>"
    assert reply_in(f"<p>On 20 Nov 2026 at 09:00, Sam Rivera wrote:</p>{page}") == (
        "> What burns?\n\nThis.\n\n> Where?\n\nHere."
    )


def test_a_blockquote_that_only_indents_is_the_writers() -> None:
    assert reply_in("<p>He said</p><blockquote>never</blockquote>") == "He said\n\n    never"


def test_the_introduction_may_share_a_line_with_the_reply() -> None:
    assert reply("burns--- On Wed, Nov 18, 2026 at 3:59 PM, sam@example.com wrote:\n> Hi") == "burns"


def test_a_line_knows_how_often_it_is_quoted() -> None:
    assert lines_of("a\n> b\n>> c\n> > d") == [Line("a"), Line("> b", 1), Line(">> c", 2), Line("> > d", 2)]


def test_a_persons_sentence_over_a_quotation_stays_where_it_is_answered() -> None:
    """behaviour.md 4.6"""
    text = "In your manual you wrote:\n> step one\n> step two\nThat fails."
    assert reply(text) == text
    assert reply(f"Bob Baker wrote:\n{text[26:]}") == "That fails."


@pytest.mark.parametrize(
    "text",
    [
        "The log\n\n2026-11-20 09:00:01 mail to <ann@acme.example>:\n2026-11-20 09:00:02 sent\nthanks",
        "Nov 20 09:00:00 mx postfix/smtp[42]: 4ABC: to=<bob@acme.example>, relay=none, status=sent\nhelp",
        "The users are:\n20.11.2026 Bob Baker <bob@acme.example>:\ncan log in",
        "Header of the mail:\n\nFrom: Bob <bob@acme.example>\nTo: ann@acme.example\n\nWhat now?",
        "I have\nFrom: Bob <bob@acme.example>\nDate: 20 Nov 2026\nin my header. Why?",
        "Use this\n\n[mail]\nfrom: bob@acme.example\nto: ann@acme.example\nsubject: test\ndate: today\n\nIt fails.",
        "From 10:00 to 11:00 it burned.\nOn 20.11.2026 at 10:00 Martin wrote that all is well:\nhe was wrong",
        "Visit us now\n>>> >>>  https://www.example.com <<<\nbelow the link",
        "On 20 Nov 2026 at 09:00 the old server wrote:\n    segmentation fault\n    core dumped",
    ],
)
def test_logs_and_configurations_are_no_introductions(text: str) -> None:
    """behaviour.md 4.6: in doubt nothing is cut."""
    assert reply(text) == text
    assert reply(f"Hello,\n\n{text}\n\nBob") == f"Hello,\n\n{text}\n\nBob"


PLAIN = st.text("abcxyzäß字 ,.;?\t", max_size=30)
PIECES = st.sampled_from(
    [
        *(
            "On Fri, Nov 20, 2026 at 9:00 AM ",
            "Bob Baker <bob@acme.example>",
            " wrote:",
            "20.11.2026 09:00",
            ">",
        ),
        *(
            "> ",
            "From: ",
            "Sent: ",
            "To: ",
            "Subject: ",
            "a@b.example",
            "-----Original Message-----",
            "-- ",
            "--",
        ),
        *(
            "_______",
            "Sent from my iPhone",
            "| ",
            "    ",
            "---- ",
            ":",
            "-",
            "*",
            "\n",
            "\n\n",
            "words ",
            "Da ",
        ),
        *(
            "##- above -##",
            "---------- Forwarded message ---------",
            "于",
            "写道：",
            "Message du 20/11/26 09:00",
        ),
        *(">>> Bob <b@a.example> 20.11.2026 09:00 >>>", "Sent by: ", "To\n", "Subject\n", "<", "> wrote:"),
    ]
)
MAILS = st.lists(st.one_of(PIECES, PLAIN), max_size=40).map("".join)


@given(MAILS)
def test_what_is_left_are_lines_of_the_mail_in_their_order(text: str) -> None:
    """behaviour.md 4.6"""
    below = iter(line.rstrip() for line in text.split("\n"))
    for line in own_words(lines_of(text), forwards=False).split("\n"):
        # Its last line may have shared its own with an introduction.
        assert line == "" or any(one == line or one.startswith(f"{line}-") for one in below)


@given(st.lists(PLAIN, max_size=20).map("\n".join))
def test_a_text_in_which_nothing_is_suspect_is_returned_whole(text: str) -> None:
    """behaviour.md 4.6"""
    whole = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    assert own_words(lines_of(text), forwards=False) == whole


@given(st.lists(PLAIN.filter(str.strip), min_size=1, max_size=9).map("\n".join), st.lists(PLAIN, max_size=9))
def test_no_word_above_or_below_a_quotation_is_lost(own: str, quoted: list[str]) -> None:
    """behaviour.md 4.6"""
    own = "\n".join(line.rstrip() for line in own.split("\n"))
    quotation = "\n".join(f"> {line}" for line in ("Hello", "Bob", *quoted))
    introduced = f"{INTRODUCTIONS['English']}\n{quotation}"
    for text in (f"{own}\n\n{introduced}", f"{introduced}\n\n{own}", f"{own}\n\n{quotation}"):
        assert own_words(lines_of(text), forwards=False) == own


BOMBS = [
    "On ", "wrote:\n", "> ", "> \n", "a@b ", "On 20.11.2026 09:00 a@b wrote\n", "From: a\n", "From: a@b\nSent: 1\n",
    "Da a@b.example\n", "-----Original Message-----\n", "-----\n", "_____\n", "-- \n", "Sent from my iPhone\n",
    "Sent from my iPhone\n\n", "\n", " \n", "jan", "januar 2026 ", "20.11.2026 ", "| \n", "    x\n", "x\n> ",
    "Sent by: x@y\n", "To\n", "Message du 20/11/26 09:00\n", "---- x wrote ----\n", "于09:00", "写道：\n",
    "> On 20.11.2026 09:00, Bob wrote:\nx\n", "<a@b>\n> wrote:\n", "##-", "Bob wrote:\n> x\n", ">>> 9:00 >>>\n",
]  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_mail_costs_no_more_than_its_length(bomb: str) -> None:
    def read(chars: int) -> object:
        return own_words(lines_of(bomb * (chars // len(bomb))), forwards=False)

    assert grows_with_its_length(read, 5_000)
