"""What every record of the vocabulary is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Frozen; unknown fields are refused, so a typing error cannot lose a value."""

    model_config = ConfigDict(frozen=True, extra="forbid")
