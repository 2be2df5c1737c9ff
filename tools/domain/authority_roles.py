"""The parts people play in accounts payable, and which of them a row of the decision table speaks of."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is to the company. One person may have several."""

    APPROVER = "approver"
    """Stands in the plain list of approvers with a limit."""
    ACCOUNTS_PAYABLE = "accounts_payable"
    AP_LEAD = "ap_lead"
    BUYER = "buyer"
    REQUESTER = "requester"
    RECEIVER = "receiver"
    COST_CENTRE_OWNER = "cost_centre_owner"
    """Also owns the budget of the cost centre."""
    DEPARTMENT_HEAD = "department_head"
    FINANCE_DIRECTOR = "finance_director"
    CFO = "cfo"
    BOARD = "board"
    TAX_SPECIALIST = "tax_specialist"
    TREASURY = "treasury"
    MASTER_DATA = "master_data"
    CONTROLLER = "controller"
    LEGAL = "legal"

    @property
    def words(self) -> str:
        """As a sentence says it."""
        return self.value.replace("_", " ")


_ACCOUNTS_PAYABLE = frozenset({Role.ACCOUNTS_PAYABLE, Role.AP_LEAD})
# Longer words first: `accounts payable lead` is not just anybody in accounts payable.
_SPOKEN: tuple[tuple[str, frozenset[Role]], ...] = (
    ("accounts payable lead", frozenset({Role.AP_LEAD})),
    ("ap lead", frozenset({Role.AP_LEAD})),
    ("accounts payable", _ACCOUNTS_PAYABLE),
    ("budget owner", frozenset({Role.COST_CENTRE_OWNER})),
    ("cost centre owner", frozenset({Role.COST_CENTRE_OWNER})),
    ("cost-centre owner", frozenset({Role.COST_CENTRE_OWNER})),
    ("department head", frozenset({Role.DEPARTMENT_HEAD})),
    ("finance director", frozenset({Role.FINANCE_DIRECTOR})),
    ("tax specialist", frozenset({Role.TAX_SPECIALIST})),
    ("master-data", frozenset({Role.MASTER_DATA})),
    ("master data", frozenset({Role.MASTER_DATA})),
    ("requester", frozenset({Role.REQUESTER})),
    ("receiver", frozenset({Role.RECEIVER})),
    ("treasury", frozenset({Role.TREASURY})),
    ("controller", frozenset({Role.CONTROLLER})),
    ("legal", frozenset({Role.LEGAL})),
    ("buyer", frozenset({Role.BUYER})),
    ("board", frozenset({Role.BOARD})),
    ("cfo", frozenset({Role.CFO})),
)


def roles_for(who: str) -> tuple[frozenset[Role], ...]:
    """Who may decide, from the words of the decision table: one set of roles for each part that `;`
    separates; a person needs a role of each part. Words that name no role need the lead of accounts
    payable; no words at all need no role."""
    return tuple(_clause(part) for part in who.split(";") if part.strip())


def _clause(text: str) -> frozenset[Role]:
    left, found = text.casefold(), set[Role]()
    for words, roles in _SPOKEN:
        if words in left:
            found |= roles
            left = left.replace(words, " ")
    return frozenset(found) or frozenset({Role.AP_LEAD})
