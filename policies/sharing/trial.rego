# METADATA
# title: A draft on trial
# description: >-
#   The same rules over agreements that are not in force and come with the questions. It says what
#   would be decided; nothing is released on it.
package concord.sharing.trial

import data.concord.sharing

decisions := [decision |
	agreements := input.agreements
	some question in input.questions
	decision := sharing.decision with data.agreements as agreements with input as question
]
