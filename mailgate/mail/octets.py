"""Knows how numbers and pieces lie in a binary file, read from its beginning to its end and never beyond."""


class Octets:
    """What is left to read of some bytes; numbers are little-endian.

    Raises:
        EOFError: from any of its functions, where there is less than is asked for.
    """

    def __init__(self, content: bytes | memoryview) -> None:
        self._rest = memoryview(content)

    def __len__(self) -> int:
        return len(self._rest)

    def take(self, length: int) -> memoryview:
        """The next bytes."""
        if length > len(self._rest):
            raise EOFError
        taken, self._rest = self._rest[:length], self._rest[length:]
        return taken

    def byte(self) -> int:
        """The next byte as a number."""
        return self.take(1)[0]

    def short(self) -> int:
        """The next two bytes as a number."""
        return int.from_bytes(self.take(2), "little")

    def long(self) -> int:
        """The next four bytes as a number."""
        return int.from_bytes(self.take(4), "little")

    def padded(self, length: int) -> memoryview:
        """The next bytes, and what fills them up to a multiple of four."""
        taken = self.take(length)
        self.take(min(-length % 4, len(self._rest)))
        return taken
