"""Knows how DNS says a name, and how a TXT record is written for a zone file."""

_LONGEST = 255  # RFC 1035 section 3.3: the length is one octet


def ascii_name(domain: str) -> str:
    """The domain as DNS knows it (RFC 5890 section 2.3.2.1); as it is, where it has no such form."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def strings(value: str) -> tuple[str, ...]:
    """The value in pieces of at most 255 octets; read, they are joined without a blank."""
    return tuple(value[at : at + _LONGEST] for at in range(0, len(value), _LONGEST)) or ("",)


def zone_line(name: str, value: str) -> str:
    """The record as a zone file says it (RFC 1035 section 5.1); over several lines where it is long."""
    quoted = [f'"{_escaped(piece)}"' for piece in strings(value)]
    if len(quoted) == 1:
        return f"{name}. IN TXT {quoted[0]}"
    inside = "\n".join(f"    {piece}" for piece in quoted)
    return f"{name}. IN TXT (\n{inside}\n)"


def _escaped(piece: str) -> str:
    return piece.replace("\\", "\\\\").replace('"', '\\"')
