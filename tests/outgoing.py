"""A mail that goes out, for tests that need one; each says with `replace` what matters to it."""

from mailgate.core.outgoing import Care, MailKind, Outgoing

ACKNOWLEDGEMENT = Outgoing(
    kind=MailKind.ACKNOWLEDGEMENT,
    cause="acknowledgement:1",
    care=Care.AT_MOST_ONCE,
    reverse_path="",
    recipients=("bob@acme.example",),
    message_id="ack.1@support.example.com",
    subject="[ACME-1] Help",
    content=b"Subject: [ACME-1] Help\r\n\r\nWe have it.\r\n",
    account="acme",
    sender="acme@support.example.com",
)
