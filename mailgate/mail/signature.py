"""Knows where a signature begins: the delimiter of RFC 3676 section 4.3, a mail program's own line, a list's footer."""

# ruff: noqa: E501, RUF001 - the words of many languages stand in one line a language

import re
from collections.abc import Sequence

from mailgate.mail.line import Line

_DELIMITERS = frozenset({"--", "-- "})
_PROGRAM = re.compile(
    r"""[\s*_\[>]*(?:
      sent\ (?:from|via|using|with)\ (?:my|the|an?|outlook|mail|yahoo|gmail|proton|samsung|iphone|ipad|android|blackberry|windows|nine|spark|mailspring|
        superhuman|front|acompli|mobile|email|bluemail|aqua|tutanota|mailbird|thunderbird|aol|hey)\b
    | get\ (?:outlook|bluemail|mailbird|aqua\ mail|typeapp)\ for\b | sent\ on\ the\ go\b
    | von\ (?:meinem|meiner|unterwegs|samsung|iphone|ipad|outlook|mobil).{0,40}gesendet | gesendet\ (?:von|mit|aus|über)\ (?:meinem|meiner|outlook|mail|der|dem|iphone|mein|android|yahoo|samsung|mobil)\b
    | diese\ nachricht\ wurde\ von\ mein
    | envoyé\ (?:de|depuis|à\ partir|avec)\ (?:mon|ma|outlook|yahoo|l'|mail|un|de|courrier|la|samsung)\b | obtenez\ outlook | télécharger\ outlook
    | enviado\ (?:desde|de|do|a\ partir|con|via|por|pelo)\ (?:mi|meu|outlook|correo|yahoo|un|o|el|iphone|samsung|gmail|email)\b | obtener\ outlook | obter\ o\ outlook
    | inviato\ (?:da|dal|con|tramite)\ (?:mio|il|mia|outlook|iphone|ipad|posta|yahoo|samsung|un|smartphone|mail)\b | ottieni\ outlook
    | verzonden\ (?:vanaf|met|via|vanuit)\b | verstuurd\ (?:vanaf|met|via|vanuit)\b | download\ outlook
    | wysłan[eoay]\ (?:z|za\ pomocą)\b | pobierz\ outlook
    | skickat\ (?:från|via|med)\b | sendt\ (?:fra|via|med)\b | hämta\ outlook | hent\ outlook | få\ outlook
    | odesláno\ (?:z|ze)\b | odeslané\ z | získat\ outlook
    | отправлено\ (?:с|из|от)\b | надіслано\ (?:з|із|від)\b | (?:outlook|iphone|ipad)'?[dt][ae]n\ gönderildi | iphone.{0,20}gönderildi
    | iphoneから送信 | .{0,20}から送信$ | 发自我的 | 發自我的 | 从我的.{0,20}发送 | 나의\ .{0,20}에서\ 보냄 | 내\ .{0,20}에서\ 보냄 | lähetetty\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_LIST_RULE = re.compile(r"_{10,}\s*$")
_LIST = re.compile(
    r"mailing list|mailinglist|mailman/listinfo|to unsubscribe|lista de correo|liste de diffusion",
    re.IGNORECASE,
)
_LONGEST = 30  # lines of a signature
_LAST = 5  # lines, not counting blank ones, among which a program's own line is looked for


def without(lines: Sequence[Line]) -> list[Line]:
    """The lines without the signature at their end; all of them if nothing else would be left."""
    cut = _program(lines, _delimiter(lines, _footer(lines, len(lines))))
    kept = list(lines[:cut])
    return kept if any(line.text.strip() for line in kept) else list(lines)


def _footer(lines: Sequence[Line], end: int) -> int:
    """Where the footer of a mailing list begins."""
    for number in range(max(0, end - _LONGEST), end):
        if _LIST_RULE.match(lines[number].text):
            after = " ".join(line.text for line in lines[number + 1 : min(end, number + 5)])
            if _LIST.search(after[:1000]):
                return number
    return end


def _delimiter(lines: Sequence[Line], end: int) -> int:
    for number in range(max(0, end - _LONGEST), end):
        if lines[number].text in _DELIMITERS and not any(line.depth for line in lines[number:end]):
            return number
    return end


def _program(lines: Sequence[Line], end: int) -> int:
    """Where the line begins that a mail program puts under every mail."""
    seen = 0
    for number in range(end - 1, max(-1, end - _LONGEST), -1):
        text = lines[number].text
        if not text.strip():
            continue
        if not lines[number].depth and _PROGRAM.match(text[:200]):
            return number
        seen += 1
        if seen >= _LAST:
            break
    return end
