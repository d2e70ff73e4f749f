# METADATA
# title: Denials
# description: What no agreement can permit. One code is enough to refuse the whole record.
package concord.sharing.denials

import data.concord.sharing.asker

codes contains code if some code in asker.denials

# Four eyes: nobody decides about what they wrote or asked for themselves.
codes contains "four-eyes" if input.requester.subject in input.record.authors

codes contains "no-such-record" if not input.record.exists

codes contains "record-withdrawn" if not input.record.status == "current"

codes contains "victim-wishes" if {
	"no_police" in input.record.victim_wishes
	input.requester.agency_type == "police"
	not own
}

codes contains "victim-wishes" if {
	"no_landlord" in input.record.victim_wishes
	landlord
	not own
}

codes contains "victim-wishes" if {
	"no_school" in input.record.victim_wishes
	input.requester.agency_type in {"school", "university"}
	not own
}

# Code of Practice on non-crime hate incidents: the subject's data stay with the police.
codes contains "subject-of-non-crime" if {
	input.record.about_subject
	not crime_or_police
}

default crime_or_police := false

crime_or_police if input.record.non_crime == false

crime_or_police if input.requester.agency_type == "police"

own if input.record.originators == [input.requester.agency]

landlord if input.requester.agency_type == "housing"

landlord if input.requester.agency in input.record.tenant_of
