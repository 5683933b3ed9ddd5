"""The chain of a board: which measures are perception, trust and loyalty, and the links between them that are counted.

Called by the page of the chain and the API.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from peyvand.insights.board import Board
from peyvand.insights.links import LOYALTY, REVIEW, REVIEWED, TRUST, Link, deed_links, felt_measures, score_links


@dataclass(frozen=True, slots=True)
class Chained:
    """Measures by place (empty: nobody was asked), and the links from perception to trust, on to loyalty, and on to deeds and reviews."""

    felt: Sequence[str]
    trusted: str
    loyal: str
    to_trust: Sequence[Link]
    to_loyal: Sequence[Link]
    direct: Sequence[Link]
    deeds: Sequence[Link]
    famed: Sequence[Link]

    @property
    def links(self) -> list[Link]:
        """All of them in the order of the chain."""
        return [*self.to_trust, *self.to_loyal, *self.direct, *self.deeds, *self.famed]

    @property
    def strongest(self) -> Link | None:
        """The link that is known best; None where none can be told from noise."""
        able = [link for link in self.links if link.together.beyond_noise and not link.together.small]
        return max(able, key=lambda link: abs(link.together.rho or 0.0), default=None)


def chained(found: Board) -> Chained:
    """Count the links of a board."""
    loyal = next((code for code in LOYALTY if code in found.answered), "")
    trusted = next((code for code in TRUST if code in found.answered), "")
    felt = felt_measures(found)
    trust_pairs = [(code, trusted) for code in felt if trusted]
    loyal_pairs = [(trusted, loyal)] if trusted and loyal else []
    direct_pairs = [(code, loyal) for code in felt if loyal]
    known = score_links(found, [*trust_pairs, *loyal_pairs, *direct_pairs])
    to_trust, to_loyal, direct = ([known[pair] for pair in pairs if pair in known] for pairs in (trust_pairs, loyal_pairs, direct_pairs))
    lead = loyal or (felt[0] if felt else "")
    deeds = deed_links(found, lead) if lead else []
    famed = list(score_links(found, [(loyal, REVIEWED)], [REVIEW]).values()) if loyal and REVIEWED in found.scales else []
    return Chained(felt, trusted, loyal, to_trust, to_loyal, direct, deeds, famed)
