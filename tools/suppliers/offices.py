"""Words in a name that say which office of a company writes, not which company: `Filiale`, `Abt. Faktura`.

Many of them are trades as well: `Meyer Buchhaltung GmbH` keeps books for others. Those count as an
office only in front of the name, behind its legal form, or behind a dash or bracket.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tools.suppliers.names import comparable, fold, is_legal_form

_NEVER_A_TRADE = frozenset(
    """fa firma ditta ets ste rechnungswesen debitorenbuchhaltung fakturierung abt abteilung filiale
    zweigniederlassung niederlassung geschaftsstelle receivable payable dept department succursale
    delegacion sucursal facturacion vestiging filiaal afdeling afd debiteuren debiteurenadministratie
    fakturaafdeling ekonomiavdelningen kundreskontra haaraliike oddzial pobocka delegacao ta dba""".split()
)
_ALSO_A_TRADE = frozenset(
    """firm etablissements stabilimento sede ufficio amministrazione contabilita fatturazione buchhaltung
    finanzbuchhaltung faktura zentrale hauptverwaltung verwaltung werk standort accounts billing
    invoicing invoices accounting branch division office headquarters hq trading as comptabilite
    facturation service agence siege direction delega oficina contabilidad departamento administracion
    kantoor boekhouding administratie facturatie crediteuren hoofdkantoor bijkantoor regnskab
    bogholderi avdelning avd ekonomi regnskap okonomi kontor toimisto laskutus kirjanpito talousosasto
    ksiegowosc fakturowanie uctarna fakturace contabilidade faturacao""".split()
)
_PARTED = re.compile(r"\s[-–—|/]\s|\(")


@lru_cache(maxsize=4096)
def office_words(name: str) -> frozenset[str]:
    """The folded words of `name` that only name an office of the company.

    >>> sorted(office_words("Meyer Buchhaltung GmbH - Filiale Kiel"))
    ['filiale']
    """
    head, *tails = _PARTED.split(name)
    words = comparable(head).split()
    forms = [at for at, word in enumerate(words) if is_legal_form(word) and at > 0]
    outside = {*words[:1], *(words[forms[-1] + 1 :] if forms else ()), *fold(" ".join(tails)).split()}
    if outside & {"receivable", "payable"} or "receivable" in words:
        outside.add("accounts")
    return frozenset(
        word
        for word in (*words, *outside)
        if word in _NEVER_A_TRADE or (word in _ALSO_A_TRADE and word in outside)
    )
