"""When name and place decide alone, and what to tell people when they do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tools.domain.supplier import Supplier
from tools.suppliers.candidates import Ranked
from tools.suppliers.names import is_collective
from tools.suppliers.places import Agreement

SURE = 0.90
"""Score from which name and place decide, set on the develop half with the right suppliers taken out of
the master: `erp-eval suppliers` counts how often another one is chosen then."""
SURE_AMONG_SHARED = 0.50
"""The same among suppliers that a registered id already points to."""
MARGIN = 0.50
"""Distance in score to the next candidate at the same place, or at an unknown one."""
ELSEWHERE = 1.0
"""How much better (in log odds) a name at another place must fit to be a reason to ask."""
LEAD = 1.0
"""How much better (in log odds) a name with all its words on the document must fit than one at the same place
with a word more, for that one to be no reason to ask. On the develop half of the evaluation set among 100,000
suppliers this decides 819 instead of 580 queries, none of them wrongly."""
WORTH_NAMING = 0.2
"""Score below which a candidate is no more than a chance likeness."""
Confirmed = Callable[[Supplier], bool]
"""Whether a person confirmed the mail's sender as this supplier. It stands in for a place nobody knows
and tells rivals apart; it never outweighs a name or a place that speaks against it."""


def winner(best: Sequence[Ranked], sure: float, confirmed: Confirmed) -> Ranked | None:
    """The one candidate of `best` (likeliest first) that name and place decide on."""
    if not best:
        return None
    top = best[0]
    rivals = [other for other in best[1:] if _rivals(top, other)]
    if rivals:
        favoured = [one for one in (top, *rivals) if confirmed(one.supplier)]
        exact = top.exact or any(rival.exact for rival in rivals)
        if len(favoured) != 1 or (exact and not favoured[0].exact):
            return None
        top = favoured[0]
    return top if _decides(top, sure, confirmed) else None


def _decides(top: Ranked, sure: float, confirmed: Confirmed) -> bool:
    if is_collective(top.supplier.name) or not _placed(top, confirmed):
        return False
    likeness = top.likeness
    alike = likeness.same_numbers and not likeness.further_word and not likeness.missing_word
    return top.exact or (top.score_if_placed >= sure and alike)


def doubt(best: Sequence[Ranked], confirmed: Confirmed) -> str:
    """Why name and place do not decide among `best`, as half a sentence."""
    top = best[0] if best else None
    if top is None or top.score < WORTH_NAMING:
        return "no supplier has a name and a place close to the document's"
    rivals = [other for other in best[1:] if _rivals(top, other)]
    if rivals:
        return f"{title(top.supplier)} and {title(rivals[0].supplier)} are too close to each other"
    if is_collective(top.supplier.name):
        return f"{title(top.supplier)} is an account for many suppliers"
    if not _placed(top, confirmed):
        place = "differs" if top.place is Agreement.DIFFERS else "is not known on both sides"
        return f"a name alone is not enough: the place of {title(top.supplier)} {place}"
    return f"the name is not close enough to {title(top.supplier)}"


def title(supplier: Supplier) -> str:
    """Number and name for a sentence, on one line."""
    return f"{supplier.supplier_id} {' '.join(supplier.name.split())[:80]}"


def _rivals(top: Ranked, other: Ranked) -> bool:
    """Whether `other` could be meant as well. The same name in another city is no rival, a better one is."""
    if other.place is Agreement.DIFFERS and top.place is Agreement.AGREES:
        return not top.exact and (other.exact or other.log_odds > top.log_odds + ELSEWHERE)
    if top.exact:
        return other.exact
    return other.score > top.score - MARGIN and not _says_more(top, other)


def _says_more(top: Ranked, other: Ranked) -> bool:
    """Whether `other` is `top`'s sister with a word more, which the document does not have."""
    return (
        top.place is Agreement.AGREES
        and not other.exact
        and other.likeness.missing_word
        and not top.likeness.missing_word
        and top.log_odds >= other.log_odds + LEAD
    )


def _placed(ranked: Ranked, confirmed: Confirmed) -> bool:
    if ranked.place is Agreement.UNKNOWN:
        return confirmed(ranked.supplier)
    return ranked.place is Agreement.AGREES
