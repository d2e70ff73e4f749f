package concord.sharing.denials_test

import data.concord.sharing.denials
import data.concord.sharing.world_test as world

codes(question) := found if {
	found := denials.codes with data.agreements as world.agreements([world.base_clause]) with input as question
}

test_nothing_denies_an_ordinary_record if codes(world.question) == set()

test_what_is_not_there if codes(world.about({"exists": false})) == {"no-such-record"}

test_what_is_withdrawn if codes(world.about({"status": "withdrawn"})) == {"record-withdrawn"}

test_an_emergency_without_approver if codes(world.emergency("")) == {"second-approver-missing"}

test_no_police_means_no_police if {
	record := {"victim_wishes": ["no_police"]}
	codes(object.union(world.asked({"agency_type": "police"}), {"record": record})) == {"victim-wishes"}
	codes(world.about(record)) == set()
}

test_police_may_see_what_they_alone_recorded if {
	record := {"victim_wishes": ["no_police"], "originators": ["north"]}
	codes(object.union(world.asked({"agency_type": "police"}), {"record": record})) == set()
}

test_no_landlord_means_no_landlord if {
	record := {"victim_wishes": ["no_landlord"]}
	codes(object.union(world.asked({"agency_type": "housing"}), {"record": record})) == {"victim-wishes"}
	codes(object.union(world.asked({"agency": "home"}), {"record": record})) == {"victim-wishes"}
	codes(world.about(record)) == set()
}

test_no_school_means_no_school if {
	record := {"victim_wishes": ["no_school"]}
	every agency_type in ["school", "university"] {
		codes(object.union(world.asked({"agency_type": agency_type}), {"record": record})) == {"victim-wishes"}
	}
	codes(world.about(record)) == set()
}

test_subjects_of_non_crime_stay_with_the_police if {
	record := {"about_subject": true, "non_crime": true}
	codes(world.about(record)) == {"subject-of-non-crime"}
	codes(object.union(world.asked({"agency_type": "police"}), {"record": record})) == set()
	codes(world.about({"about_subject": true})) == set()
}

test_nobody_decides_about_their_own_work if {
	codes(world.about({"authors": ["u1", "u2"]})) == {"four-eyes"}
	codes(world.about({"authors": ["u2"]})) == set()
}
