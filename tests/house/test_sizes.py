import ast
from pathlib import Path

from tests.house.code import functions, modules, place

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 40
MOST_LINES_OF_NINE_IN_TEN = 25
MOST_ARGUMENTS = 6


def length(function: ast.AST) -> int:
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    return (function.end_lineno or function.lineno) - function.lineno + 1


def arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([one for one in named if one.arg not in {"self", "cls"}])


def test_a_file_fits_a_few_screens() -> None:
    lines = {place(file): len(file.read_text("utf-8").splitlines()) for file in modules()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES_OF_A_FILE} == {}


def test_a_function_fits_one_screen() -> None:
    long = [
        f"{place(file)}:{function.lineno} {function.name}: {length(function)}"
        for file in modules()
        for function in functions(file)
        if length(function) > MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_nine_functions_in_ten_are_short() -> None:
    lengths = sorted(length(function) for file in modules() for function in functions(file))
    assert lengths[len(lengths) * 9 // 10] <= MOST_LINES_OF_NINE_IN_TEN


def test_a_function_takes_a_handful_of_arguments() -> None:
    greedy = [
        f"{place(file)}:{function.lineno} {function.name}: {arguments(function)}"
        for file in modules()
        for function in functions(file)
        if arguments(function) > MOST_ARGUMENTS
    ]
    assert greedy == []


def test_every_module_says_first_what_it_knows() -> None:
    def has_docstring(file: Path) -> bool:
        return bool(ast.get_docstring(ast.parse(file.read_text("utf-8"))))

    assert [place(file) for file in modules() if not has_docstring(file)] == []
