"""What the loop is told before it starts: plain numbers, every automatic choice made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings of one training run, with nothing left to choose.

    ``accumulate`` batches of ``batch_size`` make one optimizer step. ``evaluate_every`` counts steps (None: at the end
    of every epoch); ``patience`` counts evaluations; ``max_minutes`` counts minutes of training, pauses left out.
    The plateau rule looks at mean epoch losses: see `training.rules.on_plateau`.
    """

    epochs: int
    learning_rate: float
    batch_size: int
    max_length: int
    optimizer: str = "adamw"
    weight_decay: float = 0.01
    schedule: str = "linear"
    warmup_ratio: float = 0.06
    label_smoothing: float = 0.0
    accumulate: int = 1
    clip: float | None = 1.0
    evaluate_every: int | None = None
    patience: int | None = None
    plateau: bool = True
    plateau_after: int = 5
    plateau_change: float = 0.001
    max_minutes: float | None = None
    precision: str = "fp32"
    seed: int = 0

    def steps_per_epoch(self, n_examples: int) -> int:
        """Returns the optimizer steps of one epoch; the last one may see fewer examples."""
        return -(-n_examples // (self.batch_size * self.accumulate))
