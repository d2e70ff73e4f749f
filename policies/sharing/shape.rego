# METADATA
# title: The shape of a question
# description: >-
#   Rego skips what it cannot iterate and lets a rule about a missing fact not hold, so a denial could
#   be lost by leaving its fact out. What is not exactly a decision input is refused before any clause
#   is looked at, whoever asks. The hub checks it as well, by `decision-input.schema.json`, which says
#   the same; a test holds the two together.
package concord.sharing.shape

# Texts are measured by what lies behind their last letter: `count` has letters in OPA, bytes in regorus.

default fits := false

fits if {
	object.keys(input) == {"requester", "purpose", "justification", "now", "emergency", "record"}
	is_string(input.purpose)
	substring(input.purpose, 64, 1) == ""
	is_string(input.justification)
	substring(input.justification, 2000, 1) == ""
	is_object(input.now)
	object.keys(input.now) == {"epoch_day"}
	is_number(input.now.epoch_day)
	input.now.epoch_day >= 0
	input.now.epoch_day <= 100000
	input.now.epoch_day == floor(input.now.epoch_day)
	emergency
	requester
	record
	consent
}

emergency if {
	is_object(input.emergency)
	object.keys(input.emergency) == {"flag", "second_approver"}
	is_boolean(input.emergency.flag)
	is_string(input.emergency.second_approver)
	substring(input.emergency.second_approver, 200, 1) == ""
}

requester if {
	asker := input.requester
	is_object(asker)
	object.keys(asker) == {
		"subject", "agency", "agency_type", "role", "vetting",
		"relevant_authority", "competent_authority", "case_membership",
	}
	is_boolean(asker.relevant_authority)
	is_boolean(asker.competent_authority)
	names([asker.subject, asker.agency, asker.agency_type, asker.role, asker.vetting])
	names(asker.case_membership)
}

record if {
	about := input.record
	is_object(about)
	object.keys(about) == {
		"kind", "id", "exists", "status", "entity_kind", "originators", "subject_categories",
		"strands_present", "special_category", "child", "gsc", "handling", "recording_regimes",
		"non_crime", "about_subject", "consent", "victim_wishes", "tenant_of",
		"contains_possible_links", "authors",
	}
	about.kind in kinds
	about.status in {"current", "withdrawn"}
	about.entity_kind in {"person", "place", "none"}
	about.gsc in {"OFFICIAL", "OFFICIAL-SENSITIVE"}
	about.handling in {"P", "C"}
	flags := {
		about.exists, about.special_category, about.child,
		about.non_crime, about.about_subject, about.contains_possible_links,
	}
	count(flags - {true, false}) == 0
	names([about.id])
	names(about.originators)
	names(about.subject_categories)
	names(about.strands_present)
	names(about.recording_regimes)
	names(about.victim_wishes)
	names(about.tenant_of)
	names(about.authors)
}

consent if {
	is_object(input.record.consent)
	object.keys(input.record.consent) == {"state", "scope"}
	input.record.consent.state in {"given", "refused", "withdrawn", "not_asked", "not_safe_to_ask"}
	names(input.record.consent.scope)
}

kinds := {
	"alert", "incident", "signal", "receipt", "agreement", "ledger", "link-review", "link-decision",
	"exclusion", "correction", "notice", "erasure", "retention", "agreement-version",
	"agreement-decision", "emergency-request", "emergency-decision", "emergency-use",
	"emergency-verdict", "visibility", "agreement-replay", "subject-access", "level",
	"level-decision", "pointer", "lookup",
}

# Up to a thousand names, none empty and none longer than two hundred characters.
names(values) if {
	is_array(values)
	count(values) <= 1000
	every value in values {
		is_string(value)
		value != ""
		substring(value, 200, 1) == ""
	}
}
