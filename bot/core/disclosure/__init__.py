"""The gate: what may leave. Every figure of the product has passed ``release``, and nothing else reads an answer.

The answers of one wave of one focal process come in; ``Figure`` values come out, each ``Shown`` or ``Withheld``. No
parameter widens what is shown: the rules only say what was promised to the people who answered. Whether a figure is
shown depends on who answered what, never on what they said, and withheld looks the same as empty.

Guarantee one: about answers
----------------------------
*No linear combination of everything released about a wave of a focal process, over all audiences, rests on the answers
of fewer than k people; and none rests on answers about one workgroup of fewer than three people alone.* What is
released of a set of answers is their sum and their count per dimension, made coarser by rounding, so a figure is a 0/1
vector over answers, and what can be computed from all figures are functions of the combinations of these vectors.
Somebody who knows all but their own k-1 neighbours' answers, or subtracts their own, still faces k-1 others. Waves
share no answer, and an answer belongs to one team: combinations over waves add up people, never take any away.

Figures are of two kinds. *Leaves* share no answer with each other: a dimension of a tie, what else is shown of that
tie, a companion measure. *Wide* figures cut across them: rounds, blocks, dimensions, remainders. Write a combination
as f = w + l, w of wide figures and l of leaves. The gate accepts figures only while

1. each leaf has k people; and
2. whichever k-1 people are left out, the wide figures have the same rank beyond the leaves as with everybody; and the
   same without the answers about any one small role.

*Proof.* Let f = w + l rest on the answers of fewer than k people, and leave these people out. On the answers that are
left f is zero, so w is a combination of leaves there. By 2 leaving people out makes no combination of wide figures a
combination of leaves that is not one on all answers: w itself is one, and so is f. A combination of leaves is constant
on each leaf; if it is not zero it is not zero on some whole leaf, and that has k people by 1, a contradiction. So f is
zero: a redundancy, which says nothing about anybody. For a small role the argument is the same, with its answers in
place of the people's; no leaf is about a small role. ∎

Condition 2 is proved by blocks: if it holds with nobody but the people of one block, for each of k disjoint blocks,
then any k-1 people leave a block untouched. Where that is too coarse, the suspects are split further down to single
people (``check.withstands``), so that a refusal means that k-1 people were found, or that the search was given up.
All ranks are exact (``exact``).

Ties pooled over teams are leaves that reach over teams. A combination in which they take part is examined over the
whole process, beyond the teams' own figures (``pooled``); one in which they do not is a sum of teams' combinations on
separate answers, each of which rests on k people or is zero, even where somebody sits in two teams: a person has one
respondent key per wave and process. Where teams have different k, what is pooled keeps the largest.

What is monotone: a set of figures that may leave together at k+1 may leave together at k, and so may every part of it.
The set *chosen* at k+1 need not be part of the set chosen at k, because figures are taken in order of priority.

Guarantee two: about people whose opinion stays the same
--------------------------------------------------------
*Where everybody is asked everything, a figure is shown again only over the same people or with k people changed*
(``repeats``). Then the difference of two waves' figures is, for anyone whose opinion stays, a combination that touches
nobody or at least k people. Elsewhere chance decides whose answer to which question is behind a figure; what an
observer of a joiner or leaver gains over guessing is measured in ``tests/attacks`` and must stay under 0.10.

What else is done to a figure
-----------------------------
A mean is rounded to one decimal and kept within 1.3 to 4.7; the number of people is a band; unanimity is not marked
(``cells``). Everything computed later (adjusted means, intervals, trends, verdicts) is computed from released figures.
"""

from bot.core.disclosure.answers import Answers, AskedInFull, Panel, TeamRules, WaveRules
from bot.core.disclosure.gate import Considered, consider, release

__all__ = ["Answers", "AskedInFull", "Considered", "Panel", "TeamRules", "WaveRules", "consider", "release"]
