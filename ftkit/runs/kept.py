"""The model that a run kept: found in its newest checkpoint, also while another process still trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftkit.errors import ModelError, RunError
from ftkit.i18n import text
from ftkit.runs.spec import RunSpec
from ftkit.runs.store import RunFolder

if TYPE_CHECKING:
    from ftkit.training.predictor import Predictor

Held = tuple[str, "Predictor"]  # a checkpoint's name, and what was loaded from it


def kept_model(
    folder: RunFolder, spec: RunSpec, settings: Mapping[str, Any], held: Held | None, own: Any = None
) -> Held:
    """Returns the newest checkpoint's name and its predictor; `held` again if it is of that one.

    Args:
        folder: The run's.
        spec: The run as asked for.
        settings: What was in force.
        held: What was loaded before.
        own: The user's own task, if the run has one.

    Raises:
        RunError: If there are no weights yet, they are damaged, or the run's own task was not handed over.
        ModelError: If an adapter's base model is gone or another.
    """
    from ftkit.runs.build import load_predictor

    missing: FileNotFoundError | None = None
    for _ in range(20):
        checkpoints = folder.checkpoints()
        if not checkpoints:
            break
        newest = checkpoints[-1]
        if held is not None and held[0] == newest.name:
            return held
        try:
            return newest.name, load_predictor(spec, settings, folder.model, newest / "model.safetensors", own)
        except FileNotFoundError as error:  # a better one took its place since the look
            missing = error
        except (ModelError, RunError):  # the base model of an adapter is gone or another
            raise
        except Exception as error:  # the many of safetensors, transformers and tokenizers
            raise RunError(text("runs.damaged", file=newest, error=error)) from error
    raise RunError(text("runs.no_weights", run=folder.id)) from missing
