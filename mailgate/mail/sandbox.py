"""Knows in which Jinja2 a template runs: sandboxed, strict about names, each value made safe.

Jinja2 looks with every mail into what cannot have changed since the last. The short ways here leave that out,
and each says why it may; what they do not know takes Jinja2's own way.
"""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, Template
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailgate.core import clock, digest, message, notice
from mailgate.core.promise import Promised
from mailgate.mail.filters import TESTS


def names(kind: type[Any]) -> tuple[str, ...]:
    """What may be named of a dataclass: its fields and its properties."""
    properties = (name for name, value in vars(kind).items() if isinstance(value, property))
    return (*(field.name for field in fields(kind)), *properties)


_VALUES = (
    *(
        kind
        for module in (clock, digest, message, notice)
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind)
    ),
    Promised,
)
_KNOWN = frozenset((kind, name) for kind in _VALUES for name in names(kind))


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment whose templates are all there from the start.

    Args:
        shown: makes safe whatever a template shows, in HTML by escaping it.
        filters: besides those of Jinja2.
        autoescape: whether what templates are made of is markup.
    """

    def __init__(
        self,
        loader: BaseLoader,
        shown: Callable[[object], str],
        filters: Mapping[str, Callable[..., object]],
        *,
        autoescape: bool,
    ) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=autoescape,
            finalize=shown,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.code_generator_class = _Shown
        self.filters.update(filters)
        self.tests.update(TESTS)
        self._ready: dict[str, Template] = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What a template gets for `obj.attribute`: our own values are frozen, their fields harmless."""
        if (type(obj), attribute) in _KNOWN:
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call(self, context: Context, called: Any, *args: Any, **kwargs: Any) -> Any:
        """What a template gets for `called(…)`: a macro is a template, and sandboxed itself."""
        if type(called) is Macro:
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            return called(context.eval_ctx, *args, **kwargs)
        return super().call(context, called, *args, **kwargs)

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja2's signature
    ) -> Template:
        """The template, sought and compiled the first time only: its file was read once for all."""
        if not isinstance(name, str):
            return name
        if name not in self._ready:
            self._ready[name] = super().get_template(name, parent, globals)
        return self._ready[name]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One dictionary, for it is copied for each mail, and nobody adds to it once a template is there."""
        return {**self.globals, **(d or {})}


class _Shown(CodeGenerator):
    """Shows a value by `finalize` alone: what that gives is text, in HTML escaped, and stays as it is."""

    def _output_child_pre(self, *_child: object) -> None:
        self.write("(environment.finalize(")
