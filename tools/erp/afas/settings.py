"""Where the Profit environment is, which administration is ours, and what Profit's codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Settings(BaseModel):
    """`company` is the id in our records, `administration` its number in Profit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    """`https://12345.rest.afas.online/ProfitRestServices`; `resttest` and `restaccept` for the others."""
    token: SecretStr
    """The user token as Profit shows it, or its 64 digits."""
    company: str
    administration: int = Field(ge=1)
    journal: str = Field(min_length=1, max_length=6)
    """The purchase journal that entries go into."""
    currency: str = "EUR"
    units: Mapping[str, str] = Field(default_factory=dict)
    """Profit's unit -> UN/ECE code, for units whose name is not a known word."""
    vat_groups: Mapping[str, str] = Field(default_factory=dict)
    """VAT rate group of order lines -> VAT code of entries; without it order lines carry no tax."""
    product_types: frozenset[str] = frozenset({"2", "7"})
    """Item types (`VaIt`) that are goods: 2 item, 7 composition. Others need no receipt."""
    number_field: Literal["Fref", "InId", "BpNr"] = "Fref"
    """Where your bookkeepers keep the supplier's own number; where it is empty, `InId` counts."""
    received_account: str | None = None
    """Account for lines that bill an order line and name no account: goods received, not invoiced."""
    cost_centre_axis: int = Field(default=1, ge=1, le=5)
    """The allocation axis that holds cost centres."""
    warehouse: str | None = None
    """For receipts and orders, where the order names none."""
    dossier_type: int = -5
    """Type of the dossier items that files are kept in; -5 is Profit's own for purchase invoices."""
    get_connectors: Mapping[str, str] = Field(default_factory=dict)
    """`ErpAgent_…` or `Profit_…` -> the name of the customer's own GetConnector with the same fields."""
    integration_id: str | None = None
    """`{subscriber}_{project}` of an AFAS partner."""
    ca_file: str | None = None
    """Certificates to trust instead of the usual ones, for a proxy that opens TLS."""
    timeout: float = Field(default=910.0, ge=900.0)
    """Seconds. Profit works on a message for up to 900 and goes on when the caller gives up."""
    read_timeout: float = Field(default=120.0, gt=0)
    """Seconds for a read; the vendor calls a second good."""
    concurrent: int = Field(default=5, ge=1, le=5)
    """Calls at the same time; the vendor's advice is at most five."""
    page_size: int = Field(default=500, ge=2, le=5000)
    """Rows a page of what is read as a whole."""
    rows_per_answer: int = Field(default=2000, ge=2, le=5000)
    """Rows a page of what is read by keys; rows times fields should stay under 150,000."""
