"""A real JupyterLab in its own process and folders, and one notebook open in a real Chromium page.

Everything a test does goes through what a person has too: the page, and the outputs in the notebook's model.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from playwright.sync_api import Browser, Locator, Page

REPOSITORY = Path(__file__).resolve().parents[2]
SCREENSHOTS = REPOSITORY / "test-results"
START_SECONDS = 60.0
T = TypeVar("T")

# What a first-time user's Lab has, less what makes a test slow or random: no news, no autosave.
_SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "docmanager-extension/plugin": {"autosave": False},
}


def chromium_path() -> str | None:
    """Returns the installed Chromium: FTKIT_CHROMIUM, else one on the path, else None for Playwright's own."""
    named = os.environ.get("FTKIT_CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def until(read: Callable[[], T], seconds: float = 20.0, what: str = "", every: float = 0.05) -> T:
    """Returns the first true value that `read` gives, or fails after `seconds` with what was read last."""
    limit = time.monotonic() + seconds
    while True:
        value = read()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError(f"not within {seconds:g} s: {what or read}. Last read: {value!r}")
        time.sleep(every)


class Events:
    """The events of the only run in a folder of runs, read from its file as it grows."""

    def __init__(self, runs: Path) -> None:
        self._runs = runs

    def all(self) -> list[dict[str, Any]]:
        files = list(self._runs.glob("*/events.jsonl"))
        assert len(files) <= 1, f"more than one run: {files}"
        if not files:
            return []
        lines = files[0].read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1]]  # after the last newline a line may be half written

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.all() if event["type"] == kind]

    def wait_for(self, kind: str, seconds: float = 30.0, *, more_than: int = 0) -> float:
        """Returns when the event was seen in the file, in seconds since 1970, to about 5 ms."""
        until(lambda: len(self.of(kind)) > more_than, seconds, f"a {kind} event", every=0.005)
        return time.time()


