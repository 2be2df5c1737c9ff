"""The control door of every protocol sandbox, for the demo, the tests and the benchmarks. Only this
machine may use it.

    POST   /_sandbox/faults   a fault, or a list of faults, as in `faults.Fault`; answers what is pending
    DELETE /_sandbox/faults   forgets all plans
    GET    /_sandbox/books    trial balance, documents, orders, receipts
    GET    /_sandbox/calls    calls by operation, total, most at once; DELETE starts counting again
"""

from __future__ import annotations

from ipaddress import ip_address

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Fault, Faults, Traffic

_PLANS: TypeAdapter[Fault | list[Fault]] = TypeAdapter(Fault | list[Fault])


class _Control:
    def __init__(self, company: Company, faults: Faults, traffic: Traffic) -> None:
        self._company = company
        self._faults = faults
        self._traffic = traffic

    async def faults(self, request: Request) -> Response:
        if not _is_local(request):
            return _refused()
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            try:
                planned = _PLANS.validate_json(await request.body())
            except ValidationError as error:
                return PlainTextResponse(str(error), status_code=422)
            for fault in planned if isinstance(planned, list) else [planned]:
                self._faults.add(fault)
        return JSONResponse([fault.model_dump(mode="json") for fault in self._faults.pending])

    async def books(self, request: Request) -> Response:
        return JSONResponse(self._company.dump()) if _is_local(request) else _refused()

    async def calls(self, request: Request) -> Response:
        if not _is_local(request):
            return _refused()
        if request.method == "DELETE":
            self._traffic.reset()
        return JSONResponse(
            {
                "by_operation": dict(sorted(self._traffic.calls.items())),
                "total": self._traffic.total,
                "peak": self._traffic.peak,
            }
        )


def control_app(company: Company, faults: Faults, traffic: Traffic) -> Starlette:
    """The three routes above."""
    control = _Control(company, faults, traffic)
    return Starlette(
        routes=[
            Route("/_sandbox/faults", control.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_sandbox/books", control.books, methods=["GET"]),
            Route("/_sandbox/calls", control.calls, methods=["GET", "DELETE"]),
        ]
    )


def _is_local(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _refused() -> Response:
    return PlainTextResponse("only for this machine", status_code=403)
