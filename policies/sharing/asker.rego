# METADATA
# title: Who asks, and for what
# description: >-
#   Which clauses cover the asker, the purpose and the kind of record. Nothing here reads a fact of
#   the record beyond its kind, so that a refusal says the same for records that exist and that do not.
package concord.sharing.asker

# Agreements with a clause for this purpose that names the asker's agency, or every agency. They are
# looked up and not searched for: a hub with a thousand agreements answers as fast as one with ten.
candidates contains id if some id in data.agreements.by_agency[input.purpose][input.requester.agency]

candidates contains id if some id in data.agreements.by_agency[input.purpose]["*"]

# Clauses that name this asker for this purpose and kind, met or not.
addressed contains [id, number] if {
	some id in candidates
	some number, clause in data.agreements.by_id[id].clauses
	input.purpose in clause.purposes
	clause.items[input.record.kind]
	named(input.requester.agency, clause.recipients.agencies)
	named(input.requester.agency_type, clause.recipients.agency_types)
	named(input.requester.role, clause.recipients.roles)
}

shortfalls contains {"clause": [id, number], "code": "agreement-not-live"} if {
	some [id, number] in addressed
	not live(data.agreements.by_id[id])
}

shortfalls contains {"clause": [id, number], "code": "vetting-insufficient"} if {
	some [id, number] in addressed
	not named(input.requester.vetting, data.agreements.by_id[id].clauses[number].vetting)
}

shortfalls contains {"clause": [id, number], "code": "gateway-not-open"} if {
	some [id, number] in addressed
	not gateway_open(data.agreements.by_id[id].clauses[number])
}

shortfalls contains {"clause": [id, number], "code": "justification-missing"} if {
	some [id, number] in addressed
	not justified(data.agreements.by_id[id].clauses[number])
}

deciding := {"link-decision", "agreement-decision", "emergency-decision", "emergency-verdict"}

covered := addressed - {shortfall.clause | some shortfall in shortfalls}

# Denials that depend on the asker alone.
denials contains "second-approver-missing" if not approved

# Who decides about links changes what is said of people, who decides about agreements what is told
# to whom. Whoever answers for it says why.
denials contains "reason-missing" if {
	input.record.kind in deciding
	input.justification == ""
}

# An emergency sets conditions of a disclosure aside. A decision is none, and can wait.
denials contains "decision-in-emergency" if {
	input.record.kind in deciding
	input.emergency.flag == true
}

reasons contains "purpose-missing" if input.purpose == ""

reasons contains "purpose-unknown" if {
	input.purpose != ""
	not data.agreements.by_purpose[input.purpose]
}

reasons contains "no-agreement" if {
	data.agreements.by_purpose[input.purpose]
	count(addressed) == 0
}

reasons contains shortfall.code if {
	count(covered) == 0
	some shortfall in shortfalls
}

reasons contains code if some code in denials

named(_, names) if "*" in names

named(name, names) if name in names

# From the first day to the last, both included, and only while the agreement stands.
live(agreement) if {
	agreement.status == "live"
	agreement.starts_day <= input.now.epoch_day
	input.now.epoch_day <= agreement.ends_day
}

gateway_open(clause) if clause.relevant_authority == false

gateway_open(clause) if {
	clause.relevant_authority == true
	input.requester.relevant_authority == true
}

justified(clause) if clause.justification == false

justified(clause) if {
	clause.justification == true
	input.justification != ""
}

approved if input.emergency.flag == false

# Four eyes: nobody approves their own emergency.
approved if {
	input.emergency.flag == true
	input.emergency.second_approver != ""
	input.emergency.second_approver != input.requester.subject
}
