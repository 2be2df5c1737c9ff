"""The `$metadata` document of a service: exactly the entity sets and functions that the sandbox serves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from xml.sax.saxutils import quoteattr

from tools.erp.sap.published import Entity, Function, Property, Service, services

_EDM = "http://schemas.microsoft.com/ado/2008/09/edm"
_EDMX = "http://schemas.microsoft.com/ado/2007/06/edmx"
_DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_SAP = "http://www.sap.com/Protocols/SAPData"


@cache
def metadata(name: str, without: frozenset[str] = frozenset()) -> str:
    """The description of a service. `without` names entity sets, functions and `Set.Property` left out, as
    an older release lacks them."""
    service = services()[name]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<edmx:Edmx Version="1.0" xmlns:edmx="{_EDMX}" xmlns:m="{_DATA}" xmlns:sap="{_SAP}">',
        '<edmx:DataServices m:DataServiceVersion="2.0">',
        f'<Schema Namespace="{name}" xmlns="{_EDM}">',
        *_schema(service, without),
        "</Schema></edmx:DataServices></edmx:Edmx>",
    ]
    return "\n".join(lines)


def _schema(service: Service, without: frozenset[str]) -> Iterator[str]:
    entities = {key: told for key, told in service.entities.items() if key not in without}
    for entity in entities.values():
        yield from _entity_type(entity, entities, without)
    for name, properties in service.complex_types.items():
        yield f'<ComplexType Name="{name}">'
        yield from (_property(told, required=True) for told in properties.values())
        yield "</ComplexType>"
    for entity in entities.values():
        for name, (target, many) in entity.navigation.items():
            if target in entities:
                yield (
                    f'<Association Name="{_link(entity, name)}">'
                    f'<End Type="{service.name}.{entity.type}" Multiplicity="1" Role="From"/>'
                    f'<End Type="{service.name}.{entities[target].type}" Multiplicity="{many}" Role="To"/>'
                    "</Association>"
                )
    yield from _container(service, entities, without)


def _entity_type(entity: Entity, entities: dict[str, Entity], without: frozenset[str]) -> Iterator[str]:
    stream = ' m:HasStream="true"' if entity.stream else ""
    yield f'<EntityType Name="{entity.type}"{stream}><Key>'
    yield from (f'<PropertyRef Name="{key}"/>' for key in entity.keys)
    yield "</Key>"
    for told in entity.properties.values():
        if f"{entity.name}.{told.name}" not in without:
            yield _property(told, required=told.name in entity.keys)
    for name, (target, _) in entity.navigation.items():
        if target in entities:
            link = f"{entity.service}.{_link(entity, name)}"
            yield (f'<NavigationProperty Name="{name}" Relationship="{link}" FromRole="From" ToRole="To"/>')
    yield "</EntityType>"


def _property(told: Property, *, required: bool = False) -> str:
    parts = [f'<Property Name="{told.name}" Type="Edm.{told.kind}"']
    if required:
        parts.append('Nullable="false"')
    parts += _facets(told)
    marks = {"creatable": told.creatable, "updatable": told.updatable, "filterable": told.filterable}
    parts += [f'sap:{name}="false"' for name, allowed in marks.items() if not allowed]
    return " ".join(parts) + "/>"


def _facets(told: Property) -> list[str]:
    if told.kind == "Decimal":
        return [f'Precision="{told.length}" Scale="{told.scale}"']
    if told.kind in ("DateTime", "Time"):
        return ['Precision="0"']
    return [] if told.length is None else [f'MaxLength="{told.length}"']


def _container(service: Service, entities: dict[str, Entity], without: frozenset[str]) -> Iterator[str]:
    yield f'<EntityContainer Name="{service.name}_Entities" m:IsDefaultEntityContainer="true">'
    for name, entity in entities.items():
        marks = {"creatable": "create", "updatable": "update", "deletable": "delete"}
        told = "".join(f' sap:{mark}="false"' for mark, verb in marks.items() if verb not in entity.allows)
        yield f'<EntitySet Name="{name}" EntityType="{service.name}.{entity.type}"{told}/>'
    for entity in entities.values():
        for name, (target, _) in entity.navigation.items():
            if target in entities:
                link = _link(entity, name)
                yield (
                    f'<AssociationSet Name="{link}Set" Association="{service.name}.{link}">'
                    f'<End EntitySet="{entity.name}" Role="From"/><End EntitySet="{target}" Role="To"/>'
                    "</AssociationSet>"
                )
    for function in service.functions.values():
        if function.name not in without:
            yield from _function(service, function)
    yield "</EntityContainer>"


def _function(service: Service, function: Function) -> Iterator[str]:
    many = function.returns.startswith("Collection(")
    inner = function.returns.removeprefix("Collection(").removesuffix(")")
    returns = f"Collection({service.name}.{inner})" if many else f"{service.name}.{inner}"
    target = "" if function.entity_set is None else f' EntitySet="{function.entity_set}"'
    yield (
        f'<FunctionImport Name="{function.name}" ReturnType={quoteattr(returns)}{target} '
        f'm:HttpMethod="{function.method}">'
    )
    for told in function.parameters.values():
        nullable = ' Nullable="true"' if told.optional else ""
        facets = " ".join(_facets(told))
        yield f'<Parameter Name="{told.name}" Type="Edm.{told.kind}" Mode="In" {facets}{nullable}/>'
    yield "</FunctionImport>"


def _link(entity: Entity, navigation: str) -> str:
    return f"assoc_{entity.name}_{navigation}"
