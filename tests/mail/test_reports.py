"""The forms in which mail systems report what they did not deliver, one file each in reports/."""

from pathlib import Path

import pytest

from mailgate.core.message import Message, Origin
from mailgate.mail.parse import parse

FORMS = Path(__file__).parent / "reports"
BOB = ("bob@acme.example",)
SAID = {
    "aborted": (BOB, "failed", ""),
    "account-unknown": (BOB, "failed", ""),
    "activehunter": (BOB, "failed", "5.1.1"),
    "advisory": (BOB, "delayed", ""),
    "aol": ((), "failed", ""),
    "aol2": (("bob@aol.com",), "failed", "5.1.1"),
    "barracuda": (BOB, "failed", ""),
    "biglobe": (BOB, "failed", ""),
    "bigpond": (BOB, "failed", ""),
    "boxed": (BOB, "failed", "5.3.0"),
    "caiwireless": (BOB, "failed", ""),
    "compuserve": (BOB, "failed", ""),
    "courier": (BOB, "failed", "5.1.1"),
    "cox": (BOB, "failed", ""),
    "demon": (BOB, "failed", ""),
    "domino": (BOB, "failed", ""),
    "dragonfly": (BOB, "failed", "5.2.2"),
    "earthlink": (BOB, "failed", ""),
    "exch-wrapped": (BOB, "failed", ""),
    "exchange-admin": (BOB, "failed", ""),
    "exchange-cs": (BOB, "failed", ""),
    "exchange-da": (BOB, "failed", ""),
    "exchange-de": (BOB, "failed", "5.1.1"),
    "exchange-es": (BOB, "failed", ""),
    "exchange-fr": (BOB, "failed", "5.1.1"),
    "exchange-it": (BOB, "failed", ""),
    "exchange-ja": (BOB, "failed", ""),
    "exchange-ko": (BOB, "failed", ""),
    "exchange-nl": (BOB, "failed", ""),
    "exchange-pl": (BOB, "failed", ""),
    "exchange-pt": (BOB, "failed", ""),
    "exchange-ru": (BOB, "failed", ""),
    "exchange-sv": (BOB, "failed", ""),
    "exchange-tr": (BOB, "failed", ""),
    "exchange-zh": (BOB, "failed", ""),
    "exchange2003": (BOB, "failed", ""),
    "exchange2003-delay": (BOB, "delayed", ""),
    "exchange2010": (BOB, "failed", "5.1.1"),
    "exchange55": (BOB, "failed", ""),
    "exim": (BOB, "failed", "5.1.1"),
    "exim-delay": (BOB, "delayed", ""),
    "exim-delay-frozen": (BOB, "delayed", ""),
    "exim-norcptheader": (("bob@acme.example", "kim@acme.example"), "failed", ""),
    "expanded-from": (BOB, "failed", ""),
    "facebook": (("bob@facebook.example",), "failed", "5.1.1"),
    "failed-recipients": (BOB, "failed", ""),
    "french": (BOB, "failed", ""),
    "german": (BOB, "failed", ""),
    "german-daemon": (BOB, "failed", ""),
    "gmail-2010": (BOB, "failed", "5.1.1"),
    "gmail-de": (BOB, "failed", "5.1.1"),
    "gmail-delay": (BOB, "delayed", ""),
    "gmail-fr": (BOB, "failed", ""),
    "gmail-incomplete": (BOB, "delayed", ""),
    "gmail-notfound": (BOB, "failed", "5.1.1"),
    "gmx": (BOB, "failed", "5.1.1"),
    "google-blocked": (BOB, "failed", ""),
    "google-quota": (BOB, "failed", "5.7.1"),
    "groupwise": (BOB, "failed", "5.1.1"),
    "groupwise-short": (BOB, "failed", ""),
    "hotmail-old": (BOB, "failed", ""),
    "hotpop": (BOB, "failed", ""),
    "imail": (BOB, "failed", ""),
    "imail-attempts": (BOB, "failed", ""),
    "imail-full": (BOB, "failed", ""),
    "interscan": (BOB, "failed", "5.1.1"),
    "interscan-noretpath": (BOB, "failed", "5.1.1"),
    "interscanvw": (BOB, "failed", ""),
    "james": (BOB, "failed", ""),
    "java-server-delay": (BOB, "delayed", ""),
    "kundenserver": (BOB, "failed", "5.1.1"),
    "kundenserver-de": (BOB, "failed", ""),
    "llnl": (BOB, "failed", "5.1.1"),
    "mail-deliver-system": (BOB, "failed", ""),
    "mailbox-full": (BOB, "failed", ""),
    "mailfoundry": (BOB, "failed", ""),
    "mailmarshal": (BOB, "failed", "5.1.1"),
    "mailru": (BOB, "failed", ""),
    "mcafee": (BOB, "failed", ""),
    "mdaemon": (BOB, "failed", "5.1.1"),
    "mdaemon2": (BOB, "failed", ""),
    "message-log": (BOB, "failed", ""),
    "messagelabs": (BOB, "failed", ""),
    "messagingserver": (BOB, "failed", "5.1.1"),
    "mfilter": (BOB, "failed", "5.1.1"),
    "mimecast": (BOB, "failed", ""),
    "mimecast-quar": (BOB, "delayed", ""),
    "mimecast2": (BOB, "failed", ""),
    "mobile-carrier": (BOB, "failed", ""),
    "mobile-carrier-account": (BOB, "failed", ""),
    "mobile-carrier-smtp": (BOB, "failed", ""),
    "mxlogic": (BOB, "failed", "5.1.1"),
    "netscape": (("bob@acme.example", "kim@acme.example"), "failed", ""),
    "newmail": (BOB, "failed", ""),
    "not-reached": (BOB, "failed", ""),
    "notes": (BOB, "failed", ""),
    "nullmailer": (BOB, "failed", ""),
    "office365": (BOB, "failed", "5.1.10"),
    "office365-wasnt": (BOB, "failed", ""),
    "one-sentence": (BOB, "failed", ""),
    "opensmtpd": (BOB, "failed", "5.2.2"),
    "outlook": (BOB, "failed", "5.1.1"),
    "past-hours": (BOB, "delayed", ""),
    "permanent-error": (BOB, "failed", ""),
    "postfix-alias": (("kim@other.example",), "failed", "5.1.1"),
    "postfix-delay": (BOB, "delayed", ""),
    "postfix-plain": (BOB, "failed", "5.1.1"),
    "postfix-suspended": (BOB, "failed", ""),
    "powermta": (BOB, "failed", ""),
    "powermta-relay": (BOB, "relayed", ""),
    "prodigy": (BOB, "failed", ""),
    "qmail": (BOB, "failed", "5.1.1"),
    "qmail-idn": (BOB, "failed", "5.2.2"),
    "qmail-two": (("bob@acme.example", "kim@acme.example"), "failed", "5.2.2"),
    "sendgrid": (BOB, "failed", ""),
    "sendmail": (BOB, "failed", ""),
    "sendmail-quota": (BOB, "failed", "5.0.0"),
    "sendmail-see": (BOB, "failed", "5.1.1"),
    "sendmail-warning": (BOB, "delayed", ""),
    "sendmail5": (BOB, "failed", "5.1.1"),
    "ses-plain": (BOB, "failed", ""),
    "smtpsvc": (BOB, "failed", ""),
    "surfcontrol": (BOB, "failed", "5.1.1"),
    "trouble": (BOB, "failed", "5.1.1"),
    "usanet": (BOB, "failed", ""),
    "verizon": (BOB, "failed", ""),
    "warning-delayed": (BOB, "delayed", ""),
    "workmail": (BOB, "failed", "4.4.7"),
    "wp": (BOB, "failed", ""),
    "yahoo": (("bob@yahoo.com",), "failed", ""),
    "yahoo-new": (BOB, "failed", "5.1.1"),
    "yandex-plain": (BOB, "failed", "5.7.1"),
    "zoho": (BOB, "failed", "5.1.1"),
    "zoho2": (BOB, "failed", ""),
}


def told(name: str) -> tuple[Origin, tuple[str, ...], str, str]:
    read = parse((FORMS / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n"))
    assert isinstance(read, Message)
    report = read.report
    if report is None:
        return read.verdict.origin, (), "", ""
    return read.verdict.origin, report.recipients, report.action, report.status


def test_every_form_is_expected() -> None:
    assert sorted(SAID) == sorted(file.stem for file in FORMS.glob("*.eml"))


@pytest.mark.parametrize("name", sorted(SAID))
def test_a_mail_system_is_understood(name: str) -> None:
    """behaviour.md 2.3: one of the old plain-text forms, in whatever language; a delay is no failure"""
    recipients, action, status = SAID[name]
    assert told(name) == (Origin.DELIVERY_REPORT, recipients, action, status)
