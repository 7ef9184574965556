"""Knows how a look reaches mail readers that leave out style sheets: every class becomes a style attribute.

It is done to the template, once, not to each mail. A class whose look is not the same in every mail is
written with an `if` around the element's start tag.
"""

import re
from collections.abc import Mapping

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"\.([a-z][a-z0-9-]*)\s*\{([^{}]*)\}")
_CLASS = re.compile(r'class="([a-z0-9 -]+)"')


def sheet(css: str) -> dict[str, str]:
    """The declarations of each class of a style sheet whose rules are single classes."""
    return {
        name: " ".join(declarations.split()).rstrip(";")
        for name, declarations in _RULE.findall(_COMMENT.sub("", css))
    }


def styled(html: str, declarations: Mapping[str, str]) -> str:
    """The template with the declarations of each element's classes beside them, in their order."""

    def with_style(match: re.Match[str]) -> str:
        style = ";".join(declarations[name] for name in match[1].split() if name in declarations)
        return f'{match[0]} style="{style}"' if style else match[0]

    return _CLASS.sub(with_style, html)
