"""Where the public model sets lie; without them the tests that need them are skipped with a sentence."""

import os
from pathlib import Path

import pytest


def corpus(name: str) -> Path:
    """The folder of a public set under SHANGMEN_CORPORA."""
    root = os.environ.get("SHANGMEN_CORPORA")
    path = Path(root or "") / name
    if not root or not path.is_dir():
        pytest.skip(f"set SHANGMEN_CORPORA to the folder that holds {name}/ to run the public models")
    return path
