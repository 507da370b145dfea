"""No expression of a procedure runs Python: with eval, exec and compile booby-trapped, every scenario still comes true.

The traps spring for callers in our own code and in the library that interprets diagrams. The template engine of
papers compiles templates by itself, in its sandbox; it is the one caller that is let through.
"""

from __future__ import annotations

import builtins
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.connectors.registry import connectors
from engine.feel import FeelError, compile_expression
from engine.scenarios.player import play
from engine.scenarios.seed import set_the_stage
from engine.store.database import open_database
from engine.store.run import Platform
from tests.processes.drawing import PROCESSES, ROOT
from tests.processes.test_scenarios import SCENARIOS

TRAPPED = ("eval", "exec", "compile")
WATCHED = ("SpiffWorkflow", "engine", "forms", "web")


class Sprung(BaseException):
    """Somebody ran text as code. No ``except Exception`` hides it."""


def _trap(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def trap(*args: Any, **kwargs: Any) -> Any:
        module = sys._getframe(1).f_globals.get("__name__", "")
        if module.split(".")[0] in WATCHED:
            raise Sprung(f"{module} called {name}")
        return real(*args, **kwargs)

    return trap


@pytest.fixture
def traps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TRAPPED:
        monkeypatch.setattr(builtins, name, _trap(name, getattr(builtins, name)))


@pytest.fixture(scope="module")
def platform(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    path = tmp_path_factory.mktemp("traps") / "traps.sqlite"
    shutil.copy(sqlite_template, path)
    found = Platform(open_database(f"sqlite:///{path}"))
    set_the_stage(found, PROCESSES, ROOT / "forms" / "library", datetime(2020, 1, 1, tzinfo=UTC))
    yield found
    found.database.close()


@pytest.mark.parametrize("key", SCENARIOS)
def test_the_story_comes_true_without_python(key: str, platform: Platform, traps: None, tmp_path: Path) -> None:
    play(platform, connectors(tmp_path), SCENARIOS[key])


def test_the_traps_do_spring(traps: None) -> None:
    from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
    from SpiffWorkflow.bpmn.script_engine.python_environment import TaskDataEnvironment

    with pytest.raises(Sprung, match="SpiffWorkflow"):
        PythonScriptEngine(TaskDataEnvironment({})).environment.evaluate("1 + 1", {})


@pytest.mark.parametrize("text", ["__import__('os').getpid()", "().__class__.__base__", "open('/etc/passwd')"])
def test_python_is_no_expression(text: str, traps: None) -> None:
    try:
        value = compile_expression(text).evaluate({})
    except FeelError:
        return
    assert value is None
