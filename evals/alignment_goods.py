"""Goods of eight trades in four languages, as the made cases of line alignment name them.

A line: trade | unit | price | German | English | Dutch | French. `{}` stands for a size, where sizes differ.
"""

# ruff: noqa: E501 - one thing a line
from __future__ import annotations

from typing import NamedTuple

LANGUAGES = ("de", "en", "nl", "fr")

_TABLE = """
fasteners|C62|0.48|Sechskantschraube M{} verzinkt|Hex bolt M{} galvanised|Zeskantbout M{} verzinkt|Vis hexagonale M{} zinguée
fasteners|C62|0.12|Unterlegscheibe {} mm|Washer {} mm|Sluitring {} mm|Rondelle {} mm
fasteners|C62|0.35|Blindniete {} mm Alu|Blind rivet {} mm aluminium|Blindklinknagel {} mm alu|Rivet aveugle {} mm alu
fasteners|C62|2.15|Gewindestange M{}|Threaded rod M{}|Draadstang M{}|Tige filetée M{}
electrical|MTR|1.95|Installationsleitung NYM-J {}|Installation cable NYM-J {}|Installatiekabel NYM-J {}|Câble d'installation NYM-J {}
electrical|C62|7.40|Leitungsschutzschalter B{}|Circuit breaker B{}|Installatieautomaat B{}|Disjoncteur B{}
electrical|C62|3.25|Steckdose Unterputz|Flush socket outlet|Inbouw stopcontact|Prise encastrée
electrical|C62|11.90|LED-Leuchtmittel {} W|LED lamp {} W|Ledlamp {} W|Ampoule LED {} W
office|XPK|4.89|Kopierpapier A4 {} g|Copy paper A4 {} g|Kopieerpapier A4 {} g|Papier copieur A4 {} g
office|C62|1.10|Kugelschreiber blau|Ballpoint pen blue|Balpen blauw|Stylo à bille bleu
office|C62|79.00|Bürodrehstuhl schwarz|Office swivel chair black|Bureaustoel zwart|Chaise de bureau noire
office|C62|64.50|Tonerkartusche {}|Toner cartridge {}|Tonercartridge {}|Cartouche de toner {}
food|KGM|3.60|Weizenmehl Type {}|Wheat flour type {}|Tarwebloem type {}|Farine de blé type {}
food|KGM|8.75|Kaffeebohnen geröstet|Roasted coffee beans|Gebrande koffiebonen|Café en grains torréfié
food|LTR|5.20|Sonnenblumenöl|Sunflower oil|Zonnebloemolie|Huile de tournesol
food|KGM|6.40|Butter ungesalzen|Unsalted butter|Ongezouten boter|Beurre doux
cleaning|LTR|2.90|Bodenreiniger Konzentrat|Floor cleaner concentrate|Vloerreiniger concentraat|Nettoyant sol concentré
cleaning|XPK|18.20|Einmalhandschuhe Nitril Größe {}|Disposable nitrile gloves size {}|Nitril wegwerphandschoenen maat {}|Gants nitrile jetables taille {}
cleaning|C62|9.95|Wischmopp Baumwolle|Cotton mop|Katoenen dweil|Balai à franges coton
cleaning|XPK|21.50|Papierhandtücher zweilagig|Paper towels two-ply|Papieren handdoekjes tweelaags|Essuie-mains papier double épaisseur
building|C62|12.80|Zementsack {} kg|Cement bag {} kg|Zak cement {} kg|Sac de ciment {} kg
building|MTK|14.30|Gipskartonplatte {} mm|Plasterboard {} mm|Gipsplaat {} mm|Plaque de plâtre {} mm
building|C62|1.85|Mauerziegel rot|Red facing brick|Rode baksteen|Brique rouge
building|LTR|6.70|Fassadenfarbe weiß|White masonry paint|Witte gevelverf|Peinture façade blanche
it|C62|1249.00|Notebook {} Zoll|Laptop {} inch|Laptop {} inch scherm|Ordinateur portable {} pouces
it|C62|189.00|Monitor {} Zoll|Display monitor {} inch|Beeldscherm {} inch|Écran {} pouces
it|C62|24.90|Funkmaus schwarz|Wireless mouse black|Draadloze muis zwart|Souris sans fil noire
it|MON|9.80|Lizenz Datensicherung|Backup software licence|Licentie back-upsoftware|Licence de sauvegarde
services|HUR|85.00|Monteurstunden|Technician hours|Monteursuren|Heures de technicien
services|HUR|120.00|Beratung Projektleitung|Project management consulting|Advies projectleiding|Conseil gestion de projet
services|C62|260.00|Wartung Aufzug|Lift maintenance|Onderhoud lift|Entretien ascenseur
services|C62|145.00|Fensterreinigung|Window cleaning|Glasbewassing|Nettoyage des vitres
"""
_SIZES = {
    "Hex bolt": ("6x30", "6x40", "8x40", "8x60"),
    "Washer": ("6", "8", "10", "12"),
    "Blind rivet": ("3", "4", "5", "6"),
    "Threaded rod": ("8", "10", "12", "16"),
    "Installation cable": ("3x1,5", "5x1,5", "3x2,5", "5x2,5"),
    "Circuit breaker": ("10", "16", "20", "32"),
    "LED lamp": ("7", "9", "11", "15"),
    "Copy paper": ("75", "80", "90", "100"),
    "Toner cartridge": ("TN2410", "TN2420", "CF259A", "W1106A"),
    "Wheat flour": ("405", "550", "812", "1050"),
    "Disposable nitrile": ("6", "7", "8", "9"),
    "Cement bag": ("10", "20", "25", "40"),
    "Plasterboard": ("9", "12", "15", "18"),
    "Laptop": ("13", "14", "15", "17"),
    "Display monitor": ("22", "24", "27", "32"),
}


class Good(NamedTuple):
    """One thing that is bought."""

    trade: str
    unit: str
    price: str
    names: dict[str, str]
    """By language, with `{}` for the size."""
    sizes: tuple[str, ...]

    def named(self, language: str, size: int = 0) -> str:
        return self.names[language].format(self.sizes[size % len(self.sizes)] if self.sizes else "")


def goods() -> list[Good]:
    """All goods, in the order of the table."""
    found = []
    for row in _TABLE.strip().splitlines():
        trade, unit, price, *names = row.split("|")
        sizes = next((known for start, known in _SIZES.items() if names[1].startswith(start)), ())
        found.append(Good(trade, unit, price, dict(zip(LANGUAGES, names, strict=True)), sizes))
    return found
