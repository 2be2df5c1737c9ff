"""Golden vectors of the decision table: findings in, what may follow, payment and hold code out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.matching.hold_codes import hold_code
from tools.matching.resolutions import allowed, payment_meanwhile


def evaluate(given: Mapping[str, Any]) -> Any:
    """`findings`: kinds that block; `warnings`: kinds that do not; `erp`: whose hold code is asked for (of
    the first finding). Out: effect by resolution id, payment, hold code when `erp` is given."""
    found = [
        Discrepancy(kind=DiscrepancyKind(kind), severity=severity, rule="golden", message="golden")
        for severity, name in ((Severity.BLOCK, "findings"), (Severity.WARN, "warnings"))
        for kind in given.get(name, ())
    ]
    answer: dict[str, Any] = {
        "effects": {way.id: way.effect.value for way in allowed(found)},
        "payment": payment_meanwhile(found).value,
    }
    if "erp" in given:
        answer["hold"] = hold_code(given["erp"], found[0].kind)
    return answer if not given.get("only") else {name: answer[name] for name in given["only"]}
