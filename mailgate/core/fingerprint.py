"""Knows what a mail is like, in one number: texts that are alike have numbers that differ in few bits.

A simhash: each word votes on every bit. Digits do not count, for they are what differs from one automatic
answer to the next (a ticket's number, a date), and neither does the order of words. Of a few words each one
means much ("Yes, done." and "Yes, please."): so short a text is like none but those of the same words.
"""

import re
import unicodedata
from hashlib import blake2b

ALIKE = 14
"""In so many of 64 bits two mails of one kind differ at most; those of two kinds differ in about 30."""

_ALL = (1 << 64) - 1
_OCTETS = 8
_LANE = 16  # bits in which the votes for one bit are counted; so eight bits are counted in one addition
_LANES = tuple(sum((octet >> bit & 1) << _LANE * bit for bit in range(8)) for octet in range(256))
_WORDS = re.compile(r"[^\W\d_]+")
_CHARS = 8000  # of a text that are looked at
_MOST = 300  # words that vote; more do not change the picture
_FEW = 6  # words; with fewer, one that differs changes so few bits that it would not be seen
_LONG = 12  # letters; a longer one is in a script without blanks, or no word
_PIECE = 3  # letters


def fingerprint(text: str) -> int:
    """The number of the text: 64 bits, signed, as databases have them; 0 for one without a word."""
    words = _words(text)
    if not words:
        return 0
    if len(words) < _FEW:
        words = frozenset({" ".join(sorted(words))})
    votes = [0] * _OCTETS
    for word in words:
        for place, octet in enumerate(blake2b(word.encode(), digest_size=_OCTETS).digest()):
            votes[place] += _LANES[octet]
    half = len(words) // 2
    bits = (vote >> _LANE * bit & (1 << _LANE) - 1 > half for vote in votes for bit in range(8))
    number = sum(1 << place for place, bit in enumerate(bits) if bit)
    return number - (1 << 64) if number >> 63 else number


def alike(one: int, other: int) -> bool:
    """Whether two numbers are those of texts that hardly differ."""
    return ((one ^ other) & _ALL).bit_count() <= ALIKE


def _words(text: str) -> frozenset[str]:
    folded = unicodedata.normalize("NFKC", text[:_CHARS]).casefold()
    found: dict[str, None] = {}
    for word in _WORDS.findall(folded):
        if len(word) <= _LONG:
            found[word] = None
        else:
            found.update(dict.fromkeys(word[at : at + _PIECE] for at in range(len(word) - _PIECE + 1)))
        if len(found) >= _MOST:
            break
    return frozenset(found)
