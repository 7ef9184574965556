"""Knows where the files lie that come with the program: templates, migrations, the starter configuration.

In a wheel they are under `mailgate/_shipped`, in a clone beside the package.
"""

from pathlib import Path
from typing import Literal

Folder = Literal["templates", "migrations", "config"]
_PACKAGE = Path(__file__).resolve().parent


def folder(name: Folder) -> Path:
    """The folder of that name.

    Raises:
        FileNotFoundError: this installation is incomplete.
    """
    for place in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the folder {name!r} is missing from this installation of mailgate")
