"""What `Dataset.split` is asked for, checked before a row is read."""

from __future__ import annotations

import numbers

from ftkit.errors import SettingError
from ftkit.i18n import text


def checked_shares(validation: object, test: object, seed: object, near: object) -> dict[str, float]:
    """Returns the share of the rows that each split but training shall have, without those of 0.

    Raises:
        SettingError: If a share is below 0, nothing would be left to train on, or the seed or `near` cannot be.
    """
    if near not in (True, False, "auto"):
        raise SettingError(text("data.near_value", value=near))
    if not isinstance(seed, numbers.Integral):
        raise SettingError(text("data.seed", value=seed))
    shares: dict[str, float] = {}
    for key, share in (("validation", validation), ("test", test)):
        if not isinstance(share, numbers.Real) or not 0 <= float(share) < 1:
            raise SettingError(text("data.share", key=key, share=share))
        shares[key] = float(share)
    if sum(shares.values()) >= 1:
        raise SettingError(text("data.shares", validation=validation, test=test))
    return {key: share for key, share in shares.items() if share > 0}
