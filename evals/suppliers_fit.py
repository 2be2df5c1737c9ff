"""The weights of `tools/suppliers/weights.py`, worked out again from the develop half of a folder.

Logistic regression over all candidates that spelling finds for a query: is this the supplier meant? The
held-out half and the hidden names play no part. Run it as `python -m evals.suppliers_fit FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from evals.suppliers import develop, load_master, load_queries
from tools.suppliers.candidates import NameRanking, measures
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.places import Agreement, Place

_PENALTY = 0.3
"""Against weights that only suit these names: ridge, per squared unit, the constant free."""
Numbers = NDArray[np.float64]


def fit(folder: Path) -> tuple[list[float], dict[Agreement, float]]:
    """Weights of the name's measures in the order of `measures`, and of the place."""
    directory = SupplierDirectory(load_master(folder))
    rows: list[tuple[float, ...]] = []
    meant: list[float] = []
    for query in develop(load_queries(folder)):
        for found in NameRanking([query.name], Place(city=query.city), directory).best():
            agrees, differs = found.place is Agreement.AGREES, found.place is Agreement.DIFFERS
            rows.append((*measures(found.likeness, found.exact), float(agrees), float(differs)))
            meant.append(float(found.supplier.supplier_id == query.expected))
    *name, agrees_weight, differs_weight = _regress(np.array(rows), np.array(meant)).tolist()
    place = {
        Agreement.AGREES: agrees_weight,
        Agreement.UNKNOWN: 0.0,
        Agreement.DIFFERS: differs_weight,
    }
    return name, place


def _regress(rows: Numbers, meant: Numbers) -> Numbers:
    free = np.ones(rows.shape[1])
    free[0] = 0.0

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        odds = rows @ weights
        chance = 1 / (1 + np.exp(-odds))
        value = (np.logaddexp(0, odds) - meant * odds).sum() + _PENALTY * (free * weights**2).sum()
        return float(value), rows.T @ (chance - meant) + 2 * _PENALTY * free * weights

    found: Numbers = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B").x
    return found


if __name__ == "__main__":
    name_weights, place_weights = fit(Path(sys.argv[1]))
    shown = ", ".join(f"{weight:.2f}" for weight in name_weights)
    places = ", ".join(f"{agreement.name}: {weight:.2f}" for agreement, weight in place_weights.items())
    sys.stdout.write(f"NAME = ({shown})\nPLACE = {{{places}}}\n")
