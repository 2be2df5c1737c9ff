"""How much each measure of a name and a place tells, as log odds.

Logistic regression on the develop half of the evaluation set: `python -m evals.suppliers_fit FOLDER`
works them out again.
"""

from __future__ import annotations

from tools.suppliers.places import Agreement

NAME = (-13.12, 1.62, 4.89, 1.34, 4.43, 0.23, 1.07, 1.09, -3.05, -1.57, 2.63, 0.70, 1.35, 1.83, 0.17)
"""In the order of `tools.suppliers.candidates.measures`."""
PLACE = {Agreement.AGREES: 2.70, Agreement.UNKNOWN: 0.0, Agreement.DIFFERS: -2.85}
