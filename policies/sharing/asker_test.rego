package concord.sharing.asker_test

import data.concord.sharing.asker
import data.concord.sharing.world_test as world

reasons(question, clauses) := codes if {
	codes := asker.reasons with data.agreements as world.agreements(clauses) with input as question
}

covered(question, agreement) := count(clauses) > 0 if {
	data_root := object.union(world.agreements([]), {"by_id": {"one": agreement}})
	clauses := asker.covered with data.agreements as data_root with input as question
}

live := world.agreement([world.base_clause])

test_an_asker_who_fits_is_covered if covered(world.question, live)

test_first_and_last_day_count if {
	covered(object.union(world.question, {"now": {"epoch_day": 100}}), live)
	covered(object.union(world.question, {"now": {"epoch_day": 200}}), live)
}

test_not_before_the_first_nor_after_the_last_day if {
	not covered(object.union(world.question, {"now": {"epoch_day": 99}}), live)
	not covered(object.union(world.question, {"now": {"epoch_day": 201}}), live)
	reasons(object.union(world.question, {"now": {"epoch_day": 201}}), [world.base_clause]) == {"agreement-not-live"}
}

test_no_status_but_live_covers if {
	every status in ["draft", "tested", "approved", "suspended", "withdrawn", ""] {
		not covered(world.question, object.union(live, {"status": status}))
	}
}

test_purpose_must_be_stated_and_known if {
	reasons(object.union(world.question, {"purpose": ""}), [world.base_clause]) == {"purpose-missing"}
	reasons(object.union(world.question, {"purpose": "gossip"}), [world.base_clause]) == {"purpose-unknown"}
}

test_agency_type_role_and_kind_must_be_named if {
	reasons(world.asked({"agency_type": "nhs"}), [world.base_clause]) == {"no-agreement"}
	reasons(world.asked({"role": "visitor"}), [world.base_clause]) == {"no-agreement"}
	reasons(world.about({"kind": "incident"}), [world.base_clause]) == {"no-agreement"}
}

test_a_named_agency_excludes_others if {
	clause := object.union(world.base_clause, {"recipients": {"agencies": ["south"]}})
	reasons(world.question, [clause]) == {"no-agreement"}
}

test_vetting_must_be_held if {
	reasons(world.asked({"vetting": "none"}), [world.base_clause]) == {"vetting-insufficient"}
}

test_the_gateway_is_open_to_relevant_authorities if {
	reasons(world.asked({"relevant_authority": false}), [world.base_clause]) == {"gateway-not-open"}
	clause := object.union(world.base_clause, {"relevant_authority": false})
	reasons(world.asked({"relevant_authority": false}), [clause]) == set()
}

test_justification_is_given_where_it_is_asked_for if {
	silent := object.union(world.question, {"justification": ""})
	reasons(silent, [world.base_clause]) == {"justification-missing"}
	reasons(silent, [object.union(world.base_clause, {"justification": false})]) == set()
}

test_an_emergency_needs_another_person if {
	reasons(world.emergency(""), [world.base_clause]) == {"second-approver-missing"}
	reasons(world.emergency("u1"), [world.base_clause]) == {"second-approver-missing"}
	reasons(world.emergency("u2"), [world.base_clause]) == set()
}

decides := object.union(world.base_clause, {"items": {"link-decision": {"decision": 10}}, "justification": false})

deciding := world.about({"kind": "link-decision"})

test_whoever_may_decide_is_covered if {
	covered(deciding, world.agreement([decides]))
	reasons(deciding, [decides]) == set()
}

test_to_look_is_not_to_decide if {
	looks := object.union(world.base_clause, {"items": object.union(world.base_clause.items, {"link-review": {"why": 10}})})
	reasons(deciding, [looks]) == {"no-agreement"}
	reasons(world.about({"kind": "link-review"}), [looks]) == set()
}

test_a_decision_has_a_reason_whatever_the_clause_asks_for if {
	reasons(object.union(deciding, {"justification": ""}), [decides]) == {"reason-missing"}
}

test_an_emergency_decides_nothing if {
	urgent := object.union(deciding, {"emergency": {"flag": true, "second_approver": "u2"}})
	reasons(urgent, [decides]) == {"decision-in-emergency"}
}
