"""SAP's published service descriptions as compact tables: the derivation of `tools/erp/sap/fields.json`.

The descriptions (EDMX and OpenAPI files) state no licence and are not kept here; the tables hold facts only:
names, types, lengths, keys, and what may be created, updated and filtered.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET  # noqa: S405 - reads the published files, nothing from outside
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SPECS = next(ROOT.parent.glob("*/erp/specs/sap"), ROOT / ".cache/specs/sap")
"""Where SAP's own files lie on a machine that has them: beside the repository, or in its cache."""
EDMX: dict[str, tuple[str, str]] = {
    "API_SUPPLIERINVOICE_PROCESS_SRV": (
        "API_SUPPLIERINVOICE_PROCESS_SRV.cloud.edmx",
        "A_SupplierInvoice A_SuplrInvcItemPurOrdRef A_SupplierInvoiceItemGLAcct A_SupplierInvoiceTax",
    ),
    "API_PURCHASEORDER_PROCESS_SRV": (
        "API_PURCHASEORDER_PROCESS_SRV.edmx",
        "A_PurchaseOrder A_PurchaseOrderItem A_PurchaseOrderScheduleLine A_PurOrdAccountAssignment "
        "A_PurOrdPricingElement",
    ),
    "API_MATERIAL_DOCUMENT_SRV": (
        "API_MATERIAL_DOCUMENT_SRV.edmx",
        "A_MaterialDocumentHeader A_MaterialDocumentItem",
    ),
    "API_OPLACCTGDOCITEMCUBE_SRV": ("API_OPLACCTGDOCITEMCUBE_SRV.edmx", "A_OperationalAcctgDocItemCube"),
    "API_GLACCOUNTINCHARTOFACCOUNTS_SRV": (
        "API_GLACCOUNTINCHARTOFACCOUNTS_SRV.edmx",
        "A_GLAccountInChartOfAccounts A_GLAccountText",
    ),
    "API_JOURNALENTRYITEMBASIC_SRV": ("API_JOURNALENTRYITEMBASIC_SRV.edmx", "A_CompanyCode"),
    "API_CV_ATTACHMENT_SRV": ("API_CV_ATTACHMENT_SRV.edmx", "AttachmentContentSet"),
}
FUNCTIONS = {
    "API_SUPPLIERINVOICE_PROCESS_SRV": ("Post", "Release", "Cancel"),
    "API_CV_ATTACHMENT_SRV": ("GetAllOriginals",),
}
OPENAPI: dict[str, tuple[str, str]] = {
    "API_BUSINESS_PARTNER": (
        "OP_API_BUSINESS_PARTNER_SRV.openapi.json",
        "A_BusinessPartner A_Supplier A_SupplierCompany A_SupplierPurchasingOrg A_BusinessPartnerAddress "
        "A_AddressEmailAddress A_AddressPhoneNumber A_BusinessPartnerBank A_BusinessPartnerTaxNumber",
    ),
    "API_COSTCENTER_SRV": ("OP_API_COSTCENTER_SRV.openapi.json", "A_CostCenter A_CostCenterText"),
}


def tables() -> dict[str, Any]:
    """All services in the form of `fields.json`."""
    found = {name: _edmx(name, *told) for name, told in EDMX.items()}
    found |= {name: _openapi(name, *told) for name, told in OPENAPI.items()}
    return dict(sorted(found.items()))


def as_text(services: dict[str, Any]) -> str:
    """JSON with one property a line."""
    return json.dumps(services, indent=1, ensure_ascii=False) + "\n"


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]


def _mark(element: ET.Element, name: str) -> bool:
    """A `sap:` annotation that is true when it is absent."""
    return all(value != "false" for key, value in element.attrib.items() if key.endswith("}" + name))


def _edmx(service: str, file: str, wanted: str) -> dict[str, Any]:
    root = ET.parse(SPECS / file).getroot()  # noqa: S314
    by_kind: dict[str, dict[str, ET.Element]] = {}
    for element in root.iter():
        by_kind.setdefault(_local(element.tag), {})[element.get("Name", "")] = element
    sets = {name: found for name, found in by_kind["EntitySet"].items() if found.get("EntityType")}
    entities = {name: _entity(sets[name], by_kind, sets) for name in wanted.split()}
    functions = {name: _function(by_kind["FunctionImport"][name]) for name in FUNCTIONS.get(service, ())}
    return _kept(entities, functions, by_kind.get("ComplexType", {}))


def _kept(
    entities: dict[str, Any], functions: dict[str, Any], complex_types: dict[str, ET.Element]
) -> dict[str, Any]:
    """Navigation leads only to what is served; the answers of functions are told with them."""
    for entity in entities.values():
        entity["navigation"] = {
            name: told for name, told in entity["navigation"].items() if told[0] in entities
        }
    used = {function["returns"] for function in functions.values()} & set(complex_types)
    answers = {name: _properties(complex_types[name]) for name in sorted(used)}
    return {"entities": entities, "functions": functions, "complex": answers}


