"""Knows how much of one mail is read; what lies beyond is cut with a defect, or makes the mail unreadable.

Every limit bounds time and memory whatever the bytes are. Those of structure end the reading, for a mail
that breaks them was built to; those of text only cut what is shown, for the raw mail is kept whole.
"""

# Beyond these a mail is unreadable.
HEADER_BYTES = 64 * 1024  # one header block, the mail's own or a part's
FIELDS = 1000  # in one header block
HOPS = 100  # Received fields; RFC 5321 section 6.3
PARTS = 200
DEPTH = 30  # multiparts in multiparts, messages in messages
DELIMITER_LINES = 20_000  # lines that begin like a boundary, whether they are one or not

# Beyond these the rest is cut.
FIELD_BYTES = 16 * 1024
ENCODED_WORDS = 256  # in one field
PARAMETERS = 64  # in one field
MAILBOXES = 500  # in one field
MARKS = 4000  # commas, brackets and the like in one field of addresses
FROM_BYTES = 4096  # of all From fields; nobody is identified by more
IDENTIFIERS = 200  # Message-IDs in one field
LINE_CHARS = 998  # of a field that is shown as one line; RFC 5322 section 2.1.1
NAME_BYTES = 150  # of a file's name
TEXT_CHARS = 1_000_000  # of the text of a mail
MARKUP_CHARS = 2_000_000  # of HTML that is turned into text
