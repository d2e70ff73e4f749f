# METADATA
# title: Who may ask this OPA, and what
# description: >-
#   Only the API, by its token, and only for decisions: it can neither read the agreements through
#   OPA nor change a rule. Anyone may ask whether OPA is well. The token comes from a mounted file,
#   {"token": "..."}, loaded as data.access.
package system.authz

default allow := false

allow if {
	input.path[0] == "health"
	input.method == "GET"
}

allow if {
	count(data.access.token) > 31
	input.identity == data.access.token
	input.method == "POST"
	array.slice(input.path, 0, 4) == ["v1", "data", "concord", "sharing"]
}
