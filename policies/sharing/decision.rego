# METADATA
# title: The one question
# description: >-
#   May this asker have this record for this purpose, and what of it? The answer is a permit only if
#   some clause of a live agreement holds in full, nothing denies, and some field is left to release.
package concord.sharing

import data.concord.sharing.asker
import data.concord.sharing.denials
import data.concord.sharing.fields
import data.concord.sharing.grounds
import data.concord.sharing.obligations
import data.concord.sharing.shape

default permit := false

permit if {
	shape.fits
	count(grounds.satisfied) > 0
	count(denials.codes) == 0
	count(reasons) == 0
}

# A permit of nothing would tell that the record exists: it is a refusal like any other.
reasons contains "nothing-to-release" if {
	count(grounds.satisfied) > 0
	count(denials.codes) == 0
	count(fields.treatments) == 0
}

default covered := false

# The asker alone, whatever the record: an answer that looks at nothing in the store.
covered if {
	shape.fits
	count(asker.covered) > 0
	count(asker.denials) == 0
}

decision := {
	"permit": true,
	"covered": true,
	"fields": fields.treatments,
	"reasons": ({"agreement-permits"} | grounds.lifted),
	"obligations": obligations.codes,
	"agreements": grounds.agreements,
	"revision": data.agreements.revision,
} if {
	permit
	covered
}

decision := {
	"permit": false,
	"covered": true,
	"fields": {},
	"reasons": ((grounds.reasons | denials.codes) | reasons),
	"obligations": set(),
	"agreements": set(),
	"revision": data.agreements.revision,
} if {
	covered
	not permit
}

decision := {
	"permit": false,
	"covered": false,
	"fields": {},
	"reasons": asker.reasons,
	"obligations": set(),
	"agreements": set(),
	"revision": data.agreements.revision,
} if {
	shape.fits
	not covered
}

decision := {
	"permit": false,
	"covered": false,
	"fields": {},
	"reasons": {"malformed-input"},
	"obligations": set(),
	"agreements": set(),
	"revision": data.agreements.revision,
} if {
	not shape.fits
}
