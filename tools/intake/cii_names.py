"""The two vocabularies of the Cross Industry Invoice: what each one calls the same place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.domain.documents import DocumentFormat
from tools.intake.xml_fields import CII, ZUGFERD_1


@dataclass(frozen=True)
class CiiNames:
    """Paths from the root (header) or from the line item (line parts)."""

    format: DocumentFormat
    prefixes: Mapping[str, str]
    context: str
    document: str
    agreement: str
    delivery: str
    settlement: str
    lines: str
    summation: str
    rate: str
    line_agreement: str
    line_delivery: str
    line_settlement: str
    line_summation: str
    allowance_rate: str


_D16B = "rsm:SupplyChainTradeTransaction"
_FERD = "rsm:SpecifiedSupplyChainTradeTransaction"

CII_D16B = CiiNames(
    format=DocumentFormat.CII,
    prefixes=CII,
    context="rsm:ExchangedDocumentContext",
    document="rsm:ExchangedDocument",
    agreement=f"{_D16B}/ram:ApplicableHeaderTradeAgreement",
    delivery=f"{_D16B}/ram:ApplicableHeaderTradeDelivery",
    settlement=f"{_D16B}/ram:ApplicableHeaderTradeSettlement",
    lines=f"{_D16B}/ram:IncludedSupplyChainTradeLineItem",
    summation="ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    rate="ram:RateApplicablePercent",
    line_agreement="ram:SpecifiedLineTradeAgreement",
    line_delivery="ram:SpecifiedLineTradeDelivery",
    line_settlement="ram:SpecifiedLineTradeSettlement",
    line_summation="ram:SpecifiedTradeSettlementLineMonetarySummation",
    allowance_rate="ram:CategoryTradeTax/ram:RateApplicablePercent",
)

ZUGFERD_1P0 = CiiNames(
    format=DocumentFormat.ZUGFERD_1,
    prefixes=ZUGFERD_1,
    context="rsm:SpecifiedExchangedDocumentContext",
    document="rsm:HeaderExchangedDocument",
    agreement=f"{_FERD}/ram:ApplicableSupplyChainTradeAgreement",
    delivery=f"{_FERD}/ram:ApplicableSupplyChainTradeDelivery",
    settlement=f"{_FERD}/ram:ApplicableSupplyChainTradeSettlement",
    lines=f"{_FERD}/ram:IncludedSupplyChainTradeLineItem",
    summation="ram:SpecifiedTradeSettlementMonetarySummation",
    rate="ram:ApplicablePercent",
    line_agreement="ram:SpecifiedSupplyChainTradeAgreement",
    line_delivery="ram:SpecifiedSupplyChainTradeDelivery",
    line_settlement="ram:SpecifiedSupplyChainTradeSettlement",
    line_summation="ram:SpecifiedTradeSettlementMonetarySummation",
    allowance_rate="ram:CategoryTradeTax/ram:ApplicablePercent",
)
