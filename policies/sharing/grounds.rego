# METADATA
# title: Positive grounds
# description: >-
#   Which of the clauses that cover the asker hold for this record. Every condition is a rule that
#   must be true; a condition that cannot be evaluated does not hold.
package concord.sharing.grounds

import data.concord.sharing.asker

shortfalls contains {"clause": [id, number], "code": "consent-missing"} if {
	some [id, number] in asker.covered
	clause := data.agreements.by_id[id].clauses[number]
	not consented(clause)
	not lifts(clause, "consent")
}

shortfalls contains {"clause": [id, number], "code": "not-a-case-member"} if {
	some [id, number] in asker.covered
	clause := data.agreements.by_id[id].clauses[number]
	not on_the_case(clause)
	not lifts(clause, "case_member")
}

shortfalls contains {"clause": [id, number], "code": "not-related"} if {
	some [id, number] in asker.covered
	not related(data.agreements.by_id[id].clauses[number].relation)
}

shortfalls contains {"clause": [id, number], "code": "record-kind-not-covered"} if {
	some [id, number] in asker.covered
	not input.record.entity_kind in data.agreements.by_id[id].clauses[number].entity_kinds
}

shortfalls contains {"clause": [id, number], "code": "handling-conditions"} if {
	some [id, number] in asker.covered
	not input.record.handling in data.agreements.by_id[id].clauses[number].handling
}

shortfalls contains {"clause": [id, number], "code": "excluded"} if {
	some [id, number] in asker.covered
	not outside(data.agreements.by_id[id].clauses[number].exclude)
}

satisfied := asker.covered - {shortfall.clause | some shortfall in shortfalls}

agreements contains {"id": id, "version": data.agreements.by_id[id].version} if {
	some [id, _] in satisfied
}

reasons contains shortfall.code if {
	count(satisfied) == 0
	some shortfall in shortfalls
}

# What an emergency set aside in a clause that was used: it is reviewed afterwards.
lifted contains "emergency-consent-set-aside" if {
	some [id, number] in satisfied
	not consented(data.agreements.by_id[id].clauses[number])
}

lifted contains "emergency-case-membership-set-aside" if {
	some [id, number] in satisfied
	not on_the_case(data.agreements.by_id[id].clauses[number])
}

consented(clause) if count(clause.consent) == 0

consented(clause) if {
	input.record.consent.state == "given"
	some scope in input.record.consent.scope
	scope in clause.consent
}

on_the_case(clause) if clause.case_member == false

on_the_case(clause) if {
	clause.case_member == true
	input.record.id in input.requester.case_membership
}

related(relation) if relation == "any"

related(relation) if {
	relation == "own"
	input.record.originators == [input.requester.agency]
}

related(relation) if {
	relation == "tenant"
	input.requester.agency in input.record.tenant_of
}

outside(exclude) if {
	count({category | some category in input.record.subject_categories; category in exclude.subject_categories}) == 0
	count({strand | some strand in input.record.strands_present; strand in exclude.strands}) == 0
	count({regime | some regime in input.record.recording_regimes; regime in exclude.recording_regimes}) == 0
	grown(exclude.children)
}

grown(children) if children == false

grown(children) if {
	children == true
	input.record.child == false
}

lifts(clause, condition) if {
	input.emergency.flag == true
	condition in clause.emergency_lifts
}
