"""What can go wrong between us and an ERP, named by what to do next.

`str(error)` is for the clerk: the ERP's own words where it gave any. `detail` is for the log: status
code, body, request id. Neither ever holds a secret.
"""

from __future__ import annotations


class ErpError(Exception):
    """Base of the family."""

    def __init__(self, message: str, *, detail: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.detail = detail
        self.field = field
        """The field at fault in the ERP's words, where it named one."""


class ErpUnavailable(ErpError):
    """The request was not sent or not accepted for processing: nothing happened, try again later."""


class OutcomeUnknown(ErpError):
    """A write may or may not have happened, and looking did not settle it: a person must look."""


class ErpRejected(ErpError):
    """The ERP understood and said no. The message is its own."""


class ErpAccessDenied(ErpError):
    """Our login lacks a right or is not accepted: for the administrator."""


class ErpChanged(ErpError):
    """A record moved since it was read: match again, approve again."""


class NotSupported(ErpError):
    """The connector declines this capability; the message is its reason."""
