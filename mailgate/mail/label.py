"""Knows the names under which mail says what charset it is in, and the codec that reads each as it was meant.

A name stands for the vendor's superset that wrote the text in fact: `iso-8859-1` for windows-1252,
`gb2312` for gb18030. Only codecs named here are ever looked up, so `charset="base64"` or `charset="idna"`
runs nothing.
"""

import re

USUAL = "cp1252"
"""What 8-bit text is read as where nothing tells."""

_WIDE = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 utf-8mb4 cp65001 x-utf-8 windows-65001 utf8-mb4 unicode20utf8",
    "utf-7": "utf-7 utf7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 cp65000 csunicode11utf7",
    "utf-16": "utf-16 utf16 ucs-2 unicode iso-10646-ucs-2 csunicode",
    "utf-16-le": "utf-16le utf16le ucs-2le unicodefffe",
    "utf-16-be": "utf-16be utf16be ucs-2be",
    "utf-32": "utf-32 utf32 ucs-4 iso-10646-ucs-4",
    "gb18030": "gb2312 gbk gb18030 x-gbk cp936 ms936 windows-936 euc-cn x-euc-cn euccn gb-2312 gb-2312-80 "
    "chinese csgb2312 csiso58gb231280 iso-ir-58 hz-gb-18030 x-cp20936 x-mac-chinesesimp gb-18030 gb18030-0",
    "hz": "hz-gb-2312 hz hzgb",
    "iso2022_cn": "iso-2022-cn iso-2022-cn-ext csiso2022cn x-cp50227",
    "big5hkscs": "big5 big5-hkscs big5hkscs x-x-big5 cn-big5 csbig5 cp950 ms950 windows-950 big-5 big5-eten "
    "x-mac-chinesetrad",
    "cp949": "ks-c-5601-1987 ks-c-5601 ks-c-5601-1989 ksc5601 ksc-5601 euc-kr euckr korean cp949 windows-949 "
    "x-windows-949 ms949 uhc cseuckr csksc56011987 iso-ir-149 x-mac-korean",
    "johab": "johab cp1361 ms1361 x-johab",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
    "cp932": "shift-jis sjis x-sjis shiftjis cp932 windows-31j windows-932 ms932 ms-kanji csshiftjis "
    "cswindows31j x-ms-cp932 x-mac-japanese",
    "euc_jis_2004": "euc-jp x-euc-jp eucjp ujis x-euc cseucpkdfmtjapanese eucjp-ms cp51932 euc-jisx0213 "
    "euc-jis-2004",
    "iso2022_jp": "iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ext iso-2022-jp-ms "
    "iso-2022-jp-2004 csiso2022jp csiso2022jp2 jis cp50220 cp50221 cp50222 x-iso-2022-jp",
}
_NARROW = {
    "cp1252": "us-ascii ascii ansi-x3.4-1968 iso-8859-1 latin1 latin-1 iso8859-1 iso88591 iso-ir-100 l1 "
    "windows-1252 cp1252 x-ansi ansi 8859-1 iso-8859-1-windows-3.1-latin-1 8bit unknown-8bit iso646-us "
    "cp-1252 win-1252 x-cp1252 iso-8859 iso-latin-1 western windows-latin1 cp819 ibm819 csisolatin1",
    "cp1254": "iso-8859-9 latin5 windows-1254 cp1254 iso8859-9 iso88599 iso-ir-148 l5 csisolatin5 turkish",
    "cp874": "iso-8859-11 iso8859-11 tis-620 windows-874 cp874 tis620 thai x-mac-thai tis620-2533",
    "iso8859_8": "iso-8859-8-i iso-8859-8-e hebrew logical visual csisolatinhebrew iso-ir-138",
    "iso8859_2": "iso-ir-101 l2 csisolatin2",
    "iso8859_5": "cyrillic iso-ir-144 csisolatincyrillic",
    "iso8859_6": "arabic asmo-708 ecma-114 iso-ir-127 csisolatinarabic iso-8859-6-i iso-8859-6-e",
    "iso8859_7": "greek greek8 ecma-118 elot-928 iso-ir-126 csisolatingreek sun-eu-greek",
    "iso8859_15": "latin-9 iso-ir-203 l9 csisolatin9",
    "koi8_r": "koi8-r koi8r koi8 koi cskoi8r cp20866",
    "koi8_u": "koi8-u koi8u koi8-ru cp21866",
    "koi8_t": "koi8-t",
    "kz1048": "kz-1048 kz1048 strk1048-2002 rk1048",
    "ptcp154": "ptcp154 pt154 cp154 cyrillic-asian csptcp154",
    "hp_roman8": "hp-roman8 roman8 r8 cshproman8",
    "mac_roman": "macintosh mac x-mac-roman macroman csmacintosh mac-roman x-mac",
    "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian mac-cyrillic maccyrillic",
    "mac_latin2": "x-mac-ce x-mac-centraleurroman x-mac-centraleurope mac-ce maccentraleurope mac-latin2",
    "mac_greek": "x-mac-greek macgreek mac-greek",
    "mac_turkish": "x-mac-turkish macturkish mac-turkish",
    "mac_croatian": "x-mac-croatian mac-croatian",
    "mac_romanian": "x-mac-romanian mac-romanian",
    "mac_iceland": "x-mac-icelandic mac-iceland",
    "mac_arabic": "x-mac-arabic mac-arabic",
    "mac_farsi": "x-mac-farsi mac-farsi",
}
_PAGES = (437, 720, 737, 775, 850, 852, 855, 856, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 1125)
_WINDOWS = (1250, 1251, 1253, 1255, 1256, 1257, 1258)
_ISO = (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)
_LATIN = {"2": 2, "3": 3, "4": 4, "6": 10, "7": 13, "8": 14, "9": 15, "10": 16}
_ALIASES = {
    **{name: codec for codec, names in (_WIDE | _NARROW).items() for name in names.split()},
    **{
        name.format(n): f"cp{n}"
        for n in _PAGES
        for name in ("cp{}", "ibm{}", "ibm-{}", "cp-{}", "{}", "dos-{}", "cspc{}", "x-cp{}")
    },
    **{
        name.format(n): f"cp{n}"
        for n in _WINDOWS
        for name in ("windows-{}", "cp{}", "cp-{}", "win-{}", "win{}", "windows{}", "x-cp{}", "ms-{}")
    },
    **{name.format(n): f"iso8859_{n}" for n in _ISO for name in ("iso-8859-{}", "iso8859-{}", "iso8859{}")},
    **{name.format(n): f"iso8859_{n}" for n in _ISO for name in ("8859-{}", "iso88-59-{}", "iso-88-59-{}")},
    **{name.format(n): f"iso8859_{m}" for n, m in _LATIN.items() for name in ("latin{}", "latin-{}")},
}
_LABEL = re.compile(r"[a-z0-9][a-z0-9.+:_-]{0,39}")
# A name with something stuck to it: `windows-1252http-equiv`, `utf-8utf-8`, `charset=utf-8`.
_CORE = re.compile(
    r"utf-?(?:8|7|16)|iso-?8859-?1?\d|(?:windows|cp)-?12\d\d|koi8-?[ru]|iso-2022-(?:jp|kr|cn)|gb-?(?:2312|18030|k)"
    r"|big-?5|shift-?jis|euc-(?:jp|kr)|ks-c-5601|us-ascii"
)
_VAGUE = frozenset(
    {
        "us-ascii", "ascii", "ansi-x3.4-1968", "iso646-us", "7bit", "8bit", "binary", "unknown-8bit",
        "unknown", "x-unknown", "default", "none", "x-user-defined",
    }
)  # fmt: skip


def codec(label: str) -> str:
    """The codec to read a charset label with; empty for a label that names none we know."""
    name = _plain(label)
    if name in _ALIASES:
        return _ALIASES[name]
    core = _CORE.search(label[:80].lower().replace("_", "-")) if name else None
    return _ALIASES.get(core[0], "") if core else ""


def is_vague(label: str) -> bool:
    """Whether the label says nothing about bytes beyond ASCII."""
    return not label or _plain(label) in _VAGUE


def _plain(label: str) -> str:
    found = _LABEL.search(label.lower())
    return found[0].replace("_", "-").rstrip("-:.") if found else ""
