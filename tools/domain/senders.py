"""Mail domains: whose they can be, and one spelling for each.

A domain speaks for a company only where the company alone sends from it. Providers of mailboxes and
services that send for their customers speak for nobody.
"""

from __future__ import annotations

import re

from tools.domain.mail import MailFacts

# Free mailboxes for everybody, by market: the providers' own lists of address endings.
_MAILBOXES = frozenset(
    """
    gmail.com googlemail.com outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.be outlook.dk
    hotmail.com hotmail.de hotmail.fr hotmail.es hotmail.it hotmail.be hotmail.nl hotmail.co.uk hotmail.se
    live.com live.nl live.de live.fr live.be live.it live.se live.dk live.no live.co.uk msn.com
    yahoo.com yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.se yahoo.no yahoo.ie yahoo.co.uk ymail.com
    rocketmail.com aol.com aol.de aim.com icloud.com me.com mac.com proton.me protonmail.com protonmail.ch
    pm.me tutanota.com tutanota.de tuta.io tuta.com mail.com email.com gmx.de gmx.net gmx.at gmx.ch gmx.com
    gmx.org web.de freenet.de t-online.de magenta.de arcor.de mailbox.org posteo.de posteo.net freemail.de
    vodafone.de online.de kabelmail.de unitybox.de ziggo.nl kpnmail.nl planet.nl hetnet.nl home.nl xs4all.nl
    casema.nl upcmail.nl telfort.nl quicknet.nl chello.nl skynet.be telenet.be proximus.be scarlet.be
    orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr bbox.fr numericable.fr club-internet.fr
    libero.it virgilio.it tiscali.it alice.it tin.it fastwebnet.it inwind.it iol.it email.it
    telefonica.net terra.es ono.com movistar.es sapo.pt mail.pt clix.pt netcabo.pt
    btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com ntlworld.com blueyonder.co.uk
    tiscali.co.uk mail.co.uk eircom.net telia.com spray.se bredband.net comhem.se hotmail.no online.no
    broadpark.no jubii.dk mail.dk stofanet.dk luukku.com kolumbus.fi elisanet.fi suomi24.fi wp.pl o2.pl
    onet.pl onet.eu interia.pl interia.eu gazeta.pl poczta.fm op.pl vp.pl tlen.pl seznam.cz email.cz
    centrum.cz atlas.cz post.cz volny.cz bluewin.ch sunrise.ch hispeed.ch aon.at chello.at a1.net pt.lu
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com
    yandex.com yandex.ru mail.ru inbox.ru bk.ru list.ru rambler.ru qq.com 163.com 126.com sina.com foxmail.com
    zoho.com zohomail.com zohomail.eu fastmail.com hushmail.com mailfence.com inbox.lv rediffmail.com
    """.split()
)
# Services that send invoices for thousands of companies from one domain of their own.
_SERVICES = frozenset(
    """
    intuit.com quickbooks.com xero.com post.xero.com freshbooks.com waveapps.com stripe.com paypal.com
    sage.com exactonline.nl exactonline.be e-boekhouden.nl moneybird.com moneybird.nl twinfield.com
    lexoffice.de lexware.de sevdesk.de datev.de fastbill.com billomat.net easybill.de debitoor.com
    docusign.net ariba.com coupahost.com tungsten-network.com basware.com pagero.com b2brouter.net
    onmicrosoft.com amazonses.com sendgrid.net mailgun.org mailchimp.com mandrillapp.com sendinblue.com
    """.split()
)
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# Second levels under which whole countries register: nobody's own domain.
_SHARED_SECOND_LEVEL = re.compile(r"(?:co|com|net|org|gov|edu|ac|ltd|plc|me|gv|or)\.[a-z]{2}")


def domain_of(address: str | None) -> str | None:
    """The domain of a mail address, or of a domain, in one spelling: small letters, international names
    in their ASCII form. None where there is none.

    >>> domain_of("Buchhaltung <rechnung@Nordwind.Example>")
    'nordwind.example'
    """
    text = (address or "").rpartition("@")[2].strip(" \t<>.").casefold()
    try:
        text = text.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return text if _DOMAIN.fullmatch(text) else None


def is_shared_domain(domain: str) -> bool:
    """Whether many companies send from this domain: free mailboxes, invoicing services, `co.uk`."""
    levels = domain.split(".")
    ends = {".".join(levels[start:]) for start in range(len(levels) - 1)}
    return bool(ends & (_MAILBOXES | _SERVICES)) or is_second_level(domain)


def is_second_level(domain: str) -> bool:
    """Whether a domain is one like `co.uk`, under which a whole country registers."""
    return _SHARED_SECOND_LEVEL.fullmatch(domain) is not None


def sender_of(mail: MailFacts | None) -> str | None:
    """The address in From of the mail that reached us; a mail inside of it is only its sender's word."""
    while mail is not None and mail.carrier is not None:
        mail = mail.carrier
    return mail.sender if mail else None
