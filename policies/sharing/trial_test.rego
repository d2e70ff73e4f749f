package concord.sharing.trial_test

import data.concord.sharing.trial
import data.concord.sharing.world_test as world

asked := {
	"agreements": world.agreements([world.base_clause]),
	"questions": [world.question, world.about({"status": "withdrawn"}), {}],
}

test_each_question_is_decided_under_the_agreements_that_it_brings if {
	answers := trial.decisions with input as asked with data.agreements as {"by_id": {}, "by_purpose": {}}
	[answer.permit | some answer in answers] == [true, false, false]
	answers[0].agreements == {{"id": "one", "version": 2}}
	answers[1].reasons == {"record-withdrawn"}
}
