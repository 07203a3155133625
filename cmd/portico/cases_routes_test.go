package main

// routes are the operations' addresses, as the documentation gives them. They
// are written out again here: it is the API's users who would have to change
// theirs.
var routes = map[string]string{
	"sign_up":            "POST /v1/partners",
	"edit_partner":       "PATCH /v1/partners/{partner}",
	"transfer_ownership": "POST /v1/partners/{partner}/owner",

	"invite_staff":        "POST /v1/partners/{partner}/staff",
	"edit_staff":          "PATCH /v1/partners/{partner}/staff/{staff}",
	"remove_staff":        "DELETE /v1/partners/{partner}/staff/{staff}",
	"change_role":         "PUT /v1/partners/{partner}/staff/{staff}/role",
	"resend_invitation":   "POST /v1/partners/{partner}/staff/{staff}/invitation",
	"withdraw_invitation": "DELETE /v1/partners/{partner}/staff/{staff}/invitation",
	"accept_invitation":   "POST /v1/invitations/accept",
	"deactivate_staff":    "POST /v1/partners/{partner}/staff/{staff}/deactivate",
	"reactivate_staff":    "POST /v1/partners/{partner}/staff/{staff}/reactivate",
	"hand_over":           "POST /v1/partners/{partner}/staff/{staff}/hand_over",
	"restore_staff":       "POST /v1/partners/{partner}/staff/{staff}/restore",
	"purge_staff":         "POST /v1/partners/{partner}/staff/{staff}/purge",
	"set_capability":      "PUT /v1/partners/{partner}/staff/{staff}/capabilities/{capability}",
	"restrict_staff":      "PUT /v1/partners/{partner}/staff/{staff}/restriction",
	"lift_restriction":    "DELETE /v1/partners/{partner}/staff/{staff}/restriction",

	"create_client":       "POST /v1/partners/{partner}/clients",
	"rename_client":       "PATCH /v1/partners/{partner}/clients/{client}",
	"archive_client":      "DELETE /v1/partners/{partner}/clients/{client}",
	"restore_client":      "POST /v1/partners/{partner}/clients/{client}/restore",
	"add_client_staff":    "PUT /v1/partners/{partner}/clients/{client}/staff/{staff}",
	"remove_client_staff": "DELETE /v1/partners/{partner}/clients/{client}/staff/{staff}",
	"add_account":         "POST /v1/partners/{partner}/clients/{client}/accounts",

	"create_account":          "POST /v1/partners/{partner}/accounts",
	"create_internal_account": "POST /v1/partners/{partner}/accounts",
	"rename_account":          "PATCH /v1/partners/{partner}/accounts/{account}",
	"archive_account":         "DELETE /v1/partners/{partner}/accounts/{account}",
	"switch_account":          "PUT /v1/partners/{partner}/accounts/{account}/staff/{staff}",
	"add_account_staff":       "PUT /v1/partners/{partner}/accounts/{account}/staff/{staff}",
	"remove_account_staff":    "DELETE /v1/partners/{partner}/accounts/{account}/staff/{staff}",

	"create_group":          "POST /v1/partners/{partner}/groups",
	"rename_group":          "PATCH /v1/partners/{partner}/groups/{group}",
	"archive_group":         "DELETE /v1/partners/{partner}/groups/{group}",
	"add_group_account":     "PUT /v1/partners/{partner}/groups/{group}/accounts/{account}",
	"remove_group_account":  "DELETE /v1/partners/{partner}/groups/{group}/accounts/{account}",
	"add_representative":    "PUT /v1/partners/{partner}/groups/{group}/representatives/{staff}",
	"remove_representative": "DELETE /v1/partners/{partner}/groups/{group}/representatives/{staff}",
	"set_managed_payouts":   "PUT /v1/partners/{partner}/groups/{group}/payouts/{staff}",

	"create_project":         "POST /v1/partners/{partner}/projects",
	"rename_project":         "PATCH /v1/partners/{partner}/projects/{project}",
	"archive_project":        "DELETE /v1/partners/{partner}/projects/{project}",
	"restore_project":        "POST /v1/partners/{partner}/projects/{project}/restore",
	"assign_project_staff":   "PUT /v1/partners/{partner}/projects/{project}/staff/{staff}",
	"unassign_project_staff": "DELETE /v1/partners/{partner}/projects/{project}/staff/{staff}",
	"set_leader":             "PUT /v1/partners/{partner}/projects/{project}/leader",
	"unset_leader":           "DELETE /v1/partners/{partner}/projects/{project}/leader",

	"create_record":  "POST /v1/partners/{partner}/records",
	"edit_record":    "PATCH /v1/partners/{partner}/records/{record}",
	"delete_record":  "DELETE /v1/partners/{partner}/records/{record}",
	"restore_record": "POST /v1/partners/{partner}/records/{record}/restore",

	"create_event":        "POST /v1/partners/{partner}/events",
	"edit_event":          "PATCH /v1/partners/{partner}/events/{event}",
	"archive_event":       "DELETE /v1/partners/{partner}/events/{event}",
	"assign_instructor":   "PUT /v1/partners/{partner}/events/{event}/instructors/{staff}",
	"unassign_instructor": "DELETE /v1/partners/{partner}/events/{event}/instructors/{staff}",

	"write_relationship":  "POST /v1/partners/{partner}/relationships",
	"delete_relationship": "POST /v1/partners/{partner}/relationships/delete",

	"add_support":    "POST /v1/support",
	"remove_support": "DELETE /v1/support/{user}",
}
