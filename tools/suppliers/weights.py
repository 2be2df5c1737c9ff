"""How much each measure of a name and a place tells, as log odds.

Logistic regression on the develop half of the evaluation set: `python -m evals.suppliers_fit FOLDER`
works them out again.
"""

from __future__ import annotations

from tools.suppliers.places import Agreement

NAME = (-13.07, 1.57, 4.95, 1.49, 4.41, 0.25, 0.99, 1.03, -3.07, -1.53, 2.70, 0.66, 1.36, 1.82, 0.15)
"""In the order of `tools.suppliers.candidates.measures`."""
PLACE = {Agreement.AGREES: 2.71, Agreement.UNKNOWN: 0.0, Agreement.DIFFERS: -2.84}
