"""Values as OData V2 writes and reads them, and what a server that minds its description refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tools.erp.sap.published import Entity, Property

Row = dict[str, Any]
"""Property -> value; navigation -> row or rows; `etag`. What the books do not know is left out."""
ETAG = "etag"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EMPTY: Mapping[str, Any] = {"String": "", "Boolean": False, "Decimal": Decimal(0), "Int16": 0}
_TICKS = re.compile(r"/Date\((-?\d+)([+-]\d{4})?\)/")
_PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
UNKNOWN_PROPERTY = "/IWCOR/CX_DS_EP_PROPERTY_ERROR"


class ODataError(Exception):
    """An answer of the service that is not a success. `details` are (code, message) of `errordetails`."""

    def __init__(
        self, status: int, code: str, message: str, *, details: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details

    def body(self, transaction: str) -> dict[str, Any]:
        listed = [
            {"code": code, "message": text, "propertyref": "", "severity": "error", "target": ""}
            for code, text in self.details or ((self.code, str(self)),)
        ]
        inner = {"transactionid": transaction, "timestamp": "", "errordetails": listed}
        message = {"lang": "en", "value": str(self)}
        return {"error": {"code": self.code, "message": message, "innererror": inner}}


def bad_request(message: str, code: str = "/IWBEP/CM_MGW_RT/000") -> ODataError:
    return ODataError(400, code, message)


def not_found(message: str) -> ODataError:
    return ODataError(404, "/IWBEP/CM_MGW_RT/020", message)


def business(code: str, message: str) -> ODataError:
    """What the application refuses, in its own words."""
    return ODataError(400, code, message, details=((code, message),))


def check_row(entity: Entity, row: Row) -> Row:
    """A row as the books gave it. Raises LookupError for a property or value that SAP could not hold: the
    server itself is wrong then."""
    for name, value in row.items():
        if name == ETAG or name in entity.navigation:
            continue
        if name not in entity.properties:
            raise LookupError(f"{entity.name} has no {name}")
        _check_fits(entity.properties[name], value)
    return row


def _check_fits(told: Property, value: Any) -> None:
    if isinstance(value, str) and told.length is not None and len(value) > told.length:
        raise LookupError(f"{value!r} is longer than {told.name} can be")
    if isinstance(value, Decimal) and told.scale is not None:
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > told.scale:
            raise LookupError(f"{value} has more decimals than {told.name} can have")


def value_of(told: Property, row: Row) -> Any:
    value = row.get(told.name)
    return _EMPTY.get(told.kind) if value is None else value


def as_json(told: Property, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return f"/Date({_milliseconds(value)}+0000)/" if told.kind == "DateTimeOffset" else _ticks(value)
    if isinstance(value, date):
        return _ticks(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, time):
        return f"PT{value.hour:02d}H{value.minute:02d}M{value.second:02d}S"
    return value


def _ticks(moment: datetime) -> str:
    return f"/Date({_milliseconds(moment)})/"


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def read_body(entity: Entity, body: Any, *, verb: str, deep: tuple[str, ...] = ()) -> Row:
    """The body of a POST (`create`) or PATCH (`update`). Raises ODataError for unknown and read-only
    properties, wrong types and texts that are too long. `deep` names navigation that may come with it."""
    if not isinstance(body, dict):
        raise bad_request("The request body must be a JSON object.")
    row: Row = {}
    for name, value in body.items():
        if name in entity.navigation and name in deep:
            row[name] = value.get("results") if isinstance(value, dict) else value
            continue
        told = entity.properties.get(name)
        if told is None:
            raise bad_request(f"Property {name} is invalid for entity type {entity.type}.", UNKNOWN_PROPERTY)
        if not (told.creatable if verb == "create" else told.updatable):
            raise bad_request(f"Property {name} of {entity.type} is read-only.", UNKNOWN_PROPERTY)
        row[name] = read_value(told, value)
    return row


def read_value(told: Property, value: Any) -> Any:
    """A value of a request; Decimals come as text, dates as `/Date(…)/` or ISO without a zone."""
    readers = {"String": _text, "Decimal": _decimal, "Boolean": _boolean, "DateTime": _day}
    reader = readers.get(told.kind)
    if reader is None:
        raise bad_request(f"This sandbox cannot read {told.kind} of {told.name}.")
    if value is None:
        return None
    return reader(told, value)


def _text(told: Property, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(told)
    if told.length is not None and len(value) > told.length:
        raise bad_request(
            f"Property {told.name} at offset has invalid value: it has more than {told.length} characters."
        )
    return value


def _decimal(told: Property, value: Any) -> Decimal:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise _wrong(told)
    number = Decimal(value)
    digits = len(value.lstrip("-").partition(".")[0].lstrip("0"))
    decimals = len(value.partition(".")[2])
    if told.scale is not None and (decimals > told.scale or digits > (told.length or 0) - told.scale):
        raise bad_request(f"Property {told.name}: {value} exceeds Decimal({told.length},{told.scale}).")
    return number


def _boolean(told: Property, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(told)
    return value


def _day(told: Property, value: Any) -> date:
    if isinstance(value, str) and (match := _TICKS.fullmatch(value)):
        return (_EPOCH + timedelta(milliseconds=int(match[1]))).date()
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return datetime.fromisoformat(value).date()
    raise _wrong(told)


def _wrong(told: Property) -> ODataError:
    return bad_request(f"Property {told.name} at offset has invalid value: it is not Edm.{told.kind}.")
