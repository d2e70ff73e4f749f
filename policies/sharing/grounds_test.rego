package concord.sharing.grounds_test

import data.concord.sharing.grounds
import data.concord.sharing.world_test as world

reasons(question, clause) := codes if {
	codes := grounds.reasons with data.agreements as world.agreements([object.union(world.base_clause, clause)])
		with input as question
}

lifted(question, clause) := codes if {
	codes := grounds.lifted with data.agreements as world.agreements([object.union(world.base_clause, clause)])
		with input as question
}

needs_consent := {"consent": ["cmarac", "any"]}

test_consent_must_be_given_for_this if {
	reasons(world.question, needs_consent) == set()
	reasons(world.about({"consent": {"scope": ["research"]}}), needs_consent) == {"consent-missing"}
	every state in ["refused", "withdrawn", "not_asked", "not_safe_to_ask"] {
		reasons(world.about({"consent": {"state": state}}), needs_consent) == {"consent-missing"}
	}
}

test_case_membership if {
	reasons(world.question, {"case_member": true}) == set()
	reasons(world.asked({"case_membership": []}), {"case_member": true}) == {"not-a-case-member"}
}

test_own_records if {
	reasons(world.about({"originators": ["north"]}), {"relation": "own"}) == set()
	reasons(world.about({"originators": ["north", "south"]}), {"relation": "own"}) == {"not-related"}
}

test_records_of_tenants if {
	reasons(world.asked({"agency": "home"}), {"relation": "tenant"}) == set()
	reasons(world.question, {"relation": "tenant"}) == {"not-related"}
}

test_an_unknown_relation_does_not_hold if reasons(world.question, {"relation": "friend"}) == {"not-related"}

test_kind_of_entity if reasons(world.about({"entity_kind": "place"}), {}) == {"record-kind-not-covered"}

test_handling_code if {
	reasons(world.about({"handling": "C"}), {}) == {"handling-conditions"}
	reasons(world.about({"handling": "C"}), {"handling": ["P", "C"]}) == set()
}

test_exclusions if {
	reasons(world.question, {"exclude": {"subject_categories": ["victim"]}}) == {"excluded"}
	reasons(world.question, {"exclude": {"strands": ["race"]}}) == {"excluded"}
	reasons(world.question, {"exclude": {"recording_regimes": ["police-hate-crime"]}}) == {"excluded"}
	reasons(world.question, {"exclude": {"children": true}}) == set()
	reasons(world.about({"child": true}), {"exclude": {"children": true}}) == {"excluded"}
}

test_an_emergency_lifts_what_the_clause_lets_it if {
	urgent := object.union(world.emergency("u2"), {
		"record": {"consent": {"state": "refused"}},
		"requester": {"case_membership": []},
	})
	strict := object.union(needs_consent, {"case_member": true})
	reasons(urgent, strict) == {"consent-missing", "not-a-case-member"}
	lenient := object.union(strict, {"emergency_lifts": ["consent", "case_member"]})
	reasons(urgent, lenient) == set()
	lifted(urgent, lenient) == {"emergency-consent-set-aside", "emergency-case-membership-set-aside"}
	lifted(world.question, lenient) == set()
}