def _entity(
    found: ET.Element, by_kind: dict[str, dict[str, ET.Element]], sets: dict[str, ET.Element]
) -> dict[str, Any]:
    name = found.get("EntityType", "").rsplit(".", 1)[-1]
    kind = by_kind["EntityType"][name]
    set_of = {entry.get("EntityType", "").rsplit(".", 1)[-1]: key for key, entry in sets.items()}
    navigation = {}
    for each in kind:
        if _local(each.tag) == "NavigationProperty":
            ends = by_kind["Association"][each.get("Relationship", "").rsplit(".", 1)[-1]]
            end = next(end for end in ends if end.get("Role") == each.get("ToRole"))
            target = set_of.get(end.get("Type", "").rsplit(".", 1)[-1], "")
            navigation[each.get("Name", "")] = [target, end.get("Multiplicity", "")]
    told: dict[str, Any] = {"type": name, "keys": [key.get("Name") for key in kind.iter() if _is_key(key)]}
    told["allows"] = [
        word
        for word, mark in (("create", "creatable"), ("update", "updatable"), ("delete", "deletable"))
        if _mark(found, mark)
    ]
    if any(key.endswith("}HasStream") for key in kind.attrib):
        told["stream"] = True
    return {**told, "navigation": navigation, "properties": _properties(kind)}


def _is_key(element: ET.Element) -> bool:
    return _local(element.tag) == "PropertyRef"


def _properties(kind: ET.Element) -> dict[str, str]:
    return {each.get("Name", ""): _described(each) for each in kind if _local(each.tag) == "Property"}


def _described(element: ET.Element) -> str:
    text = element.get("Type", "").removeprefix("Edm.")
    if element.get("MaxLength"):
        text += f"({element.get('MaxLength')})"
    elif text == "Decimal":
        text += f"({element.get('Precision')},{element.get('Scale', '0')})"
    marks = (("creatable", "nc"), ("updatable", "nu"), ("filterable", "nf"))
    return " ".join([text, *(short for mark, short in marks if not _mark(element, mark))])


def _function(found: ET.Element) -> dict[str, Any]:
    returns = found.get("ReturnType", "")
    method = next(value for key, value in found.attrib.items() if key.endswith("}HttpMethod"))
    parameters = {
        each.get("Name", ""): _described(each) + (" optional" if each.get("Nullable") == "true" else "")
        for each in found
        if _local(each.tag) == "Parameter"
    }
    answer = re.sub(r"^(Collection\()?[\w.]*\.", r"\1", returns)
    return {
        "method": method,
        "returns": answer,
        "entity_set": found.get("EntitySet"),
        "parameters": parameters,
    }


def _openapi(service: str, file: str, wanted: str) -> dict[str, Any]:
    document = json.loads((SPECS / file).read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    entities = {
        name: _schema_entity(name, schemas, f"{service}.{name}Type", document["paths"])
        for name in wanted.split()
    }
    return _kept(entities, {}, {})


def _schema_entity(name: str, schemas: Any, title: str, paths: dict[str, Any]) -> dict[str, Any]:
    keys: list[str] = []
    for path in paths:
        match = re.fullmatch(rf"/{name}\((?P<keys>[^/]*)\)", path)
        if match:
            keys = re.findall(r"\{(\w+)\}", match["keys"])
    verbs = {
        verb for path, told in paths.items() if re.fullmatch(rf"/{name}(\(.*\))?", path) for verb in told
    }
    updatable = set(schemas.get(f"{title}-update", {}).get("properties", ()))
    creatable = set(schemas.get(f"{title}-create", {}).get("properties", ()))
    navigation, properties = {}, {}
    for field, told in schemas[title]["properties"].items():
        if field.startswith("to_"):
            text = json.dumps(told)
            reference = re.search(r"schemas/[\w]+\.(\w+)Type\"", text)
            many = "results" in text or "array" in text
            navigation[field] = [reference[1] if reference else "", "*" if many else "0..1"]
        else:
            marks = [] if field in creatable else ["nc"]
            marks += [] if field in updatable else ["nu"]
            properties[field] = " ".join([_json_type(told), *marks])
    return {
        "type": f"{name}Type",
        "keys": keys,
        "allows": [
            word
            for word, verb in (("create", "post"), ("update", "patch"), ("delete", "delete"))
            if verb in verbs
        ],
        "navigation": navigation,
        "properties": properties,
    }


def _json_type(told: dict[str, Any]) -> str:
    """The Edm type that an OpenAPI property stands for; dates and times are told by their examples."""
    example = str(told.get("example", ""))
    if told.get("type") == "boolean":
        return "Boolean"
    if told.get("format") == "decimal":
        return "Decimal(13,3)" if "multipleOf" not in told else _decimal(told)
    if example.startswith("/Date("):
        return "DateTimeOffset" if "+" in example else "DateTime"
    if re.match(r"PT\d", example):
        return "Time"
    if told.get("format") == "uuid":
        return "Guid"
    length = told.get("maxLength")
    return f"String({length})" if length else "String"


def _decimal(told: dict[str, Any]) -> str:
    step = str(told["multipleOf"])
    small = "e-" in step.lower()
    scale = int(step.lower().partition("e-")[2]) if small else len(step.partition(".")[2])
    digits = sum(letter.isdigit() for letter in str(told.get("maximum", "")).partition(".")[0])
    return f"Decimal({digits + scale},{scale})"


def missing(kept: dict[str, Any], published: dict[str, Any]) -> Iterable[str]:
    """Where the kept table says something else than the published one: `service entity property: kept`."""
    for service, told in kept.items():
        for entity, described in told["entities"].items():
            theirs = published[service]["entities"][entity]
            for field, text in described["properties"].items():
                if theirs["properties"].get(field) != text:
                    yield f"{service} {entity} {field}: {text}"
            for part in ("type", "keys", "allows", "navigation"):
                if theirs[part] != described[part]:
                    yield f"{service} {entity} {part}: {described[part]}"
        if told["functions"] != published[service]["functions"]:
            yield f"{service}: functions"
