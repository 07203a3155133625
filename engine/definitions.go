package engine

// Definitions returns every operation that the engine knows, in the order in
// which people meet them. Which of them a portal has, its portal.yaml says;
// see [Engine.Operations].
func Definitions() []Definition {
	return []Definition{
		{"sign_up", "Create a partner, owned by the person who signs up", func() Operation { return &SignUp{} }},
		{"edit_partner", "Rename a partner", func() Operation { return &EditPartner{} }},
		{"transfer_ownership", "Make another staff member the owner", func() Operation { return &TransferOwnership{} }},

		{"invite_staff", "Invite somebody to the staff", func() Operation { return &InviteStaff{} }},
		{"resend_invitation", "Send an invitation again", func() Operation { return &ResendInvitation{} }},
		{"withdraw_invitation", "Withdraw an invitation", func() Operation { return &WithdrawInvitation{} }},
		{"accept_invitation", "Accept an invitation", func() Operation { return &AcceptInvitation{} }},
		{"edit_staff", "Change a staff member's contact name or e-mail address", func() Operation { return &EditStaff{} }},
		{"change_role", "Give a staff member another role", func() Operation { return &ChangeRole{} }},
		{"remove_staff", "Remove a staff member with all of their access", func() Operation { return &RemoveStaff{} }},

		{"create_client", "Create a client folder", func() Operation { return &CreateClient{} }},
		{"rename_client", "Rename a client folder", func() Operation { return &RenameClient{} }},
		{"archive_client", "Archive a client folder: nobody reaches it any more", func() Operation { return &ArchiveClient{} }},
		{"restore_client", "Restore an archived client folder", func() Operation { return &RestoreClient{} }},
		{"add_client_staff", "Add a staff member to a client folder", func() Operation { return &AddClientStaff{} }},
		{"remove_client_staff", "Remove a staff member from a client folder", func() Operation { return &RemoveClientStaff{} }},

		{"add_account", "Add an account to a client folder", func() Operation { return &AddAccount{} }},
		{"rename_account", "Rename an account", func() Operation { return &RenameAccount{} }},
		{"archive_account", "Archive an account: nobody reaches it any more", func() Operation { return &ArchiveAccount{} }},
		{"switch_account", "Switch an account on or off for a staff member", func() Operation { return &SwitchAccount{} }},
		{"create_internal_account", "Create an account of the firm's own", func() Operation { return &CreateInternalAccount{} }},
		{"add_account_staff", "Add a staff member to an internal account", func() Operation { return &AddAccountStaff{} }},
		{"remove_account_staff", "Remove a staff member from an internal account", func() Operation { return &RemoveAccountStaff{} }},

		{"create_group", "Create a group of accounts", func() Operation { return &CreateGroup{} }},
		{"rename_group", "Rename a group", func() Operation { return &RenameGroup{} }},
		{"archive_group", "Archive a group: it gives nobody access any more", func() Operation { return &ArchiveGroup{} }},
		{"add_group_account", "Put an account into a group", func() Operation { return &AddGroupAccount{} }},
		{"remove_group_account", "Take an account out of a group", func() Operation { return &RemoveGroupAccount{} }},
		{"add_representative", "Name a representative of a group", func() Operation { return &AddRepresentative{} }},
		{"remove_representative", "Remove a representative of a group", func() Operation { return &RemoveRepresentative{} }},

		{"add_support", "Add a member to the platform's support team", func() Operation { return &AddSupport{} }},
		{"remove_support", "Remove a member of the platform's support team", func() Operation { return &RemoveSupport{} }},
	}
}
