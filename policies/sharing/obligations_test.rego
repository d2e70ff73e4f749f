package concord.sharing.obligations_test

import data.concord.sharing.obligations
import data.concord.sharing.world_test as world

codes(question, clause) := found if {
	found := obligations.codes with data.agreements as world.agreements([object.union(world.base_clause, clause)])
		with input as question
}

always := {
	{"code": "retain", "agreement": "one", "days": 30},
	{"code": "review-by", "agreement": "one", "epoch_day": 180},
	{"code": "onward-sharing", "agreement": "one", "rule": "never"},
}

test_retention_review_and_onward_sharing_always if codes(world.question, {}) == always

test_the_marking_travels if {
	codes(world.about({"gsc": "OFFICIAL-SENSITIVE"}), {}) == always | {{"code": "marking", "marking": "OFFICIAL-SENSITIVE"}}
}

test_handling_conditions_travel if {
	codes(world.about({"handling": "C"}), {"handling": ["P", "C"]}) == always | {{"code": "handling-conditions"}}
}

test_wishes_about_contact_travel if {
	found := codes(world.about({"victim_wishes": ["no_contact", "safe_contact_only"]}), {})
	found == always | {{"code": "no-contact"}, {"code": "safe-contact-only"}}
}

test_possible_links_are_called_what_they_are if {
	clause := {"items": {"alert": {"possible": 10}}}
	found := codes(world.about({"contains_possible_links": true}), clause)
	found == always | {{"code": "possible-links-are-not-facts"}}
	codes(world.about({"contains_possible_links": true}), {}) == always
}

test_an_emergency_is_reviewed_afterwards if {
	urgent := object.union(world.emergency("u2"), {"record": {"consent": {"state": "refused"}}})
	found := codes(urgent, {"consent": ["any"], "emergency_lifts": ["consent"]})
	found == always | {{"code": "after-review"}}
}
