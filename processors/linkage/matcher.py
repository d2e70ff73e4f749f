"""The matcher: hub incidents and rulings in, whole entities out.

A state machine whose state is a function of the *set* of current incidents and rulings: the order
in which they came, duplicates, superseded versions and restarts leave no trace, byte for byte. An
entity is named after its founder, the mention that was recorded first, so growth does not rename
it; the ids of its other mentions lead to it as absorbed snapshots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from schemas.records import Entity, HubIncident, LinkReview, SealedPerson
from schemas.sealing import encoding_aad

from .engine.refusal import DumpError
from .figures import Figures, figures
from .mentions import Mention, OpenEncoding, Standing, distinct, rank_of, standing
from .nodes import Node, signature
from .parameters import Parameters
from .remembering import Frozen, Pieces, fill, frozen
from .scoring import Scorer
from .snapshot import snapshot
from .state import Cluster, State

if TYPE_CHECKING:
    from .engine.engine import Component


PROBE: Final = "?"
"""Stands for a person who is only asked about; no incident has such an id."""


class Opens(Protocol):
    """What opens sealed encodings: schemas.sealing.Opener or a stand-in."""

    def open(self, key_id: str, wrapped_key: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        """Decrypt or raise."""
        ...


def opening(opener: Opens) -> OpenEncoding:
    """Open encodings with the linkage key."""

    def open_encoding(incident: HubIncident, person: SealedPerson) -> bytes:
        assert person["encoding"] is not None
        return opener.open(
            incident["linkage_key_id"],
            incident["linkage_wrapped_key"],
            person["encoding"],
            encoding_aad(incident["incident_id"], person["position"]),
        )

    return open_encoding


def _alike(one: Cluster, two: Cluster) -> bool:
    return one.oversize == two.oversize and one.slots == two.slots


@dataclass(slots=True)
class _Work:
    """What one input has touched, until `_settle` has drawn the consequences."""

    touched: set[int] = field(default_factory=set)
    """Slots whose snapshots show a change."""
    changed: set[str] = field(default_factory=set)
    """Entity ids whose snapshot may have changed."""


class Matcher:
    """Links mentions into entities, one incident at a time."""

    def __init__(self, parameters: Parameters, open_encoding: OpenEncoding | Opens) -> None:
        """`open_encoding` is a callable, or an opener that holds the linkage key."""
        self.parameters = parameters
        self._open = open_encoding if callable(open_encoding) else opening(open_encoding)
        self._scorer = Scorer(parameters)
        self._state = self._empty()

    # -- inputs ---------------------------------------------------------------------------------

    def apply(self, incident: HubIncident) -> set[str]:
        """Take in an incident's new state; the ids of entities whose snapshot may have changed.

        A state that does not supersede the standing one changes nothing.
        """
        before = self._state.incidents.get(incident["incident_id"])
        if before is not None and rank_of(incident) <= before.rank:
            return set()
        return self._stand(standing(incident, self._open), before)

    def _stand(self, after: Standing, before: Standing | None) -> set[str]:
        self._state.incidents[after.incident_id] = after
        work = _Work()
        old = before.mentions if before else {}
        self._replace(old, after, work)
        for mention in after.mentions.values():
            work.touched.add(mention.slot)
        self._move_place(before, after, work)
        return self._settle(work)

    def relinked(self, parameters: Parameters, progress: Callable[[int], None]) -> Matcher:
        """A matcher that knows the same incidents and rulings under other parameters.

        `progress` hears how many incidents it has linked.
        """
        fresh = Matcher(parameters, self._open)
        fresh._state.rulings = self._state.rulings
        fresh._state.exclusions = self._state.exclusions.anew()
        for number, name in enumerate(sorted(self._state.incidents), 1):
            known = self._state.incidents[name]
            mentions = {key: replace(each, slot=-1) for key, each in known.mentions.items()}
            fresh._stand(replace(known, mentions=mentions), None)
            progress(number)
        return fresh

    def probe(self, words: tuple[int, ...], moment: datetime) -> list[str]:
        """Mentions of whoever would be held to be the person of these words, sorted.

        Nothing is kept: the person is linked as an incident recorded at `moment` would be, and
        taken out again, and a matcher's state does not depend on what came and went.
        """
        mention = Mention(PROBE, PROBE, PROBE, 0, "victim", "victim", moment, words)
        asked = Standing(PROBE, (), mentions={PROBE: mention})
        self._stand(asked, None)
        cluster = self._state.clusters.get(mention.slot)
        slots = cluster.slots if cluster is not None else (mention.slot,)
        found = {name for slot in slots for name in self._state.nodes[slot].mentions}
        self._stand(Standing(PROBE, ()), asked)
        del self._state.incidents[PROBE]
        return sorted(found - {PROBE})

    def frozen(self) -> Frozen:
        """A copy of everything known, to be written out later."""
        return frozen(self._state)

    def recall(self, pieces: Pieces) -> None:
        """Know what was written out, and nothing else. Raises DumpError; then nothing is known."""
        self._state = self._empty()
        try:
            fill(self._state, pieces)
        except DumpError:
            self._state = self._empty()
            raise

    def _empty(self) -> State:
        from .engine.engine import Engine  # noqa: PLC0415 - numba costs a second to import

        return State(self.parameters.version, Engine(self._scorer.tables))

    def known(self) -> int:
        """How many incidents it knows."""
        return len(self._state.incidents)

    def figures(self) -> Figures:
        """What an operator watches: sizes of entities and of the backlog, links by agency."""
        return figures(self._state)

    def decide(self, review: LinkReview) -> set[str]:
        """Take in a person's decision; the ids of entities whose snapshot may have changed."""
        if not self._state.rulings.apply(review):
            return set()
        return self._ruled(review["left"], review["right"])

    def forget(self, left: str, right: str, by: str) -> set[str]:
        """Let go of a decision as if nobody had made it; ids of what may have changed."""
        if not self._state.rulings.forget(left, right, by):
            return set()
        return self._ruled(left, right)

    def _ruled(self, left: str, right: str) -> set[str]:
        """Draw the consequences of another ruling on a pair."""
        work = _Work()
        pair = [self._state.mentions.get(name) for name in sorted((left, right))]
        known = [mention for mention in pair if mention is not None]
        for mention in known:
            siblings = self._state.incidents[mention.incident_id].mentions.values()
            self._detach(mention, siblings, work)
        for mention in known:
            self._attach(mention, work)
        return self._settle(work)

    def restore(self, review: LinkReview) -> set[str]:
        """Take in a decision about an over-common value; ids of what may have changed."""
        if not self._state.exclusions.decide(review):
            return set()
        return self.survey() | {review["left"]}

    def survey(self) -> set[str]:
        """Look for over-common values; the ids of entities whose snapshot may have changed."""
        index = self._state.engine
        restore, leave, changed = self._state.exclusions.survey(index)
        for key in restore:
            index.restore(key)
        for key in leave:
            index.unrestore(key)
        if leave:
            changed |= self._state.exclusions.survey(index)[2]
        work = _Work(changed=changed)
        return self._settle(work)

    # -- mentions and nodes ---------------------------------------------------------------------

    def _replace(self, old: dict[str, Mention], after: Standing, work: _Work) -> None:
        same = {name: each.words for name, each in old.items()} == {
            name: each.words for name, each in after.mentions.items()
        }
        if same and all(unmoved(old[name], each) for name, each in after.mentions.items()):
            for name, mention in after.mentions.items():
                mention.slot = old[name].slot
                self._state.nodes[mention.slot].mentions[name] = mention
                self._state.mentions[name] = self._state.owners[mention.entity_id] = mention
            return
        for mention in old.values():
            self._detach(mention, old.values(), work)
            work.changed.add(mention.entity_id)
            del self._state.mentions[mention.mention_id], self._state.owners[mention.entity_id]
        for mention in after.mentions.values():
            self._state.mentions[mention.mention_id] = self._state.owners[mention.entity_id] = (
                mention
            )
        for mention in after.mentions.values():
            self._attach(mention, work)

    def _alone(self, mention: Mention, row: Sequence[int]) -> bool:
        if self._state.rulings.on(mention.mention_id):
            return True
        others = self._state.incidents[mention.incident_id].mentions.values()
        if any(each.words == mention.words for each in others if each is not mention):
            return True
        return not self._scorer.tells_apart(row)

    def _attach(self, mention: Mention, work: _Work) -> None:
        row = self._scorer.row(mention.words)
        name = signature(mention.words, mention.mention_id, alone=self._alone(mention, row))
        node = self._state.by_signature.get(name)
        if node is None:
            slot = self._state.engine.add(row, name)
            node = self._state.nodes[slot] = self._state.by_signature[name] = Node(slot, name)
            work.touched |= self._state.households.add(slot, mention.words)
        node.mentions[mention.mention_id] = mention
        mention.slot = node.slot
        self._state.engine.revisit(node.slot)
        work.touched.add(node.slot)
        work.changed.add(mention.entity_id)
        if node.representative() == mention.mention_id:
            work.touched.update(self._state.engine.edges[node.slot])
        self._tie(mention)

    def _tie(self, mention: Mention) -> None:
        """Say what holds between a mention and others that are there, whatever their scores."""
        engine = self._state.engine
        siblings = self._state.incidents[mention.incident_id].mentions.values()
        for other in self._apart(mention, siblings):
            engine.tie(mention.slot, other.slot, "distinct")
        for name, ruling in self._state.rulings.on(mention.mention_id).items():
            partner = self._state.mentions.get(name)
            if partner is not None and partner.slot >= 0:
                engine.tie(mention.slot, partner.slot, ruling)

    @staticmethod
    def _apart(mention: Mention, siblings: Iterable[Mention]) -> Iterator[Mention]:
        """Those in other nodes who are another person because they are in the same incident."""
        for other in siblings:
            if other.slot not in {-1, mention.slot} and distinct(mention, other):
                yield other

    def _detach(self, mention: Mention, siblings: Iterable[Mention], work: _Work) -> None:
        engine, slot = self._state.engine, mention.slot
        node = self._state.nodes[slot]
        if node.representative() == mention.mention_id:
            work.touched.update(engine.edges[slot])
        del node.mentions[mention.mention_id]
        if node.mentions:
            for other in self._apart(mention, siblings):
                engine.tie(slot, other.slot, "distinct", off=True)
            engine.revisit(slot)
            work.touched.add(slot)
        else:
            del self._state.nodes[slot], self._state.by_signature[node.signature]
            work.touched.discard(slot)
            cluster = self._state.clusters.pop(slot, None)
            work.changed.update([cluster.entity_id] if cluster else [])
            engine.remove(slot)
            work.touched |= self._state.households.remove(slot, mention.words)
        mention.slot = -1

    # -- clusters -------------------------------------------------------------------------------

    def _settle(self, work: _Work) -> set[str]:
        engine = self._state.engine
        renamed: set[int] = set()
        for component in engine.settle():
            renamed |= self._recluster(component, work)
        work.touched.update(engine.changed())
        work.touched.update(slot for slot in engine.reflagged() if slot in self._state.nodes)
        for slot in renamed:
            node = self._state.nodes[slot]
            work.touched.update(self._state.households.near(slot, node.words))
            for mention in node.mentions.values():
                work.changed.add(mention.entity_id)
                work.changed.update(self._state.opposite(mention))
        for slot in work.touched:
            cluster = self._state.clusters.get(slot)
            if cluster is not None:
                work.changed.add(cluster.entity_id)
        return work.changed

    def _recluster(self, component: Component, work: _Work) -> set[int]:
        """Follow a component that was found anew; slots of an entity of another name now."""
        oversize = component.oversize
        renamed: set[int] = set()
        for members in component.clusters():
            cluster = Cluster(self._state.founder(members).entity_id, members, oversize)
            for slot in members:
                before = self._state.clusters.get(slot)
                if before is None or before.entity_id != cluster.entity_id:
                    renamed.add(slot)
                if before is None or not _alike(before, cluster):
                    work.touched.add(slot)
                    work.changed.update([before.entity_id] if before else [])
                    if self._state.rulings.any():
                        work.touched.update(self._state.engine.edges[slot])
                self._state.clusters[slot] = cluster
        return renamed

    # -- places ---------------------------------------------------------------------------------

    def _move_place(self, before: Standing | None, after: Standing, work: _Work) -> None:
        if before is not None and before.place is not None:
            work.changed.add(before.place)
            incidents = self._state.places[before.place]
            incidents.discard(before.incident_id)
            if not incidents:
                del self._state.places[before.place]
        if after.place is not None:
            work.changed.add(after.place)
            self._state.places.setdefault(after.place, set()).add(after.incident_id)

    # -- outputs --------------------------------------------------------------------------------

    def entities(self) -> Iterator[Entity]:
        """Every live entity, and an absorbed snapshot for each id that leads to another."""
        for entity_id in sorted(self._state.owners):
            yield self.entity(entity_id)
        for entity_id in sorted(self._state.places):
            yield self.entity(entity_id)
        for entity_id in self._state.exclusions.ids():
            yield self.entity(entity_id)

    def entity(self, entity_id: str) -> Entity:
        """An entity as it now stands; dissolved if nothing has that id any more."""
        return snapshot(self._state, self._scorer, entity_id)


def unmoved(old: Mention, new: Mention) -> bool:
    """Whether a mention kept role and age, so that who is one person, and its name, stay."""
    return old.role == new.role and old.known_since == new.known_since
