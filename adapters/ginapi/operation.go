package ginapi

import (
	"net/http"
	"strings"

	"github.com/portico-authz/portico/engine"
)

// write is one way to do an operation: the names in braces are parameters of
// the operation that come from the path, and the others make up the body.
type write struct {
	method, path string
	operation    string
	success      int
	// when is the property that chooses this operation among those of one
	// method and path that the portal has; the last of them has none.
	when string
}

// The beginnings of paths.
const (
	partnersPath = "/v1/partners"
	partnerPath  = partnersPath + "/{partner}"
	staffPath    = partnerPath + "/staff/{staff}"
	clientPath   = partnerPath + "/clients/{client}"
	accountPath  = partnerPath + "/accounts/{account}"
	groupPath    = partnerPath + "/groups/{group}"
	projectPath  = partnerPath + "/projects/{project}"
	recordPath   = partnerPath + "/records/{record}"
	eventPath    = partnerPath + "/events/{event}"
	ownPath      = partnerPath + "/relationships"
	supportPath  = "/v1/support"
)

// writes are the operations with an address of their own, in the order of the
// documentation. Every operation also has the address of [server.addAnyOperation].
var writes = []write{
	{http.MethodPost, partnersPath, "sign_up", http.StatusCreated, ""},
	{http.MethodPatch, partnerPath, "edit_partner", http.StatusOK, ""},
	{http.MethodPost, partnerPath + "/owner", "transfer_ownership", http.StatusOK, ""},

	{http.MethodPost, partnerPath + "/staff", "invite_staff", http.StatusCreated, ""},
	{http.MethodPatch, staffPath, "edit_staff", http.StatusOK, ""},
	{http.MethodDelete, staffPath, "remove_staff", http.StatusOK, ""},
	{http.MethodPut, staffPath + "/role", "change_role", http.StatusOK, ""},
	{http.MethodPost, staffPath + "/invitation", "resend_invitation", http.StatusOK, ""},
	{http.MethodDelete, staffPath + "/invitation", "withdraw_invitation", http.StatusOK, ""},
	{http.MethodPost, "/v1/invitations/accept", "accept_invitation", http.StatusOK, ""},
	{http.MethodPost, staffPath + "/deactivate", "deactivate_staff", http.StatusOK, ""},
	{http.MethodPost, staffPath + "/reactivate", "reactivate_staff", http.StatusOK, ""},
	{http.MethodPost, staffPath + "/hand_over", "hand_over", http.StatusOK, ""},
	{http.MethodPost, staffPath + "/restore", "restore_staff", http.StatusOK, ""},
	{http.MethodPost, staffPath + "/purge", "purge_staff", http.StatusOK, ""},
	{http.MethodPut, staffPath + "/capabilities/{capability}", "set_capability", http.StatusOK, ""},
	{http.MethodPut, staffPath + "/restriction", "restrict_staff", http.StatusOK, ""},
	{http.MethodDelete, staffPath + "/restriction", "lift_restriction", http.StatusOK, ""},

	{http.MethodPost, partnerPath + "/clients", "create_client", http.StatusCreated, ""},
	{http.MethodPatch, clientPath, "rename_client", http.StatusOK, ""},
	{http.MethodDelete, clientPath, "archive_client", http.StatusOK, ""},
	{http.MethodPost, clientPath + "/restore", "restore_client", http.StatusOK, ""},
	{http.MethodPut, clientPath + "/staff/{staff}", "add_client_staff", http.StatusOK, ""},
	{http.MethodDelete, clientPath + "/staff/{staff}", "remove_client_staff", http.StatusOK, ""},
	{http.MethodPost, clientPath + "/accounts", "add_account", http.StatusCreated, ""},

	{http.MethodPost, partnerPath + "/accounts", "create_account", http.StatusCreated, ""}, // or the next: no portal has both
	{http.MethodPost, partnerPath + "/accounts", "create_internal_account", http.StatusCreated, ""},
	{http.MethodPatch, accountPath, "rename_account", http.StatusOK, ""},
	{http.MethodDelete, accountPath, "archive_account", http.StatusOK, ""},
	{http.MethodPut, accountPath + "/staff/{staff}", "switch_account", http.StatusOK, "enabled"},
	{http.MethodPut, accountPath + "/staff/{staff}", "add_account_staff", http.StatusOK, ""},
	{http.MethodDelete, accountPath + "/staff/{staff}", "remove_account_staff", http.StatusOK, ""},

	{http.MethodPost, partnerPath + "/groups", "create_group", http.StatusCreated, ""},
	{http.MethodPatch, groupPath, "rename_group", http.StatusOK, ""},
	{http.MethodDelete, groupPath, "archive_group", http.StatusOK, ""},
	{http.MethodPut, groupPath + "/accounts/{account}", "add_group_account", http.StatusOK, ""},
	{http.MethodDelete, groupPath + "/accounts/{account}", "remove_group_account", http.StatusOK, ""},
	{http.MethodPut, groupPath + "/representatives/{staff}", "add_representative", http.StatusOK, ""},
	{http.MethodDelete, groupPath + "/representatives/{staff}", "remove_representative", http.StatusOK, ""},
	{http.MethodPut, groupPath + "/payouts/{staff}", "set_managed_payouts", http.StatusOK, ""},

	{http.MethodPost, partnerPath + "/projects", "create_project", http.StatusCreated, ""},
	{http.MethodPatch, projectPath, "rename_project", http.StatusOK, ""},
	{http.MethodDelete, projectPath, "archive_project", http.StatusOK, ""},
	{http.MethodPost, projectPath + "/restore", "restore_project", http.StatusOK, ""},
	{http.MethodPut, projectPath + "/staff/{staff}", "assign_project_staff", http.StatusOK, ""},
	{http.MethodDelete, projectPath + "/staff/{staff}", "unassign_project_staff", http.StatusOK, ""},
	{http.MethodPut, projectPath + "/leader", "set_leader", http.StatusOK, ""},
	{http.MethodDelete, projectPath + "/leader", "unset_leader", http.StatusOK, ""},

	{http.MethodPost, partnerPath + "/records", "create_record", http.StatusCreated, ""},
	{http.MethodPatch, recordPath, "edit_record", http.StatusOK, ""},
	{http.MethodDelete, recordPath, "delete_record", http.StatusOK, ""},
	{http.MethodPost, recordPath + "/restore", "restore_record", http.StatusOK, ""},

	{http.MethodPost, partnerPath + "/events", "create_event", http.StatusCreated, ""},
	{http.MethodPatch, eventPath, "edit_event", http.StatusOK, ""},
	{http.MethodDelete, eventPath, "archive_event", http.StatusOK, ""},
	{http.MethodPut, eventPath + "/instructors/{staff}", "assign_instructor", http.StatusOK, ""},
	{http.MethodDelete, eventPath + "/instructors/{staff}", "unassign_instructor", http.StatusOK, ""},

	{http.MethodPost, ownPath, "write_relationship", http.StatusOK, ""},
	{http.MethodPost, ownPath + "/delete", "delete_relationship", http.StatusOK, ""},

	{http.MethodPost, supportPath, "add_support", http.StatusOK, ""},
	{http.MethodDelete, supportPath + "/{user}", "remove_support", http.StatusOK, ""},
}

// addOperations adds the routes of those operations that the portal has.
func (s *server) addOperations() {
	defined := map[string]engine.Definition{}
	for _, d := range s.engine.Operations() {
		defined[d.Name] = d
	}
	var route []*writer // of one method and path
	for i, w := range writes {
		if d, ok := defined[w.operation]; ok {
			route = append(route, s.newWriter(w, d))
		}
		last := i+1 == len(writes) || writes[i+1].method != w.method || writes[i+1].path != w.path
		if last && len(route) > 0 {
			s.addWriters(route)
		}
		if last {
			route = nil
		}
	}
	s.addAnyOperation()
}

// tagOf groups addresses in the documentation by the noun that they are about.
func tagOf(path string) string {
	rest, ok := strings.CutPrefix(path, partnerPath+"/")
	if !ok {
		rest = strings.TrimPrefix(path, "/v1/")
	}
	noun, _, _ := strings.Cut(rest, "/")
	if noun == "owner" {
		return "partners"
	}
	return noun
}
