"""Knows where the mail that is answered begins when it follows whole, unquoted, under header lines or a rule.

Header lines count only together and with an address or a time among them, for customers write `From: Paris`.
"""

# ruff: noqa: E501, RUF001 - the words of many languages stand in one line a language

import re
from collections.abc import Sequence

from mailgate.mail.line import Line

_LABELS = {
    "from": "from von de da od van från fra от від kimden gönderen 差出人 发件人 寄件者 寄件人 发件者 보낸사람 lähettäjä "
    "feladó отправитель expéditeur mittente remitente absender afzender nadawca avsändare",
    "date": "sent date gesendet datum envoyé envoyéle enviado enviadoel enviadoem fecha data inviato verzonden wysłano "
    "skickat sendt dato odesláno отправлено дата надіслано gönderildi gönderilme tarih gönderilmetarihi gönderme 送信日時 日付 "
    "日時 发送时间 日期 時間 寄件日期 傳送時間 보낸날짜 날짜 messagedu enviada enviadaem lähetetty küldve am",
    "to": "to an à a para per aan do till til komu кому kime alıcı 宛先 收件人 收件者 받는사람 받는이 pour destinataire "
    "destinatario empfänger vastaanottaja címzett",
    "subject": "subject betreff objet asunto oggetto assunto onderwerp temat ämne emne předmět тема konu 件名 主题 主題 제목 "
    "sujet tárgy aihe",
    "cc": "cc kopie kopia copie copieà cópia copia kopi копия копія bilgi 抄送 副本 참조 reply-to replyto antwortan importance "
    "priority attachments organization organisation bcc",
}
_KINDS = {label: kind for kind, labels in _LABELS.items() for label in labels.split()}
_LABEL = re.compile(r"[\s>*_|]*([^\W\d_][\w \u00a0-]{0,24}?)\s*[*_]*\s?[:：][*_]*\s*(.*)")
_ADDRESS = re.compile(r"[^\s<>@,;:]{1,128}@[^\s<>@,;:]{2,200}")
_TIME = re.compile(r"\d{1,2}\s?[:.h]\s?\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\b(?:19|20)\d\d\b|\d\s?[年월일]")
_RULE = re.compile(r"[\s>|]*[-_=*─—–]{3,}\s*$")
_PHRASE = re.compile(
    r"""[\s>|*]*(?:[-_=]{2,}\s*|\*)(?:
    original[ ](?:message|mail|email|appointment)|ursprüngliche[ ](?:nachricht|mail|e-mail)|original-?nachricht|original[ ]nachricht
    |message[ ](?:d['’ ]?[ ]?origine|original|initial)|mensaje[ ]original|messaggio[ ]originale|mensagem[ ]original
    |oorspronkelijke?[ ](?:bericht|mail)|wiadomość[ ]oryginalna|oryginalna[ ]wiadomość|original[ ]?meddelande
    |ursprungligt[ ]meddelande|oprindelig[ ]meddelelse|original[ ]meddelelse|original[ ]?melding|opprinnelig[ ]melding|původní[ ](?:zpráva|e-mail)
    |исходное[ ]сообщение|оригинальное[ ]сообщение|вихідне[ ]повідомлення|оригінальне[ ]повідомлення
    |orijinal[ ](?:mesaj|ileti)|özgün[ ](?:ileti|mesaj)|元のメッセージ|元のメール|原始邮件|原始郵件|原邮件|邮件原件
    |원본[ ]?메시지|원본[ ]?메일|alkuperäinen[ ]viesti|eredeti[ ]üzenet|mesaj[ ]original|reply[ ]message|forwarded[ ]by
    )\s*(?:[-_=]{2,}|\*)\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_SENT_BY = re.compile(r"[\s>]*(?:sent by|gesendet von|envoyé par|enviado por)\s?:", re.IGNORECASE)
_REACH = 14  # lines that a block of header lines may take
_WRAPPED = 2  # lines, one after the other, that go on with a header line
_ENOUGH = 3  # different header lines that need no date among them


def begins(lines: Sequence[Line], number: int) -> bool:
    """Whether the mail that is answered begins with that line."""
    text = lines[number].text
    if _PHRASE.match(text):
        return True
    return (":" in text or "：" in text) and (_headed(lines, number) or _lotus(lines, number))


def start(lines: Sequence[Line], cut: int) -> int:
    """The cut, moved up over the blank lines and rules before it."""
    while (
        cut > 0
        and cut <= len(lines)
        and (not lines[cut - 1].text.strip() or _RULE.match(lines[cut - 1].text))
    ):
        if cut == len(lines):
            break
        cut -= 1
    return cut


def _kind(text: str) -> tuple[str, str]:
    """Which header line it is, and its value; empty if it is none."""
    found = _LABEL.match(text[:400])
    if not found:
        return "", ""
    return _KINDS.get("".join(found[1].lower().split()), ""), found[2]


def _headed(lines: Sequence[Line], number: int) -> bool:
    kind, _ = _kind(lines[number].text)
    if not kind or kind == "cc":
        return False
    kinds: set[str] = set()
    values: list[str] = []
    strange = 0
    for line in lines[number : number + _REACH]:
        kind, value = _kind(line.text)
        strange = 0 if kind else strange + 1
        if strange > _WRAPPED:
            break
        kinds.add(kind)
        values.append(value if kind else line.text[:400] if line.text[:1] in " \t<" else "")
    return _certain(kinds - {"", "cc"}, "\n".join(values))


def _certain(kinds: set[str], values: str) -> bool:
    """Whether header lines of these kinds with these values are those of a mail."""
    addressed = bool(_ADDRESS.search(values))
    if len(kinds) >= _ENOUGH:
        return addressed or ({"from", "subject"} <= kinds and bool(_TIME.search(values)))
    return addressed and len(kinds) > 1 and not kinds.isdisjoint({"date", "subject"})


def _lotus(lines: Sequence[Line], number: int) -> bool:
    """Lotus Notes: the sender, `Sent by:`, a date, then `To`, `cc` and `Subject` alone on their lines."""
    if not _SENT_BY.match(lines[number].text):
        return False
    alone = {line.text.strip(" >\t").lower() for line in lines[number : number + 2 * _REACH]}
    return "subject" in alone and "to" in alone