class Lab:
    """A ``jupyter lab`` process on a free port, with settings, data and runs in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.token = secrets.token_hex(16)
        self._log = folder / "lab.log"
        for name in ("work", "config", "data", "runtime"):
            (folder / name).mkdir()
        for name, values in _SETTINGS.items():
            file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {
            "JUPYTER_CONFIG_DIR": folder / "config",
            "JUPYTER_DATA_DIR": folder / "data",
            "JUPYTER_RUNTIME_DIR": folder / "runtime",
            "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
            "IPYTHONDIR": folder / "ipython",
            "FTKIT_LANGUAGE": "en",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")])),
        }
        self._environment = {**os.environ, **{name: str(value) for name, value in settings.items()}}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={self.port}",
            "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.work}", "--LabApp.expose_app_in_browser=True",
            "--LabApp.extension_manager=readonly", "--KernelManager.shutdown_wait_time=1.0",
        ]  # fmt: skip
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, env=self._environment, cwd=self.work, stdout=log, stderr=log)
        try:
            until(self._answers, START_SECONDS, "JupyterLab answers", every=0.2)
        except AssertionError as error:
            self.stop()
            raise AssertionError(f"{error}\n{self.log()[-4000:]}") from None

    def stop(self) -> None:
        if self._process is None:
            return
        try:  # asked politely it ends its kernels too, on every system
            self._call("/api/shutdown", "POST")
            self._process.wait(15)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(15)

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def write_notebook(self, name: str, *cells: str) -> Path:
        """Writes a notebook of code cells into the server's folder."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.work / name
        nbformat.write(notebook, path)
        return path

    def shut_kernel(self, name: str) -> None:
        """Ends the kernel of a notebook, if it has one."""
        for session in json.loads(self._call("/api/sessions")):
            if session["path"] == name:
                self._call(f"/api/sessions/{session['id']}", "DELETE")

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"JupyterLab ended with {self._process.returncode}")
        try:
            self._call("/api/status")
        except OSError:
            return False
        return True

    def _call(self, path: str, method: str = "GET") -> bytes:
        request = urllib.request.Request(
            self.url + path, method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            body: bytes = answer.read()
            return body


class OpenNotebook:
    """One notebook open in the browser, with a running kernel unless it was opened without."""

    def __init__(self, lab: Lab, browser: Browser, name: str, *, kernel: bool = True) -> None:
        self.lab = lab
        self.name = name
        self._context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="en-US")
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.goto(f"{lab.url}/lab/workspaces/{Path(name).stem}/tree/{name}?reset&token={lab.token}")
        self._kernel = kernel
        self._ready()

    def close(self) -> None:
        """Closes the page and ends the kernel."""
        self._context.close()
        self.lab.shut_kernel(self.name)

    def _ready(self) -> None:
        self.page.wait_for_function("() => window.jupyterapp && window.jupyterapp.shell")
        self._panel: str = self.page.evaluate(
            """async ([name, kernel]) => {
                const app = window.jupyterapp;
                await app.restored;
                const find = () => [...app.shell.widgets('main')].find(w => w.context && w.context.path === name);
                for (let i = 0; i < 200 && !find(); i++) await new Promise(done => setTimeout(done, 50));
                const panel = find();
                app.shell.activateById(panel.id);
                await panel.context.ready;
                if (kernel) {
                    await panel.sessionContext.ready;
                    await panel.sessionContext.session.kernel.info;
                } else {
                    await panel.sessionContext.shutdown();
                }
                window.panel = panel;
                return panel.id;
            }""",
            [self.name, self._kernel],
        )

    def reload(self) -> None:
        """Loads the page anew, as F5 does."""
        self.page.reload()
        self._ready()

    def save(self) -> None:
        self.page.evaluate("() => window.panel.context.save()")

    def add(self, cell: str) -> int:
        """Adds a code cell at the end and returns its index."""
        insert = """source => {
            const model = window.panel.content.model.sharedModel;
            model.insertCell(model.cells.length, {cell_type: 'code', source});
            return model.cells.length - 1;
        }"""
        return int(self.page.evaluate(insert, cell))

    def run(self, index: int, *, wait: bool = True, seconds: float = 60.0) -> None:
        """Runs one cell; with `wait` until it has ended."""
        before = self.page.evaluate(
            """index => {
                const cell = window.panel.content.widgets[index];
                const before = cell.model.executionCount;
                window.panel.content.activeCellIndex = index;
                window.panel.content.deselectAll();
                window.jupyterapp.commands.execute('notebook:run-cell');
                return before;
            }""",
            index,
        )
        if wait:
            ended = "([index, before]) => { const cell = window.panel.content.widgets[index].model; "
            ended += "return cell.executionState === 'idle' && cell.executionCount !== before; }"
            self.page.wait_for_function(ended, arg=[index, before], timeout=seconds * 1000)

    def run_all(self) -> None:
        """Starts all cells, as the menu does; does not wait."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")

    def sources(self) -> list[str]:
        """Returns what is written in each cell."""
        found: list[str] = self.page.evaluate("() => window.panel.content.widgets.map(c => c.model.sharedModel.source)")
        return found

    def any_busy(self) -> bool:
        """Returns whether any code cell is running or waits to."""
        states = "() => window.panel.content.widgets.some(c => (c.model.executionState ?? 'idle') !== 'idle')"
        return bool(self.page.evaluate(states))

    def busy(self, index: int) -> bool:
        """Returns whether a cell is still running."""
        state = "index => window.panel.content.widgets[index].model.executionState"
        return bool(self.page.evaluate(state, index) != "idle")

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Returns a cell's outputs as the notebook's model holds them, which is what is saved."""
        outputs = "index => window.panel.content.widgets[index].model.outputs?.toJSON() ?? []"
        found: list[dict[str, Any]] = self.page.evaluate(outputs, index)
        return found

    def bundle(self, index: int, mime: str) -> str | None:
        """Returns the first output of this kind in a cell, or None."""
        for output in self.outputs(index):
            if mime in output.get("data", {}):
                return "".join(output["data"][mime])
        return None

    def text(self, index: int) -> str:
        """Returns all plain text of a cell's outputs: streams, texts and tracebacks."""
        parts = []
        for output in self.outputs(index):
            parts.append("".join(output.get("text", "")))
            parts.append("".join(output.get("data", {}).get("text/plain", "")))
            parts.append("\n".join(output.get("traceback", [])))
        return "\n".join(part for part in parts if part)

    def cell(self, index: int) -> Locator:
        """Returns a cell on the page."""
        return self.page.locator(f"[id='{self._panel}'] .jp-Notebook .jp-Cell").nth(index)

    def button(self, name: str, index: int = 0) -> Locator:
        """Returns a button of a cell's panel by what is written on it."""
        return self.cell(index).locator(".ftkit-controls").get_by_role("button", name=name)

    def click(self, name: str, index: int = 0) -> float:
        """Clicks a button of the panel with the mouse; returns when the page got the click, in seconds since 1970."""
        listen = "() => document.addEventListener('click', () => { window.clickedAt = Date.now(); }, {capture: true})"
        self.page.evaluate(listen)
        self.button(name, index).click()
        return float(self.page.evaluate("() => window.clickedAt")) / 1000

    def status_is(self, state: str, index: int = 0, seconds: float = 10.0) -> None:
        """Waits until the panel's controls name this state."""
        status = self.cell(index).locator(".ftkit-status")
        until(lambda: status.text_content() == state, seconds, f"the panel says {state!r}")

    def interrupt(self) -> None:
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")

    def screenshot(self, name: str, index: int | None = None) -> Path:
        if index is not None:
            self.cell(index).evaluate("cell => cell.scrollIntoView({block: 'start'})")
            self.page.wait_for_timeout(250)  # cells out of sight are laid out only now
            self.cell(index).evaluate("cell => cell.scrollIntoView({block: 'start'})")
            self.page.wait_for_timeout(100)
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=str(path))
        return path
