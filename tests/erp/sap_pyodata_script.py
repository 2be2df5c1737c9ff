"""Run in an environment of its own: SAP's client for OData V2 reads the SAP sandbox and posts to it.

python sap_pyodata_script.py ADDRESS USER PASSWORD TAX_CODE → one JSON object on standard output.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pyodata  # type: ignore[import-not-found]
import requests  # type: ignore[import-untyped]

ROOT = "/sap/opu/odata/sap/"


def client(address: str, session: Any, service: str) -> Any:
    return pyodata.Client(f"{address}{ROOT}{service}/", session)


def main(address: str, user: str, password: str, tax_code: str) -> dict[str, Any]:
    session = requests.Session()
    session.auth = (user, password)
    session.trust_env = False
    told: dict[str, Any] = {}
    partners = client(address, session, "API_BUSINESS_PARTNER")
    rows = partners.entity_sets.A_BusinessPartner.get_entities().order_by("BusinessPartner").execute()
    told["suppliers"] = [row.BusinessPartner for row in rows]
    orders = client(address, session, "API_PURCHASEORDER_PROCESS_SRV")
    query = orders.entity_sets.A_PurchaseOrder.get_entities().filter("PurchaseOrder eq '451001'")
    (order,) = query.expand("to_PurchaseOrderItem").execute()
    told["order"] = [order.Supplier, order.PurchaseOrderDate.isoformat()[:10]]
    told["items"] = [
        [item.PurchaseOrderItem, str(item.NetPriceAmount)] for item in order.to_PurchaseOrderItem
    ]
    moved = client(address, session, "API_MATERIAL_DOCUMENT_SRV")
    movements = moved.entity_sets.A_MaterialDocumentItem.get_entities().filter("PurchaseOrder eq '451001'")
    told["movements"] = movements.count().execute()
    told["posted"] = post(address, session, tax_code)
    told["entity_sets"] = {
        name: sorted(found.name for found in client(address, session, name).schema.entity_sets)
        for name in sys.argv[5:]
    }
    return told


def post(address: str, session: Any, tax_code: str) -> list[str]:
    """As SAP's documentation shows it: a token by HEAD, then a deep insert, then the record by its key."""
    service = f"{address}{ROOT}API_SUPPLIERINVOICE_PROCESS_SRV/"
    answer = session.head(service, headers={"x-csrf-token": "fetch"})
    session.headers.update({"x-csrf-token": answer.headers["x-csrf-token"]})
    invoices = client(address, session, "API_SUPPLIERINVOICE_PROCESS_SRV")
    item = {
        "SupplierInvoiceItem": "0001",
        "CompanyCode": "NZT",
        "GLAccount": "4100",
        "DebitCreditCode": "S",
        "DocumentCurrency": "EUR",
        "SupplierInvoiceItemAmount": "100.00",
        "TaxCode": tax_code,
    }
    body = {
        "CompanyCode": "NZT",
        "DocumentDate": "2026-03-10T00:00:00",
        "PostingDate": "2026-03-10T00:00:00",
        "InvoicingParty": "10010",
        "SupplierInvoiceIDByInvcgParty": "PYODATA-1",
        "DocumentCurrency": "EUR",
        "InvoiceGrossAmount": "121.00",
        "TaxIsCalculatedAutomatically": True,
        "to_SupplierInvoiceItemGLAcct": [item],
    }
    made = invoices.entity_sets.A_SupplierInvoice.create_entity().set(**body).execute()
    key = {"SupplierInvoice": made.SupplierInvoice, "FiscalYear": made.FiscalYear}
    read = invoices.entity_sets.A_SupplierInvoice.get_entity(**key).execute()
    return [read.SupplierInvoiceStatus, str(read.InvoiceGrossAmount), read.SupplierInvoiceIDByInvcgParty]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:5])))
