"""One JupyterLab and one Chromium for all browser tests. A missing browser is a failure: a skip would hide it in CI."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.browser.jupyter import Lab, OpenNotebook, chromium_path

Open = Callable[..., OpenNotebook]
PAGES = pytest.StashKey[list[OpenNotebook]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Takes a picture of each open page when a test fails, while it still is as it was."""
    report = yield
    if report.when == "call" and report.failed:
        for number, page in enumerate(item.stash.get(PAGES, [])):
            print(f"what was on the page: {page.screenshot(f'failed-{item.name}-{number}')}")
    return report


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    server = Lab(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(
                executable_path=chromium_path(),
                args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            )
        except Error as error:
            pytest.fail(
                f"no Chromium to test in: {error.message.splitlines()[0]} Install one (Debian: apt-get install "
                "chromium; anywhere: python -m playwright install chromium), or name it: FTKIT_CHROMIUM=/path/to/it."
            )
        yield started
        started.close()


@pytest.fixture
def open_notebook(lab: Lab, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens a notebook by name, with its kernel; kernels and pages are gone after the test."""
    opened: list[OpenNotebook] = []
    request.node.stash[PAGES] = opened

    def open_(name: str, *cells: str, kernel: bool = True) -> OpenNotebook:
        if cells:
            lab.write_notebook(name, *cells)
        opened.append(OpenNotebook(lab, browser, name, kernel=kernel))
        return opened[-1]

    yield open_
    for page in opened:
        page.close()
