import ast
import re
import tomllib
from collections.abc import Iterator

from tests.house.code import ROOT, modules, place, texts

VAGUE = {"base", "common", "data", "handle", "handler", "helper"}
VAGUE |= {"info", "manager", "misc", "process", "service", "util"}
# aiosmtpd, asyncio, SQLAlchemy
DEMANDED_BY_A_LIBRARY = re.compile(
    r"handle_[A-Z]+|_handle_client|data_received|process_bind_param|process_result_value"
)
# Put together here, or this file would be what it forbids.
MACHINE = re.compile("|".join(["/" + "work/", "/" + "root/", "/" + "home/[a-z]", "/" + "tmp/wt"]))
REGISTRY = re.compile("|".join(["--index" + "-url", "--extra-index" + "-url", "py" + "pi.org"]))
UNFINISHED = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]))
TEXTS = {".py", ".md", ".toml", ".txt", ".html", ".css", ".ini", ".lock", ".svg", ".yml", ""}


def names() -> Iterator[tuple[str, str]]:
    """The name of every module, class and function, and where it stands."""
    for file in modules():
        yield place(file), file.stem
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield f"{place(file)}:{node.lineno}", node.name


def words(name: str) -> set[str]:
    """`process_MailData` → process, mail, data; a plural counts as its singular."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    return {part.lower() for part in parts} | {part.lower().removesuffix("s") for part in parts}


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{place(file)}:{number}: {line.strip()[:80]}"
        for file in texts()
        if file.suffix in TEXTS
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), start=1)
        if pattern.search(line)
    ]


def is_vague(where: str, name: str) -> bool:
    found = words(name) & VAGUE
    if where.startswith(("mailgate/listener", "mailgate/smarthost")):
        found -= {"data"}  # a verb of SMTP there (RFC 5321 section 4.1.1.4)
    if where.startswith("mailgate/app"):
        found -= {"service"}  # what `mailgate serve` runs and [service] configures
    return bool(found) and not DEMANDED_BY_A_LIBRARY.fullmatch(name)


IMPORTED_AS = {"dnspython": "dns", "pyspf": "spf"}


def test_names_are_words_of_the_field() -> None:
    vague = [f"{where} {name}" for where, name in names() if is_vague(where, name)]
    assert vague == []


def test_no_file_names_the_machine_it_was_written_on() -> None:
    assert lines_with(MACHINE) == []


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRY) == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED) == []


def test_every_library_that_is_asked_for_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {re.split(r"[\[<>=]", one)[0] for one in project["dependencies"]}
    asked = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in named}
    used = {
        name.split(".")[0]
        for file in modules()
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in imported(node)
    }
    assert asked - used == set()


def imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names):
            return [one.name for one in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
        case _:
            return []
