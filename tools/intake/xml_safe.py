"""The one place where XML is parsed: no entities, no DTD, no network, bounded size and depth."""

from __future__ import annotations

import re

from lxml import etree

from tools.intake.limits import Limits, Refusal, too_large

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# What stands before the root element without meaning: XML 1.0, production 22 (prolog).
_MISC = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,80}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# Converters of the C library (UTF-7, EBCDIC) could hide a DOCTYPE from the scan below.
_ENCODINGS = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-?8859-?\d{1,2}|windows-125\d|latin-?1", re.I
)


def parse_xml(content: bytes, limits: Limits) -> etree._Element | Refusal:
    """The root element, or why there is none: `too_large`, `unsafe_xml`, `too_deep`,
    `too_many_elements`, `unsupported_encoding`, `damaged`."""
    if len(content) > limits.max_xml_bytes:
        return too_large(len(content), limits.max_xml_bytes)
    # UTF-16 and UTF-32 hold the ASCII letters of markup with zero bytes between them.
    plain = _without_bom(content).replace(b"\0", b"")
    refusal = _encoding_refusal(plain) or _doctype_refusal(plain) or _count_refusal(plain, limits)
    if refusal is not None:
        return refusal
    try:
        root = etree.fromstring(content.lstrip(b" \t\r\n"), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        return _syntax_refusal(error)
    return _tree_refusal(root, limits) or root


def looks_like_xml(content: bytes) -> bool:
    """Whether the first character after byte order mark and white space opens a tag."""
    head = _without_bom(content[:4096]).replace(b"\0", b"").lstrip()
    return head.startswith((b"<?xml", b"<!--", b"<!DOCTYPE")) or re.match(rb"<[A-Za-z_]", head) is not None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _without_bom(content: bytes) -> bytes:
    for bom in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :]
    return content


def _encoding_refusal(plain: bytes) -> Refusal | None:
    declared = _DECLARED.match(plain.lstrip())
    if declared is None or _ENCODINGS.fullmatch(declared[1].decode("ascii")):
        return None
    return Refusal(
        reason="unsupported_encoding",
        message=f"The XML says it is written in {declared[1].decode('ascii')}. Ask for UTF-8.",
    )


def _doctype_refusal(plain: bytes) -> Refusal | None:
    position = 0
    while found := _MISC.match(plain, position):
        position = found.end()
    if plain[position : position + 9].upper() == b"<!DOCTYPE":
        return _unsafe()
    return None


def _unsafe() -> Refusal:
    return Refusal(
        reason="unsafe_xml",
        message="The XML declares a document type (DOCTYPE), through which a file can pull in others or "
        "grow without bound. No invoice standard allows it. Ask the supplier for a clean file.",
    )


def _count_refusal(plain: bytes, limits: Limits) -> Refusal | None:
    # Each element has one or two tags, so more tags than twice the limit are too many elements.
    if plain.count(b"<") > 2 * limits.max_xml_nodes + 100:
        return _too_many(limits)
    return None


def _too_many(limits: Limits) -> Refusal:
    return Refusal(
        reason="too_many_elements",
        message=f"The XML has more than {limits.max_xml_nodes} elements. Ask for the invoice in parts.",
    )


def _too_deep(limits: Limits) -> Refusal:
    return Refusal(
        reason="too_deep",
        message=f"The XML is nested deeper than {limits.max_xml_depth} levels; no invoice is.",
    )


def _syntax_refusal(error: Exception) -> Refusal:
    if "depth" in str(error).lower():
        return Refusal(reason="too_deep", message="The XML is nested deeper than any invoice is.")
    return Refusal(
        reason="damaged",
        message=f"The XML is not well formed ({str(error)[:200]}). Ask the supplier to send it again.",
    )


def _tree_refusal(root: etree._Element, limits: Limits) -> Refusal | None:
    if root.getroottree().docinfo.internalDTD is not None:
        return _unsafe()
    if root.xpath(f"count(//*) > {limits.max_xml_nodes}"):
        return _too_many(limits)
    if root.xpath("boolean(" + "/*" * (limits.max_xml_depth + 1) + ")"):
        return _too_deep(limits)
    return None
