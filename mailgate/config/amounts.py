"""Knows how a policy file writes amounts of time, and says what would be right instead of something else."""

from typing import Annotated, Any

from pydantic import PlainValidator

from mailgate.config.toml import reject
from mailgate.core.amount import Amount, amount
from mailgate.core.target import BEST_EFFORT

_AMOUNT_TO_BE = f'such as "4 business hours", "15 minutes", "2 days", "1-2 business days" or "{BEST_EFFORT}"'

_DELAY_TO_BE = 'such as "15 minutes", "2 business hours" or "at once"'


def _within(text: Any) -> Amount | None:
    if text == BEST_EFFORT:
        return None
    return _read(text, _AMOUNT_TO_BE)


def _delay(text: Any) -> Amount | None:
    if text in {"at once", "0 minutes"}:
        return None
    read = _read(text, _DELAY_TO_BE)
    if read.least is not None:
        raise reject(f'"{text}" is a range', _DELAY_TO_BE)
    return read


def _length(text: Any) -> int:
    read = _read(text, 'such as "8 hours"')
    milliseconds = read.wall_milliseconds
    if milliseconds is None or read.least is not None:
        raise reject(f'"{text}" is no plain length of time', 'such as "8 hours"')
    return milliseconds


def _read(text: Any, right: str) -> Amount:
    try:
        return amount(text if isinstance(text, str) else str(text))
    except ValueError as error:
        raise reject(str(error), right) from None


Within = Annotated[Amount | None, PlainValidator(_within)]
"""`"4 business hours"`; None for `"best effort"`."""

Delay = Annotated[Amount | None, PlainValidator(_delay)]
"""`"15 minutes"`; None for `"at once"`."""

Length = Annotated[int, PlainValidator(_length)]
"""`"8 hours"`, in milliseconds."""
