# METADATA
# title: A small world for the tests
# description: One agreement with an open clause and one with every condition, an asker, a record.
package concord.sharing.world_test

base_clause := {
	"purposes": ["case"],
	"recipients": {"agencies": ["*"], "agency_types": ["council", "police", "housing", "school"], "roles": ["coordinator"]},
	"vetting": ["sc"],
	"relevant_authority": true,
	"justification": true,
	"items": {"alert": {"level": 10, "since": 7, "victim_name": 3, "narrative": 10, "agencies": 0}},
	"relation": "any",
	"entity_kinds": ["person"],
	"handling": ["P"],
	"consent": [],
	"case_member": false,
	"exclude": {"subject_categories": [], "strands": [], "recording_regimes": [], "children": false},
	"emergency_lifts": [],
	"transgender_history": "denied",
}

consent_clause := object.union(base_clause, {
	"items": {"alert": {"victim_name": 10, "since": 10}},
	"consent": ["cmarac", "any"],
})

agreement(clauses) := {
	"version": 2,
	"status": "live",
	"starts_day": 100,
	"ends_day": 200,
	"retention_days": 30,
	"onward_sharing": "never",
	"clauses": clauses,
}

agreements(clauses) := {
	"revision": "r1",
	"by_id": {"one": agreement(clauses)},
	"by_purpose": {"case": ["one"]},
	"by_agency": {"case": {"*": ["one"], "north": ["one"]}},
	"fields": {"alert": {"victim_identity": ["victim_name", "narrative"], "subject": ["suspect_name", "narrative"]}},
	"treatments": [
		"withhold",
		"mask",
		"pseudonymise",
		"generalise:initials",
		"generalise:age_band",
		"generalise:year",
		"generalise:district",
		"generalise:month",
		"generalise:ward",
		"generalise:week",
		"release",
	],
}

question := {
	"requester": {
		"subject": "u1",
		"agency": "north",
		"agency_type": "council",
		"role": "coordinator",
		"vetting": "sc",
		"relevant_authority": true,
		"competent_authority": true,
		"case_membership": ["alt_1"],
	},
	"purpose": "case",
	"justification": "case conference",
	"now": {"epoch_day": 150},
	"emergency": {"flag": false, "second_approver": ""},
	"record": {
		"kind": "alert",
		"id": "alt_1",
		"exists": true,
		"status": "current",
		"entity_kind": "person",
		"originators": ["south", "west"],
		"subject_categories": ["victim"],
		"strands_present": ["race"],
		"special_category": true,
		"child": false,
		"gsc": "OFFICIAL",
		"handling": "P",
		"recording_regimes": ["police-hate-crime"],
		"non_crime": false,
		"about_subject": false,
		"consent": {"state": "given", "scope": ["cmarac"]},
		"victim_wishes": [],
		"tenant_of": ["home"],
		"contains_possible_links": false,
		"authors": [],
	},
}

asked(requester) := object.union(question, {"requester": requester})

about(record) := object.union(question, {"record": record})

emergency(approver) := object.union(question, {"emergency": {"flag": true, "second_approver": approver}})
