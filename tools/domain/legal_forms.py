"""Legal forms of companies in the countries we meet: how they are written, and which are the same kind."""

from __future__ import annotations

# Written-out legal forms of the countries we meet, in folded spelling, longest first where one
# begins another. The short form on the right is what most invoices print.
WRITTEN_OUT = (
    ("gesellschaft mit beschrankter haftung", "gmbh"),
    ("gesellschaft mbh", "gmbh"),
    ("ges mbh", "gmbh"),
    ("mbh", "gmbh"),
    ("unternehmergesellschaft haftungsbeschrankt", "ug"),
    ("ug haftungsbeschrankt", "ug"),
    ("unternehmergesellschaft", "ug"),
    ("aktiengesellschaft", "ag"),
    ("kommanditgesellschaft", "kg"),
    ("offene handelsgesellschaft", "ohg"),
    ("eingetragene genossenschaft", "eg"),
    ("besloten vennootschap", "bv"),
    ("naamloze vennootschap", "nv"),
    ("vennootschap onder firma", "vof"),
    ("societe a responsabilite limitee", "sarl"),
    ("societe par actions simplifiee", "sas"),
    ("societe anonyme", "sa"),
    ("societa per azioni", "spa"),
    ("societa a responsabilita limitata", "srl"),
    ("sociedad anonima", "sa"),
    ("sociedad de responsabilidad limitada", "sl"),
    ("sociedad limitada", "sl"),
    ("spolka z ograniczona odpowiedzialnoscia", "spzoo"),
    ("sp z oo", "spzoo"),
    ("sp zoo", "spzoo"),
    ("spolka akcyjna", "sa"),
    ("spolecnost s rucenim omezenym", "sro"),
    ("aktiebolag", "ab"),
    ("aktieselskab", "as"),
    ("anpartsselskab", "aps"),
    ("aksjeselskap", "as"),
    ("osakeyhtio", "oy"),
    ("public limited company", "plc"),
    ("limited liability company", "llc"),
    ("limited liability partnership", "llp"),
    ("limited partnership", "lp"),
    ("designated activity company", "dac"),
    ("designated activity co", "dac"),
    ("limited", "ltd"),
    ("incorporated", "inc"),
    ("corporation", "corp"),
    ("company", "co"),
    ("sociedade limitada", "lda"),
    ("limitada", "lda"),
    ("a s", "as"),
)
# Forms that are the same answer to "which kind of company is it?"; a name with another one is
# another company, unless somebody was careless.
FAMILIES = {
    **dict.fromkeys("gmbh ug".split(), "gmbh"),
    **dict.fromkeys("kg ohg gbr vof snc cv".split(), "partnership"),
    **dict.fromkeys("ltd inc corp dac".split(), "limited"),
    **dict.fromkeys("llc".split(), "llc"),
    **dict.fromkeys("plc asa oyj".split(), "public"),
    **dict.fromkeys("llp lp".split(), "lp"),
    **dict.fromkeys("ag nv spa ab as".split(), "stock"),
    **dict.fromkeys("bv srl sarl sl slu lda spzoo sro aps oy sas sasu bvba eurl".split(), "private"),
    **dict.fromkeys("sa".split(), "sa"),
    **dict.fromkeys("se".split(), "se"),
}
ONE_WORD = {long: short for long, short in WRITTEN_OUT if " " not in long}
LEGAL_FORMS = frozenset(
    {*FAMILIES, *ONE_WORD, *(short for _, short in WRITTEN_OUT), *"kft eood doo sp zoo".split()}
)
"""Words that say what kind of company it is and nothing of its name, as they stand on letterheads."""
