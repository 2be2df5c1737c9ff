"""Which reason code an ERP keeps with a held invoice, from `hold_codes.toml` beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from tools.domain.findings import DiscrepancyKind
from tools.matching.decision_table import table
from tools.matching.ways_out import Payment


@cache
def _codes() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((files("tools.matching") / "hold_codes.toml").read_text(encoding="utf-8"))


def erps() -> tuple[str, ...]:
    """Kinds of ERP that the file speaks of."""
    return tuple(_codes())


def hold_code(erp: str, kind: DiscrepancyKind) -> str | None:
    """The ERP's code for holding an invoice because of a finding. None where the ERP has none, and for a
    finding that does not block payment: `why_no_code` says which."""
    if table()[kind].payment is not Payment.BLOCKED:
        return None
    codes = _codes().get(erp, {})
    return codes.get(kind.value, codes.get("default"))


def why_no_code(erp: str, kind: DiscrepancyKind) -> str | None:
    """Why `hold_code` is None, as a sentence; None where there is a code."""
    if hold_code(erp, kind) is not None:
        return None
    payment = table()[kind].payment
    if payment is not Payment.BLOCKED:
        return f"{kind.replace('_', ' ')} does not block payment: {payment.replace('_', ' ')}"
    if erp not in _codes():
        return f"no hold codes are known for {erp}"
    return _codes()[erp].get("none", f"{erp} has no code for {kind.replace('_', ' ')}")
