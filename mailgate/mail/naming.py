"""Knows what a file is called that came with a mail, also where its sender gave it no name.

Of no name: what the part says of itself elsewhere, if that reads like a file's name; the subject of a mail;
else what it is.
"""

import re

from mailgate.mail import encodedword, header, limits, wording
from mailgate.mail.structure import Part

_FILE = re.compile(r"[^\s/\\:?*<>|][^/\\:?*<>|]{0,120}\.[A-Za-z][A-Za-z0-9]{0,4}")
_USUAL = {
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.asc",
    "application/pgp-keys": "key.asc",
    "application/ms-tnef": "winmail.dat",
    "application/vnd.ms-tnef": "winmail.dat",
    "text/calendar": "invite.ics",
    "text/rfc822-headers": "headers.txt",
    "message/delivery-status": "delivery-status.txt",
    "message/global-delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/vcard": "contact.vcf",
    "text/x-vcard": "contact.vcf",
    "text/directory": "contact.vcf",
}
_ENDINGS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "text/xml": ".xml",
    "text/markdown": ".md",
    "text/rtf": ".rtf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/svg+xml": ".svg",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/amr": ".amr",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/gzip": ".gz",
    "application/json": ".json",
    "application/xml": ".xml",
    "application/rtf": ".rtf",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}


def name_of(part: Part, octets: bytes = b"") -> str:
    """The name of a part that is a file; `octets` are its decoded bytes, for the subject of a mail in it."""
    if part.filename:
        return part.filename
    told = _told(part)
    if told:
        return told
    ending = _ENDINGS.get(part.content_type, "")
    if ending == ".eml":
        subject = _subject(octets)
        if subject:
            return wording.label(subject, limits.NAME_BYTES - len(ending)) + ending
    return _USUAL.get(part.content_type) or part.content_type.partition("/")[0] + ending


def _told(part: Part) -> str:
    """A name from where some programs put it instead."""
    description = encodedword.decoded(part.header.first("content-description"))
    if _FILE.fullmatch(description):
        return wording.label(description, limits.NAME_BYTES)
    location = encodedword.decoded(part.header.first("content-location")).partition("?")[0].rpartition("/")
    if _FILE.fullmatch(location[2]) and location[0].count("/") != 1:  # not the host of an address
        return wording.label(location[2], limits.NAME_BYTES)
    return ""


def _subject(octets: bytes) -> str:
    head = header.read(octets, 0, len(octets))
    return encodedword.decoded(head.first("subject")) if isinstance(head, header.Header) else ""
