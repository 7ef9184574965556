"""Knows where in an S/MIME message that is signed as a whole the signed words lie (RFC 5652, RFC 8551).

Nothing is verified, and what is encrypted is not opened. Read by steps that only go forward, in whichever of
the two ways of BER the lengths are written (X.690); what does not look like it holds nothing.
"""

_SIGNED = bytes.fromhex("06092a864886f70d010702")  # 1.2.840.113549.1.7.2, signed-data
_WORDS = bytes.fromhex("06092a864886f70d010701")  # 1.2.840.113549.1.7.1, data
_SEQUENCE, _SET, _INTEGER, _EXPLICIT = 0x30, 0x31, 0x02, 0xA0
_OCTETS, _PIECES = 0x04, 0x24
_LONG = 0x80  # of a length: it has more bytes; alone: it ends with two zeros
_WIDEST = 4  # bytes of a length


def signed(octets: bytes) -> bytes:
    """The signed words, themselves a part of a mail with its header; empty for none."""
    try:
        return _Steps(octets).words()
    except (IndexError, ValueError):
        return b""


class _Steps:
    """A way through the octets."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def words(self) -> bytes:
        self._into(_SEQUENCE)
        self._past(_SIGNED)
        self._into(_EXPLICIT)
        self._into(_SEQUENCE)
        self._over(_INTEGER)
        self._over(_SET)
        self._into(_SEQUENCE)
        self._past(_WORDS)
        self._into(_EXPLICIT)
        if self._octets[self._at] == _OCTETS:
            return self._piece()
        length = self._into(_PIECES)
        end = self._at + length if length >= 0 else len(self._octets)
        pieces: list[bytes] = []
        while self._at < end and self._octets[self._at] == _OCTETS:
            pieces.append(self._piece())
        return b"".join(pieces)

    def _past(self, expected: bytes) -> None:
        if not self._octets.startswith(expected, self._at):
            raise ValueError("something else is packed here")
        self._at += len(expected)

    def _into(self, tag: int) -> int:
        """Goes to the beginning of what a value holds; returns its length, -1 where that is not told."""
        if self._octets[self._at] != tag:
            raise ValueError("another value than there should be")
        length = self._octets[self._at + 1]
        self._at += 2
        if length == _LONG:
            if tag in {_INTEGER, _SET, _OCTETS}:
                raise ValueError("a value whose end cannot be told")
            return -1
        if length < _LONG:
            return length
        width = length - _LONG
        if width > _WIDEST:
            raise ValueError("a length beyond all mail")
        self._at += width
        return int.from_bytes(self._octets[self._at - width : self._at])

    def _over(self, tag: int) -> int:
        """Goes past a value; returns its length."""
        length = self._into(tag)
        self._at += length
        return length

    def _piece(self) -> bytes:
        length = self._over(_OCTETS)
        return self._octets[self._at - length : self._at]
