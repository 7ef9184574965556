"""Knows the line that a mail program puts under every mail, `Sent from my iPhone`, in many languages.

Such a line has a verb of sending or getting at its edge, and the name of a device or a program next to it. A
person's sentence with that verb goes on: "sent from my desk, which is easier".
"""

# ruff: noqa: RUF001 - letters that look alike are the letters of their languages

import re
from collections.abc import Sequence

from mailgate.core.phrases import phrases

_SENT = phrases("""
sent from | sent with | sent via | sent using | sent through | sent on the go | from my
gesendet von | gesendet mit | gesendet über | gesendet aus | versendet mit | verschickt mit
envoyé de | envoyé depuis | envoyé à partir de | envoyé à partir d' | envoyé avec | envoyé via
message envoyé depuis
enviado desde | enviado con | enviado de | enviado do | enviado a partir do | enviado com | enviado via
enviado pelo
inviato da | inviato dal | inviato dall' | inviato con | inviato tramite
verzonden vanaf | verzonden met | verzonden via | verzonden vanuit | verstuurd vanaf | verstuurd met
verstuurd via
wysłane z | wysłano z | wysłane za pomocą | wysłano za pomocą | wysłano przy użyciu
skickat från | skickat med | skickades från | sendt fra | sendt med | sendt via
odesláno z | odesláno ze | odesláno pomocí | posláno z | odoslané z | lähetetty | elküldve
отправлено с | отправлено со | отправлено из | отправлено через | послано с
надіслано з | надіслано із | надіслано через | відправлено з | відправлено із
发自 | 發自 | 寄自 | 来自 | 來自 | 发送自 | 傳送自
""")
_GET = phrases("""
get | download | holen sie sich | hol dir | obtenez | obtenir | télécharger | téléchargez | obtener | obtén
descargar | scarica | ottieni | obter o | obtenha o | baixe o | pobierz | pobierz aplikację | hämta | skaffa
hent | få | skaff deg | last ned | získejte | získat | stáhnout | скачать | получить | завантажити | отримати
获取 | 取得 | 下载 | 下載
""")
_VERB_LAST = phrases("""
gesendet | versendet | herunterladen | downloaden | gönderildi | edinin | から送信 | を入手 | 에서 보냄
다운로드 | 发送 | 傳送
""")
# The same with "my": what follows need not be a device that is known here.
_MINE = phrases("""
sent from my | sent via my | gesendet von meinem | gesendet von meiner | envoyé de mon | envoyé depuis mon
envoyé à partir de mon | enviado desde mi | enviado de mi | enviado do meu | enviado a partir do meu
inviato dal mio | verzonden vanaf mijn | verstuurd vanaf mijn | wysłane z mojego | wysłano z mojego
skickat från min | skickat från mitt | sendt fra min | sendt fra mit | odesláno z mého | отправлено с моего
надіслано з мого | 发自我的 | 發自我的 | 寄自我的
""")
_DEVICES = phrases("""
iphon | ipad | ipod | galaxy | samsung | android | blackberry | windows | huawei | xiaomi | oneplus | nokia
motorola | xperia | pixel | mobile | mobil | móvil | smartphone | phone | handy | tablet | мобильн | мобільн
telefon | telefoon | téléphone | teléfono | телефон | смартфон | устройств | пристро | urządzeni | zařízení
手机 | 手機 | 小米 | 华为 | 스마트폰 | 삼성 | outlook | gmail | yahoo | proton | tuta | aol | spark | airmail
bluemail | mailspring | mailbird | superhuman | acompli | fairemail | thunderbird | em client | zoho | hey.com
nine | front | missive | gmx | web.de | telekom | t-online | orange | libero | laposte | onet | wp poczta
interia | email.cz | seznam | mail.ru | яндекс | yandex | ukr.net | qq邮箱 | qq mail | 网易 | foxmail | naver
posta per | mail for | mail für | почты mail | メール アプリ
""")
_WHOLE = frozenset(phrases("yahoo mail: search, organize, conquer | ᐧ"))
_DEVICE = re.compile(f"(?<![a-z])(?:{'|'.join(map(re.escape, sorted(_DEVICES, key=len, reverse=True)))})")
_LINKS = re.compile(r"<[^<>]*>|\(https?:[^()]*\)|https?://\S+")
_EDGES = " \t*_[]>\u00a0"
_STOPS = ".。!"
_LONGEST = 120  # characters
_BEFORE = 5  # words between the verb and the device
_AFTER = 4  # words behind the last device
_BEFORE_VERB = 8  # words on either side of the device where the verb comes last
_UNKNOWN = 4  # words that may name a device that is not known here


def signs(text: str) -> bool:
    """Whether a mail program wrote the line under a mail."""
    if not text or len(text) > 2 * _LONGEST:
        return False
    bare = _LINKS.sub(" ", text).strip(_EDGES).lower().replace("’", "'").rstrip(_STOPS + _EDGES)
    if bare in _WHOLE:
        return True
    last = bare.endswith(_VERB_LAST)
    if len(bare) > _LONGEST or not (last or bare.startswith((*_SENT, *_GET))):
        return False
    return _names_device(bare, last=last) or _names_mine(bare)


def _names_device(bare: str, *, last: bool) -> bool:
    found = [(device.start(), device.end()) for device in _DEVICE.finditer(bare)]
    if not found:
        return False
    before, after = bare[: found[0][0]], bare[found[-1][1] :]
    if last:
        return _few(before, _BEFORE_VERB) and _few(after, _BEFORE_VERB)
    verb = _longest(bare, (*_SENT, *_GET))
    mine = bare.startswith(_MINE)
    return _few(before[len(verb) :], _BEFORE) and (mine or _few(after, _AFTER))


def _names_mine(bare: str) -> bool:
    mine = _longest(bare, _MINE)
    return bool(mine) and _few(bare[len(mine) :], _UNKNOWN)


def _longest(text: str, beginnings: Sequence[str]) -> str:
    return max((one for one in beginnings if text.startswith(one)), key=len, default="")


def _few(words: str, most: int) -> bool:
    """Whether they are few words of one clause."""
    return len(words.split()) <= most and not any(sign in words for sign in ",;:!?，。；：")
