package engine

import (
	"slices"

	"github.com/portico-authz/portico/schema"
)

// needs has, for an operation, what the portal must say elsewhere for it to
// make sense; the function returns what is missing, or "".
var needs = map[string]func(p *schema.Portal) string{
	"sign_up":            needRole("sign_up"),
	"invite_staff":       needRole("invite_staff"),
	"change_role":        needRole("change_role"),
	"transfer_ownership": needRole("transfer_ownership"),

	"deactivate_staff":  needDeactivation,
	"reactivate_staff":  needDeactivation,
	"restore_staff":     needTrash,
	"purge_staff":       needTrash,
	"hand_over":         needHandOver,
	"set_capability":    needCapabilities,
	"create_record":     needKinds(typeRecord),
	"create_event":      needKinds(typeEvent),
	"restore_client":    needArchive("restore_client", "archive_client"),
	"restore_project":   needArchive("restore_project", "archive_project"),
	"restore_record":    needArchive("restore_record", "delete_record"),
	"restrict_staff":    needUnrestricted,
	"accept_invitation": needOperation("invite_staff"),
}

func needRole(operation string) func(*schema.Portal) string {
	return func(p *schema.Portal) string {
		if len(p.RolesGivenBy(operation)) > 0 {
			return ""
		}
		return "roles: one that is given_by " + operation
	}
}

func needDeactivation(p *schema.Portal) string {
	if p.Staff.Deactivation {
		return ""
	}
	return "staff.deactivation: true"
}

func needTrash(p *schema.Portal) string {
	if p.Staff.Removal == schema.RemovalTrash {
		return ""
	}
	return "staff.removal: trash"
}

func needHandOver(p *schema.Portal) string {
	if len(p.Staff.HandOver) > 0 {
		return ""
	}
	return "staff.hand_over: the relations to hand over, such as [event#instructor]"
}

func needCapabilities(p *schema.Portal) string {
	if len(p.Capabilities) > 0 {
		return ""
	}
	return "capabilities: what is switched, and a role that is switched: true"
}

func needKinds(typ string) func(*schema.Portal) string {
	return func(p *schema.Portal) string {
		if len(p.Kinds[typ]) > 0 {
			return ""
		}
		return "kinds." + typ + ": what kinds of it there are"
	}
}

// needArchive wants the operation that archives, and a requirement that somebody
// can meet: nobody has a permission on what is archived.
func needArchive(restore, archive string) func(*schema.Portal) string {
	return func(p *schema.Portal) string {
		if p.Operations[restore].Type != schema.TypePartner {
			return "to ask a permission of the partner, as nobody has one on what is archived,"
		}
		return needOperation(archive)(p)
	}
}

func needUnrestricted(p *schema.Portal) string {
	if slices.Contains(begunRelations(p), relUnrestricted) {
		return ""
	}
	return "staff.begins: partner#unrestricted@staff#user"
}

func needOperation(name string) func(*schema.Portal) string {
	return func(p *schema.Portal) string {
		if _, ok := p.Operations[name]; ok {
			return ""
		}
		return "operations." + name
	}
}
