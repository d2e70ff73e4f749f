# METADATA
# title: Obligations
# description: What the recipient takes on with the data. They travel in the answer.
package concord.sharing.obligations

import data.concord.sharing.fields
import data.concord.sharing.grounds

codes contains {"code": "retain", "agreement": id, "days": agreement.retention_days} if {
	some id in used
	agreement := data.agreements.by_id[id]
}

codes contains {
	"code": "review-by",
	"agreement": id,
	"epoch_day": input.now.epoch_day + data.agreements.by_id[id].retention_days,
} if {
	some id in used
}

codes contains {
	"code": "onward-sharing",
	"agreement": id,
	"rule": data.agreements.by_id[id].onward_sharing,
} if {
	some id in used
}

codes contains {"code": "marking", "marking": input.record.gsc} if input.record.gsc != "OFFICIAL"

codes contains {"code": "handling-conditions"} if input.record.handling == "C"

codes contains {"code": "no-contact"} if "no_contact" in input.record.victim_wishes

codes contains {"code": "safe-contact-only"} if "safe_contact_only" in input.record.victim_wishes

codes contains {"code": "possible-links-are-not-facts"} if {
	input.record.contains_possible_links
	fields.treatments.possible
}

codes contains {"code": "after-review"} if count(grounds.lifted) > 0

used contains agreement.id if some agreement in grounds.agreements
