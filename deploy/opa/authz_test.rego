package system.authz_test

import data.system.authz

token := "a-token-of-more-than-thirty-one-characters"

question := {"method": "POST", "path": ["v1", "data", "concord", "sharing", "decision"]}

test_the_token_may_ask_for_a_decision if {
	authz.allow with input as object.union(question, {"identity": token}) with data.access.token as token
}

test_another_token_may_not if {
	not authz.allow with input as object.union(question, {"identity": "x"}) with data.access.token as token
}

test_no_token_may_not if {
	not authz.allow with input as question with data.access.token as token
}

test_an_empty_token_never_matches if {
	not authz.allow with input as object.union(question, {"identity": ""}) with data.access.token as ""
}

test_the_token_changes_no_rule if {
	change := {"method": "PUT", "path": ["v1", "policies", "x"], "identity": token}
	not authz.allow with input as change with data.access.token as token
}

test_the_token_reads_no_agreement if {
	reading := {"method": "POST", "path": ["v1", "data", "agreements"], "identity": token}
	not authz.allow with input as reading with data.access.token as token
}

test_anyone_may_ask_for_health if {
	authz.allow with input as {"method": "GET", "path": ["health"]}
}
