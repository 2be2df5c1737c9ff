"""What every record of the vocabulary is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Frozen; unknown fields are refused, so a typing error cannot lose a value."""

    # What was wrong is told without the value: it may be an account.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
