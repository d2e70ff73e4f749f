package concord.sharing_test

import data.concord.sharing
import data.concord.sharing.world_test as world

test_a_clause_that_holds_permits if {
	answer := sharing.decision with data.agreements as world.agreements([world.base_clause])
		with input as world.question
	answer.permit
	answer.covered
	answer.reasons == {"agreement-permits"}
	answer.agreements == {{"id": "one", "version": 2}}
	answer.revision == "r1"
}

test_a_denial_refuses_whatever_the_clauses_say if {
	answer := sharing.decision with data.agreements as world.agreements([world.base_clause])
		with input as world.about({"status": "withdrawn"})
	not answer.permit
	answer.covered
	answer.reasons == {"record-withdrawn"}
	answer.fields == {}
}

test_a_permit_of_nothing_is_a_refusal if {
	clause := json.patch(world.base_clause, [{"op": "replace", "path": "/items", "value": name_alone_items}])
	answer := sharing.decision with data.agreements as world.agreements([clause])
		with input as world.about({"victim_wishes": ["anonymous"]})
	not answer.permit
	answer.covered
	answer.reasons == {"nothing-to-release"}
	answer.fields == {}
	answer.agreements == set()
	answer.obligations == set()
}

test_one_field_is_enough if {
	clause := json.patch(world.base_clause, [{"op": "replace", "path": "/items", "value": name_alone_items}])
	answer := sharing.decision with data.agreements as world.agreements([clause]) with input as world.question
	answer.permit
	answer.fields == {"victim_name": "release"}
}

name_alone_items := {"alert": {"level": 0, "victim_name": 10}}

test_an_asker_who_is_not_covered_learns_of_the_asker_alone if {
	answer := sharing.decision with data.agreements as world.agreements([world.base_clause])
		with input as object.union(world.asked({"role": "visitor"}), {"record": {"status": "withdrawn"}})
	not answer.permit
	not answer.covered
	answer.reasons == {"no-agreement"}
}

test_an_empty_input_is_refused if {
	not sharing.permit with data.agreements as world.agreements([world.base_clause]) with input as {}
	not sharing.covered with data.agreements as world.agreements([world.base_clause]) with input as {}
}

test_no_agreements_no_release if {
	not sharing.permit with data.agreements as {"by_id": {}, "by_purpose": {}} with input as world.question
}
