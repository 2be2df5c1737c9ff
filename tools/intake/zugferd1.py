"""ZUGFeRD 1.0 (CrossIndustryDocument, all three profiles): the CII reader with that vocabulary."""

from __future__ import annotations

from tools.domain.documents import Invoice
from tools.intake.cii import read_cross_industry
from tools.intake.cii_names import ZUGFERD_1P0
from tools.intake.xml_fields import Element, XmlFields


def read_zugferd1(root: Element) -> tuple[Invoice, XmlFields]:
    """The invoice in `root`, and the reader with the problems met on the way."""
    return read_cross_industry(root, ZUGFERD_1P0)
