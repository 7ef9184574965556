"""Three strangers that read a mail of ours, none of which shares a line with what wrote it.

One is the standard library as it was, one the standard library as it is now, and one splits bytes by hand. It
needs nothing but the standard library, so that other versions of Python can run it: it reads a JSON list of
mails in base64 from standard input, and says what each stranger saw of each.
"""

import json
import sys
from base64 import b64decode
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

Seen = dict[str, object]
"""What a stranger saw: the names of the header fields in their order, and the addresses in each of them."""

ADDRESSED = ("From", "To", "Cc", "Reply-To")


def as_it_was(mail: bytes) -> Seen:
    """The old parser of the standard library, also after it decoded what is encoded."""
    read = message_from_bytes(mail)
    seen: Seen = {"names": list(read.keys())}
    for field in ADDRESSED:
        bodies = read.get_all(field, [])
        plain = [address for _, address in getaddresses(bodies)]
        decoded = [str(make_header(decode_header(body))).replace("\r\n", "") for body in bodies]
        again = [address for _, address in getaddresses(decoded)]
        seen[field] = plain if plain == again else [*plain, "decoded:", *again]
    return seen


def as_it_is(mail: bytes) -> Seen:
    """The new one, with its own grammar of addresses."""
    read = message_from_bytes(mail, policy=policy.default)
    seen: Seen = {"names": list(read.keys())}
    for field in ADDRESSED:
        seen[field] = [one.addr_spec for header in read.get_all(field, []) for one in header.addresses]
    return seen


def by_hand(mail: bytes) -> Seen:
    """Splits lines where a mail server does, and addresses at commas outside of quotation marks."""
    head = mail.split(b"\r\n\r\n", 1)[0]
    fields: list[tuple[str, str]] = []
    for line in head.split(b"\r\n"):
        text = line.decode("utf-8")
        if text[:1] in {" ", "\t"}:
            fields[-1] = (fields[-1][0], fields[-1][1] + text)
        else:
            name, _, body = text.partition(":")
            fields.append((name, body))
    seen: Seen = {"names": [name for name, _ in fields]}
    for field in ADDRESSED:
        seen[field] = [one for name, body in fields if name == field for one in _addresses(body)]
    return seen


def _addresses(body: str) -> list[str]:
    found, current, quoted = [], "", False
    for character in body + ",":
        if character == '"':
            quoted = not quoted
        if character == "," and not quoted:
            found.append(current.rpartition("<")[2].rstrip("> ").strip())
            current = ""
        else:
            current += character
    return found


STRANGERS = (as_it_was, as_it_is, by_hand)


def seen_by_all(mail: bytes) -> list[Seen]:
    """What each of them saw."""
    return [stranger(mail) for stranger in STRANGERS]


if __name__ == "__main__":
    mails = [b64decode(mail) for mail in json.load(sys.stdin)]
    json.dump([seen_by_all(mail) for mail in mails], sys.stdout)
