from bench.__main__ import SMALL
from tests.house.code import ROOT


def test_make_bench_runs_every_measurement() -> None:
    files = {file.stem for file in (ROOT / "bench").glob("*.py")} - {"__main__", "__init__"}
    assert set(SMALL) == files
