package concord.sharing.fields_test

import data.concord.sharing.fields
import data.concord.sharing.world_test as world

treatments(question, clauses) := found if {
	found := fields.treatments with data.agreements as world.agreements(clauses) with input as question
}

both := [world.base_clause, world.consent_clause]

test_the_most_open_clause_holds if {
	treatments(world.question, [world.base_clause]) == {
		"level": "release",
		"since": "generalise:month",
		"victim_name": "generalise:initials",
		"narrative": "release",
	}
	treatments(world.question, both) == {
		"level": "release",
		"since": "release",
		"victim_name": "release",
		"narrative": "release",
	}
}

test_a_clause_that_does_not_hold_adds_nothing if {
	found := treatments(world.about({"consent": {"state": "refused"}}), both)
	found.victim_name == "generalise:initials"
	found.since == "generalise:month"
}

test_anonymous_victims_stay_anonymous if {
	treatments(world.about({"victim_wishes": ["anonymous"]}), both) == {"level": "release", "since": "release"}
}

test_subject_data_of_non_crimes_stay_with_the_police if {
	clause := object.union(world.base_clause, {"items": {"alert": {"suspect_name": 10}}})
	found := treatments(world.about({"non_crime": true}), [clause])
	not found.suspect_name
	not found.narrative
	found.level == "release"
	treatments(world.question, [clause]).suspect_name == "release"
}

test_transgender_history_is_denied_by_default if {
	found := treatments(world.about({"strands_present": ["transgender"]}), both)
	found == {"level": "release", "since": "release"}
}

test_transgender_history_with_the_persons_consent if {
	clause := object.union(world.consent_clause, {"transgender_history": "with-consent"})
	record := {"strands_present": ["transgender"]}
	treatments(world.about(record), [clause]).victim_name == "release"
	asked_for_nothing := object.union(clause, {"consent": []})
	not treatments(world.about(record), [asked_for_nothing]).victim_name
}

test_an_emergency_does_not_uncover_history if {
	clause := object.union(world.consent_clause, {
		"transgender_history": "with-consent",
		"emergency_lifts": ["consent"],
	})
	urgent := object.union(world.emergency("u2"), {"record": {
		"strands_present": ["transgender"],
		"consent": {"state": "refused"},
	}})
	treatments(urgent, [clause]).since == "release"
	not treatments(urgent, [clause]).victim_name
}
