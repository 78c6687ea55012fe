"""The runs that train in this process: found again by a cell that is run twice, and ended with the process."""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from ftkit.runs.cell import Cell
from ftkit.runs.spec import RunSpec
from ftkit.training.events import Stop

if TYPE_CHECKING:
    from ftkit.runs.run import Run

ALIVE: dict[Path, Run] = {}  # by folder
OF_CELL: WeakValueDictionary[str, Run] = WeakValueDictionary()  # the latest run that each notebook cell started
_LAST_STEP_SECONDS = 10.0


def earlier_run(spec: RunSpec, cell: Cell | None) -> Run | None:
    """Returns the run of this process that makes a second one needless, alive or ended meanwhile; else None.

    That is one that still trains and does the very same, or the cell's own. A cell that was run again while its run
    blocked the kernel comes here only when that run has ended: it asked for no second one either.
    """
    for run in list(ALIVE.values()):
        if run._thread is None or run._ended():
            continue
        same_cell = cell is not None and run._cell is not None and run._cell.id == cell.id
        if same_cell or (run.spec == spec and (cell is None or run._cell is None)):
            return run
    run_before = OF_CELL.get(cell.id) if cell is not None else None
    if cell is None or run_before is None or run_before._cell is None or run_before.spec != spec:
        return None
    first = run_before._cell
    if first.sent is None or cell.sent is None or cell.sent <= first.sent:
        return None
    sent_again = first.began + (cell.sent - first.sent)  # on our clock, whatever the page's says
    return run_before if run_before._ended_at is not None and sent_again < run_before._ended_at else None


@atexit.register
def _end_with_the_process() -> None:
    """Ends the runs that still train: torch aborts the process if their threads are cut off inside it."""
    for run in list(ALIVE.values()):
        run._tell(Stop("interrupt"))
    for run in list(ALIVE.values()):
        run._over.wait(_LAST_STEP_SECONDS)
