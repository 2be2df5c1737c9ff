"""What can go wrong between us and an ERP, named by what to do next.

`str(error)` is for the clerk: the ERP's own words where it gave any. `detail` is for the log: status
code, body, request id. Neither ever holds a secret.
"""

from __future__ import annotations

from collections.abc import Iterable


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


class ErpNotThere(ErpAccessDenied):
    """The address, company, database or division of the settings does not exist there: for the administrator.
    The message names the setting, so no advice about rights belongs behind it."""


class ErpChanged(ErpError):
    """A record moved since it was read: match again, approve again."""


class NotSupported(ErpError):
    """The connector declines this capability; the message is its reason."""


def each_once(reason: str, failures: Iterable[str], what: str) -> str:
    """The reason and why `what` came of it again and again, each distinct cause told once: a cause that the
    reason names already is not repeated."""
    causes = list(dict.fromkeys(failures))
    if not causes:
        return reason
    further = [cause for cause in causes if cause not in reason]
    if not further:
        return f"{reason}; {what} for the same cause"
    return f"{reason}; {what}: {'; '.join(further)}"
