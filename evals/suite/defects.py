"""Seeded defects: each breaks one safety promise in the program's own text, and some case has to turn red.

A defect is a few exact replacements; a text that is not there exactly once is a mistake of this list. Where
the program keeps a promise in several places, the defect breaks all of them: one broken place alone is held
by the others, and would prove nothing.

Not here, because no case played by one process can tell: that a case is claimed before it is worked on, and
that a killed process loses nothing (`erp-eval kills` shows both).
"""

from __future__ import annotations

from tools.domain.record import Record


class Edit(Record):
    path: str
    """Of the file, from the folder that holds `agent` and `tools`."""
    old: str
    new: str


class Defect(Record):
    name: str
    promise: str
    """What holds without it."""
    edits: tuple[Edit, ...]
    cases: tuple[str, ...]
    """Cases, by how they begin, of which one at least has to turn red."""
    erp: str = "sandbox"


def _edit(path: str, old: str, new: str) -> Edit:
    return Edit(path=path, old=old, new=new)


_SERVICE, _BILLING, _POSTING = "agent/service.py", "tools/billing.py", "tools/erp/posting.py"
_UNASKED = """        state = await self.state(case_id)
        proposal = state.get("proposal")
        if self.case(case_id).stage == Stage.WAITING_FOR_APPROVAL and proposal is not None:
            approval = Approval(
                case_id=case_id,
                digest=proposal.digest,
                person=PersonId("vera"),
                decided_at=self.deps.now(),
                decision=Decision.APPROVE,
            )
            await self.fresh()._invoke(case_id, Command(resume=approval))
"""
_AFTER_ADVANCE = "        return self.case(case_id)\n\n    async def decide("
_OWN_DIGEST = "                digest={},\n                person=person,\n                decided_at="
_DONE = """            self._note(
                connection,
                order,
                audit.PostingDone(key=order.key, digest=order.proposal.digest, posting=posting, found=found),
            )
"""
_LOOK = "        return await _look_again(erp, order, log, pause, looks, str(error))\n"

DEFECTS: tuple[Defect, ...] = (
    Defect(
        name="approval skipped",
        promise="nothing is written that no person approved",
        edits=(
            _edit(_SERVICE, _AFTER_ADVANCE, _UNASKED + _AFTER_ADVANCE),
            _edit(_BILLING, "            require_approvals(connection, order)\n", ""),
        ),
        cases=("0001",),
    ),
    Defect(
        name="digest ignored",
        promise="an approval counts for exactly what was shown",
        edits=(
            _edit(
                "agent/approval_standing.py", "    if digest != proposal.digest:\n", "    if not digest:\n"
            ),
            _edit(_SERVICE, _OWN_DIGEST.format("digest"), _OWN_DIGEST.format("proposal.digest")),
        ),
        cases=("0501",),
    ),
    Defect(
        name="own answer approved",
        promise="nobody is the only approver of what their own answer decided",
        edits=(
            _edit(
                "tools/domain/authority_rights.py",
                "    return not decided and related(policy, facts, entry, confirms=False) is None\n",
                "    return True\n",
            ),
        ),
        cases=("0502",),
    ),
    Defect(
        name="limit ignored",
        promise="nobody approves more than their limit",
        edits=(
            _edit(
                "tools/domain/authority_rights.py",
                "    over = None if parts is None else policy.limit_refusal(entry, parts)\n",
                "    over = None\n",
            ),
        ),
        cases=("0503",),
    ),
    Defect(
        name="posted twice",
        promise="what may have arrived is looked for and never sent again by itself",
        edits=(
            _edit(
                _POSTING,
                "    except OutcomeUnknown as error:\n" + _LOOK,
                "    except OutcomeUnknown:\n        posting = await erp.write(order)\n",
            ),
        ),
        cases=("0034",),
    ),
    Defect(
        name="stale records",
        promise="what a proposal rests on still holds when it is posted",
        edits=(
            _edit(_POSTING, "    await _check_versions(erp, order, log)\n    if (", "    if ("),
            _edit(
                _BILLING,
                '                if order.proposal.versions.get(ref, "-") != version:\n',
                "                if not ref:\n",
            ),
        ),
        cases=("0501",),
        erp="business_central",
    ),
    Defect(
        name="audit record missing",
        promise="every write stands in the log, before and after",
        edits=(_edit(_BILLING, _DONE, ""),),
        cases=("0001",),
    ),
    Defect(
        name="bank account sent",
        promise="no bank account reaches the ERP",
        edits=(
            _edit(
                "tools/matching/posting_lines.py",
                'description=_one_line(line.line.description) or f"Line {line.name}",',
                'description=" ".join((line.line.description or "", *self._invoice.ibans)),',
            ),
            _edit(
                "agent/nodes/propose.py",
                '        line.model_copy(update={"description": text_without(line.description, known)})\n'
                "        for line in map(without_accounts, lines)\n",
                "        line\n        for line in lines\n",
            ),
        ),
        cases=("0001",),
        erp="business_central",
    ),
    Defect(
        name="injection obeyed",
        promise="a text of a document decides nothing",
        edits=(
            _edit(
                "tools/matching/engine.py",
                "    held = with_holds(_settled(found), facts.policy)\n",
                "    text = repr(facts.invoice).casefold()\n"
                "    obeyed = 'approve' in text or 'freigegeben' in text\n"
                "    held = [] if obeyed else with_holds(_settled(found), facts.policy)\n",
            ),
        ),
        cases=("0401", "0405"),
    ),
    Defect(
        name="duplicate check off",
        promise="a copy is noticed",
        edits=(
            _edit(
                "tools/matching/duplicates.py",
                "    if not invoice.number:\n        return []\n    mine = print_of(invoice, company)\n",
                "    if invoice:\n        return []\n    mine = print_of(invoice, company)\n",
            ),
        ),
        cases=("0001",),
    ),
    Defect(
        name="new account overlooked",
        promise="a bank account that nobody verified stops the document",
        edits=(
            _edit(
                "tools/matching/bank.py",
                "    if not asks_for_money(invoice):\n        return []\n    policy = policy",
                "    if invoice:\n        return []\n    policy = policy",
            ),
        ),
        cases=("0049", "0430"),
    ),
    Defect(
        name="attachment lost",
        promise="every document of a mail ends in a named state",
        edits=(
            _edit(
                "tools/intake/folder.py",
                "    for part in opened.parts[: limits.max_attachments]:\n",
                "    for part in opened.parts[:1]:\n",
            ),
        ),
        cases=("0461",),
    ),
)
