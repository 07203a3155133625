package engine

import "github.com/portico-authz/portico/schema"

// Definitions returns every operation that the engine knows, in the order in
// which people meet them. Which of them a portal has, its portal.yaml says;
// see [OperationsOf].
func Definitions() []Definition {
	return []Definition{
		define[SignUp]("Create a partner; the person who signs up runs it", "staff#partner@partner", "staff#user@user"),
		define[EditPartner]("Rename a partner"),
		define[TransferOwnership]("Make another staff member the owner"),

		define[InviteStaff]("Invite somebody to the staff", "staff#partner@partner"),
		define[ResendInvitation]("Send an invitation again"),
		define[WithdrawInvitation]("Withdraw an invitation"),
		define[AcceptInvitation]("Accept an invitation", "staff#user@user"),
		define[EditStaff]("Change a staff member's name or e-mail address"),
		define[ChangeRole]("Give a staff member another role"),
		define[DeactivateStaff]("Deactivate a staff member: no access, all kept"),
		define[ReactivateStaff]("Reactivate a staff member with what they had", "staff#user@user"),
		define[HandOver]("Hand over what a staff member is responsible for"),
		define[RemoveStaff]("Remove a staff member"),
		define[RestoreStaff]("Take a staff member out of the trash, with what they had", "staff#user@user"),
		define[PurgeStaff]("Delete a staff member in the trash for good"),

		define[SetCapability]("Switch a capability on or off for a staff member"),
		define[RestrictStaff]("Restrict a staff member's role to the accounts of groups", "partner#unrestricted@staff#user", "group#staff@staff#user"),
		define[LiftRestriction]("Lift the restriction of a staff member to groups", "partner#unrestricted@staff#user"),

		define[CreateClient]("Create a client folder", "client#partner@partner"),
		define[RenameClient]("Rename a client folder"),
		define[ArchiveClient]("Archive a client folder: nobody reaches it any more"),
		define[RestoreClient]("Restore an archived client folder"),
		define[AddClientStaff]("Add a staff member to a client folder", "client#staff@staff#user"),
		define[RemoveClientStaff]("Remove a staff member from a client folder"),

		define[AddAccount]("Add an account to a client folder", "account#client@client"),
		define[CreateAccount]("Create an account", "account#partner@partner"),
		define[RenameAccount]("Rename an account"),
		define[ArchiveAccount]("Archive an account: nobody reaches it any more"),
		define[SwitchAccount]("Switch an account on or off for a staff member", "account#blocked@staff#user"),
		define[CreateInternalAccount]("Create an account of the firm's own", "account#partner@partner"),
		define[AddAccountStaff]("Add a staff member to an internal account", "account#staff@staff#user"),
		define[RemoveAccountStaff]("Remove a staff member from an internal account"),

		define[CreateGroup]("Create a group of accounts", "group#partner@partner"),
		define[RenameGroup]("Rename a group"),
		define[ArchiveGroup]("Archive a group: it gives nobody access any more"),
		define[AddGroupAccount]("Put an account into a group", "account#group@group"),
		define[RemoveGroupAccount]("Take an account out of a group"),
		define[AddRepresentative]("Name a representative of a group", "group#representative@staff#user"),
		define[RemoveRepresentative]("Remove a representative of a group"),
		define[SetManagedPayouts]("Pay all commissions of a group to its representative, or no more", "group#managed_payouts@staff#user"),

		define[CreateProject]("Create a project", "project#partner@partner"),
		define[RenameProject]("Rename a project"),
		define[ArchiveProject]("Archive a project: nobody reaches it any more"),
		define[RestoreProject]("Restore an archived project"),
		define[AssignProjectStaff]("Assign a staff member to a project", "project#member@staff#user"),
		define[UnassignProjectStaff]("Take a staff member off a project"),
		define[SetLeader]("Make a staff member the leader of a project", "project#leader@staff#user"),
		define[UnsetLeader]("Leave a project without a leader"),

		define[CreateRecord]("Create a record", "record#partner@partner", "record#creator@staff#user"),
		define[EditRecord]("Rename a record"),
		define[DeleteRecord]("Delete a record"),
		define[RestoreRecord]("Restore a deleted record"),

		define[CreateEvent]("Create an event, with who teaches it", "event#partner@partner", "event#instructor@staff#user"),
		define[EditEvent]("Change an event's title or times"),
		define[ArchiveEvent]("Call an event off: nobody sees it any more"),
		define[AssignInstructor]("Assign an instructor to an event", "event#instructor@staff#user"),
		define[UnassignInstructor]("Take an instructor off an event"),

		define[WriteRelationship]("Write a relationship of a type of the operator's own"),
		define[DeleteRelationship]("Delete a relationship of a type of the operator's own"),

		define[AddSupport]("Add a member to the platform's support team", "platform#support@user"),
		define[RemoveSupport]("Remove a member of the platform's support team"),
	}
}

// OperationsOf returns those of the [Definitions] that the portal has.
func OperationsOf(p *schema.Portal) []Definition {
	var defs []Definition
	for _, d := range Definitions() {
		if has(p, d) {
			defs = append(defs, d)
		}
	}
	return defs
}

// define describes the operation whose parameters are a T.
func define[T any, P interface {
	*T
	Operation
}](summary string, writes ...string) Definition {
	return Definition{
		Name: P(new(T)).Name(), Summary: summary, Writes: writes,
		New: func() Operation { return P(new(T)) },
	}
}

// has reports whether the portal has the operation.
func has(p *schema.Portal, d Definition) bool {
	if _, ok := d.New().(guarded); ok {
		return len(p.Relationships) > 0
	}
	_, ok := p.Operations[d.Name]
	return ok
}
