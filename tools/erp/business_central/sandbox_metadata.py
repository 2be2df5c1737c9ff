"""`$metadata` of what the sandbox serves, made from the published field lists."""

from __future__ import annotations

from functools import cache
from xml.sax.saxutils import quoteattr

from tools.erp.business_central.sandbox_schema import Entity, entities


@cache
def metadata() -> bytes:
    """EDMX with one type for each entity set; streams are properties of type Edm.Stream."""
    types = "".join(_type(entity) for entity in entities().values())
    sets = "".join(
        f"<EntitySet Name={quoteattr(name)} EntityType={quoteattr('Microsoft.NAV.' + name)}/>"
        for name in entities()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        '<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'{types}<EntityContainer Name="NAV">{sets}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    ).encode()


def _type(entity: Entity) -> str:
    properties = "".join(
        f"<Property Name={quoteattr(field.name)} Type={quoteattr('Edm.' + field.type.partition('(')[0])}/>"
        for field in entity.fields.values()
    )
    return f"<EntityType Name={quoteattr(entity.name)}>{properties}</EntityType>"
