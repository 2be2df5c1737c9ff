"""One name for each city that documents call by several: the local one, in folded spelling."""

from __future__ import annotations

# Local name, then English and other customary names. From the exonym lists that the UN Group of Experts on
# Geographical Names collects, for places with many companies.
_CITIES = """
munchen: munich monaco_di_baviera monachium
koln: cologne keulen colonia kolonia
nurnberg: nuremberg nuremburg norimberga
hannover: hanover
braunschweig: brunswick
frankfurt_am_main: frankfurt frankfort francoforte frankfurt_main frankfurt_a_m francfort
hamburg: hambourg amburgo hamburgo
berlin: berlino
dusseldorf: dusseldorp
aachen: aix_la_chapelle aken aquisgrana
mainz: mayence magonza
trier: treves treviri
regensburg: ratisbon ratisbonne
leipzig: lipsia
dresden: dresda dresde drezno
wien: vienna vienne viena wenen wieden viden
salzburg: salisburgo salzbourg
gravenhage: the_hague den_haag la_haye s_gravenhage sgravenhage
hertogenbosch: den_bosch s_hertogenbosch shertogenbosch bois_le_duc
vlissingen: flushing
bruxelles: brussels brussel brussels_hoofdstad bruxelas bruselas brussel_hoofdstad brussel_stad
antwerpen: antwerp anvers amberes anversa
gent: ghent gand
brugge: bruges
luik: liege luttich lieja
leuven: louvain lowen
mechelen: malines mechlin
kortrijk: courtrai
doornik: tournai
bergen_mons: mons
namur: namen
aalst: alost
ieper: ypres
oostende: ostend ostende
milano: milan mailand milaan mediolan
roma: rome rom rzym
torino: turin turijn
firenze: florence florenz florencia
venezia: venice venedig venise venecia
napoli: naples neapel napels napoles
genova: genoa genua genes
padova: padua padoue
mantova: mantua mantoue
livorno: leghorn livourne
bolzano: bozen
trento: trient
trieste: triest
siracusa: syracuse
lisboa: lisbon lissabon lisbonne lisbona
porto: oporto
kobenhavn: copenhagen kopenhagen copenhague koebenhavn kobenhavn_k kobenhavn_v kobenhavn_o kobenhavn_n
arhus: aarhus aarhus_c arhus_c
alborg: aalborg
odense: odense_c
helsingor: elsinore
goteborg: gothenburg goteburg goeteborg
helsinki: helsingfors
turku: abo
tampere: tammerfors
espoo: esbo
vantaa: vanda
oulu: uleaborg
vaasa: vasa
warszawa: warsaw warschau varsovie varsavia
krakow: cracow krakau cracovie cracovia
wroclaw: breslau
gdansk: danzig
poznan: posen
szczecin: stettin
lodz: lodsch
katowice: kattowitz
praha: prague prag praga
brno: brunn
plzen: pilsen
ostrava: ostrau
geneve: geneva genf ginevra
zurich: zurigo zuerich
basel: basle bale basilea
bern: berne berna
luzern: lucerne lucerna
lausanne: losanna
neuchatel: neuenburg
sankt_gallen: st_gallen saint_gall
strasbourg: strassburg strasburgo
lyon: lyons lione
marseille: marseilles marsiglia
nice: nizza
lille: rijsel
dunkerque: dunkirk duinkerken
paris: parigi parijs paryz
sevilla: seville
zaragoza: saragossa saragosse
coruna: a_coruna la_coruna corunna
san_sebastian: donostia donostia_san_sebastian
vitoria: vitoria_gasteiz gasteiz
bilbao: bilbo
pamplona: iruna
lleida: lerida
girona: gerona
alicante: alacant
cordoba: cordova
palma: palma_de_mallorca
barcelona: barcelone
luxembourg: luxemburg letzebuerg lussemburgo luxembourg_ville
london: londres londen londra londyn
edinburgh: edimbourg edinburg
cardiff: caerdydd
dublin: baile_atha_cliath dublino
cork: corcaigh
galway: gaillimh
stockholm: estocolmo stoccolma
new_york: new_york_city nyc
saint_louis: st_louis
"""


def _read(lines: str) -> dict[str, str]:
    found = {}
    for line in lines.split("\n"):
        local, _, others = line.partition(":")
        found.update(
            dict.fromkeys((name.replace("_", " ") for name in others.split()), local.replace("_", " "))
        )
    return found


_LOCAL = _read(_CITIES)
_DIGITS = str.maketrans("01586", "olsbg")
"""Digits that a scanner put for letters."""


def local_city(folded: str) -> str:
    """The local name of a city in folded spelling; the name itself where no other is known.

    >>> local_city("vienna")
    'wien'
    """
    return _LOCAL.get(folded) or _LOCAL.get(folded.translate(_DIGITS), folded)
