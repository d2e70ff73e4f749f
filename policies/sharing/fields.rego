# METADATA
# title: Field by field
# description: >-
#   The treatment of every field that leaves. A field that is not named here is withheld; where
#   several clauses name a field, the most open of them holds, since each alone would be enough.
package concord.sharing.fields

import data.concord.sharing.denials
import data.concord.sharing.grounds

# Treatments stand in the bundle as numbers, 0 for withhold and higher for more open.
treatments[name] := data.agreements.treatments[highest] if {
	some name in names
	highest := max({items[name] | some items in offers})
	highest > 0
}

names contains name if {
	some items in offers
	some name, _ in items
}

# What each clause that holds would let go.
offers contains items if {
	some [id, number] in grounds.satisfied
	clause := data.agreements.by_id[id].clauses[number]
	items := object.remove(clause.items[input.record.kind], protected | history(clause))
}

victim_identity := {name | some name in data.agreements.fields[input.record.kind].victim_identity}

protected contains name if {
	some name in data.agreements.fields[input.record.kind].subject
	not denials.crime_or_police
}

protected contains name if {
	"anonymous" in input.record.victim_wishes
	some name in victim_identity
}

# Gender Recognition Act 2004 s.22: who a person is, beside a transgender strand, tells protected
# history. Denied unless the clause says otherwise and the person has agreed.
default history(_) := set()

history(clause) := victim_identity if {
	"transgender" in input.record.strands_present
	not history_agreed(clause)
}

history_agreed(clause) if {
	clause.transgender_history == "with-consent"
	count(clause.consent) > 0
	grounds.consented(clause)
}
