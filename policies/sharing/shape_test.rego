package concord.sharing.shape_test

import data.concord.sharing
import data.concord.sharing.shape
import data.concord.sharing.world_test as world

test_a_question_fits if shape.fits with input as world.question

test_a_missing_fact_does_not_fit if {
	some path in ["/purpose", "/emergency/flag", "/requester/subject", "/record/child", "/record/consent/state"]
	not shape.fits with input as json.patch(world.question, [{"op": "remove", "path": path}])
}

test_no_list_stands_for_another_thing if {
	every other in [{}, "no_police", null, 7, [""], [7], [["no_police"]]] {
		changed := json.patch(world.question, [{"op": "replace", "path": "/record/victim_wishes", "value": other}])
		not shape.fits with input as changed
	}
}

test_what_does_not_fit_is_refused_before_any_clause if {
	answer := sharing.decision with data.agreements as world.agreements([world.base_clause])
		with input as json.patch(world.question, [{"op": "remove", "path": "/record/victim_wishes"}])
	not answer.permit
	not answer.covered
	answer.reasons == {"malformed-input"}
	answer.fields == {}
}

test_half_a_day_is_none if {
	changed := json.patch(world.question, [{"op": "replace", "path": "/now/epoch_day", "value": 150.5}])
	not shape.fits with input as changed
}
