"""Knows in which Jinja2 a template runs: sandboxed, bounded, strict about names, each value made safe.

What a template may call is listed, not what it may not. Jinja2 looks with every mail into what cannot have
changed since the last; the short ways here leave that out, and each says why it may.
"""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailgate.core import clock, digest, message, notice
from mailgate.core.promise import Promised
from mailgate.mail import budget
from mailgate.mail.filters import TESTS

# Those of Jinja2 that cannot make much of little; `join` and `replace` below are our own.
_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first"),
    *("float", "forceescape", "groupby", "int", "items", "last", "length", "list", "lower"),
    *("map", "max", "min", "reject", "rejectattr", "reverse", "safe", "select"),
    *("selectattr", "sort", "string", "striptags", "title", "trim", "truncate", "unique"),
    *("upper", "wordcount"),
)
_GLOBALS = ("dict", "namespace", "cycler", "joiner")
_OF_TEXT = (
    *("capitalize", "casefold", "count", "endswith", "find", "isalnum", "isalpha", "isdecimal"),
    *("isdigit", "islower", "isspace", "isupper", "lower", "lstrip", "partition"),
    *("removeprefix", "removesuffix", "rfind", "rpartition", "rsplit", "rstrip", "split"),
    *("splitlines", "startswith", "strip", "title", "upper"),
)
_NUMBERS = 1000
_LARGEST = 10**15  # a number that is reckoned with
_REFUSED: tuple[tuple[type, frozenset[str]], ...] = (
    (str, frozenset(vars(str)).difference(_OF_TEXT)),
    (bytes, frozenset(vars(bytes))),
    (int, frozenset(vars(int))),
    (date, frozenset({"strftime"})),  # its widths are unbounded; `told` and its kin tell dates
)


def names(kind: type[Any]) -> tuple[str, ...]:
    """What may be named of a dataclass: its fields and its properties."""
    properties = (name for name, value in vars(kind).items() if isinstance(value, property))
    return (*(field.name for field in fields(kind)), *properties)


VALUES = (
    *(
        kind
        for module in (clock, digest, message, notice)
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind)
    ),
    Promised,
)
"""What templates are told about, beside words, numbers and instants."""

_KNOWN = frozenset((kind, name) for kind in VALUES for name in names(kind))


class Loader(BaseLoader):
    """What gives out templates by their whole names."""

    def whole_name(self, name: str, parent: str) -> str:  # noqa: ARG002 - for loaders that know more
        """The whole name of what another template names."""
        return name


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment whose templates are all there from the start.

    Args:
        shown: makes safe whatever a template shows, in HTML by escaping it.
        filters: besides those of Jinja2.
        autoescape: whether what templates are made of is markup.
    """

    intercepted_binops = frozenset({"+", "*", "**", "%"})

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
            finalize=lambda value: budget.measured(shown(value)),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.code_generator_class = _Shown
        self.bounded = budget.measured
        own = {"join": _joined, "replace": _replaced, "counted": budget.counted}
        self.filters = {name: self.filters[name] for name in _FILTERS} | own | dict(filters)
        self.globals = {name: self.globals[name] for name in _GLOBALS} | {"range": _range}
        self.tests.update(TESTS)
        self._ready: dict[str, Template] = {}

    def filled(self, name: str, values: Mapping[str, object]) -> str:
        """A template by its whole name, filled.

        Raises:
            jinja2.TemplateError: it is wrong, or does more than any mail needs.
        """
        budget.begin()
        return self.get_template(name).render(values)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What a template gets for `obj.attribute`: our own values are frozen, their fields harmless."""
        if (type(obj), attribute) in _KNOWN:
            return getattr(obj, attribute)
        if any(isinstance(obj, kind) and attribute in refused for kind, refused in _REFUSED):
            raise SecurityError(f"a template may not use '{attribute}' of a {type(obj).__name__}")
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """What a template gets for `obj[argument]`."""
        if isinstance(argument, str) and isinstance(obj, str | bytes | int | date):
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)

    def call(self, context: Context, called: Any, *args: Any, **kwargs: Any) -> Any:
        """What a template gets for `called(…)`: a macro is a template, and sandboxed itself."""
        budget.step()
        if type(called) is Macro:
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            return called(context.eval_ctx, *args, **kwargs)
        return super().call(context, called, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """What a template gets for `left + right` and the like: numbers alone, but for `+`."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator != "+" and not numbers:
            raise SecurityError(f"'{operator}' is for numbers alone; text is put together by '~'")
        if numbers and max(abs(left), abs(right)) > (_LARGEST if operator != "**" else 1000):
            raise SecurityError(f"{left} {operator} {right} is a larger number than any mail needs")
        result = super().call_binop(context, operator, left, right)
        return budget.measured(result) if isinstance(result, str) else result

    def join_path(self, template: str, parent: str) -> str:
        """The whole name of what a template names."""
        return self.loader.whole_name(template, parent) if isinstance(self.loader, Loader) else template

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja2's signature
    ) -> Template:
        """The template, sought and compiled the first time only: its file was read once for all."""
        if not isinstance(name, str):
            return name
        whole = name if parent is None else self.join_path(name, parent)
        if whole not in self._ready:
            self._ready[whole] = super().get_template(whole, None, globals)
        return self._ready[whole]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One dictionary, for it is copied for each mail, and nobody adds to it once a template is there."""
        return {**self.globals, **(d or {})}


class _Shown(CodeGenerator):
    """Shows a value by `finalize` alone: what that gives is text, in HTML escaped, and stays as it is.

    Every loop counts its turns, and what is joined is measured.
    """

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja2's name
        """Writes a template whose loops count."""
        for loop in node.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        super().visit_Template(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Writes `a ~ b`."""
        self.write("environment.bounded(")
        super().visit_Concat(node, frame)
        self.write(")")

    def _output_child_pre(self, *_child: object) -> None:
        self.write("(environment.finalize(")


def _range(*bounds: int) -> range:
    """Numbers to loop over, as many as any mail needs."""
    numbers = range(*bounds)
    if len(numbers) > _NUMBERS:
        raise budget.Overspent(f"a range has at most {_NUMBERS} numbers")
    return numbers


def _joined(parts: Any, between: str = "") -> str:
    """The parts with the same text between each two of them; in HTML each is escaped when all is shown."""
    texts = [str(part) for part in parts]
    if sum(map(len, texts)) + len(texts) * len(between) > budget.LONGEST:
        raise budget.Overspent("these are too many to join")
    return between.join(texts)


def _replaced(text: str, old: str, new: str) -> str:
    """The text with other words in it."""
    if not old or len(text) + text.count(old) * len(new) > budget.LONGEST:
        raise budget.Overspent("this replaces too much")
    return text.replace(old, new)
