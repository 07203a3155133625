package main

import (
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func (p *importPlan) staff(r row) {
	email := strings.ToLower(r.cells["email"])
	if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email {
		p.wrong(r, "%q is not an e-mail address", r.cells["email"])
		return
	}
	if !p.once(r, email) {
		return
	}
	if e, there := p.seated[email]; there {
		p.present(r, e)
		return
	}
	role, ok := p.portal.Role(r.cells["role"])
	invite := &engine.InviteStaff{}
	if !ok || !role.MayBeGivenBy(invite.Name()) {
		p.wrong(r, "nobody can be invited as %q; use one of: %s", r.cells["role"],
			strings.Join(p.portal.RolesGivenBy(invite.Name()), ", "))
		return
	}
	name := r.cells["staff"]
	switch err := schema.ValidateName(name); {
	case name == "":
		name = p.seatName(email)
	case err != nil:
		p.wrong(r, "staff: %s", err)
		return
	case p.names[name]:
		p.wrong(r, "the seat's name %q was given to somebody else; choose another, or leave it empty", name)
		return
	}
	p.names[name], p.seats[email] = true, name
	invite.Partner, invite.Staff, invite.Email = p.partner, name, email
	invite.Role = role.Name
	if p.portal.Staff.Names == schema.NamesContact {
		invite.ContactName = r.cells["name"]
	} else if invite.FirstName, invite.LastName, ok = cutName(r.cells["name"]); !ok {
		p.wrong(r, "%q: want a first and a last name", r.cells["name"])
		return
	}
	p.add(r, invite)
}

// cutName splits a name before its last word.
func cutName(name string) (first, last string, ok bool) {
	i := strings.LastIndexByte(name, ' ')
	if i < 0 {
		return "", "", false
	}
	first, last = strings.TrimSpace(name[:i]), name[i+1:]
	return first, last, first != "" && last != ""
}

// present notes what an import leaves as it is.
func (p *importPlan) present(r row, e engine.Entry) {
	if e.Role != r.cells["role"] {
		p.note(r, "%s is %s and stays so; an import changes no roles", e.Email, e.Role)
	}
	if e.Title != r.cells["name"] {
		p.note(r, "%s is called %q and stays so", e.Email, e.Title)
	}
	if name := r.cells["staff"]; name != "" && name != e.Object.Name() {
		p.seats[name] = e.Object.Name() // rows of access may use the file's name
	}
	p.there(r)
}

// seatName makes a name from an address: ana, or ana-2 if that was given.
func (p *importPlan) seatName(email string) string {
	local, _, _ := strings.Cut(email, "@")
	base := strings.Trim(strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' {
			return c
		}
		return '-'
	}, local), "-")
	base = base[:min(len(base), 56)]
	if base == "" {
		base = "staff"
	}
	name := base
	for n := 2; p.names[name]; n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	return name
}

// seat returns the object of the staff member whom a row of access names.
func (p *importPlan) seat(r row) (schema.Object, bool) {
	ref := r.cells["staff"]
	name, ok := p.seats[strings.ToLower(ref)]
	if !ok {
		name, ok = p.seats[ref]
	}
	if !ok && p.names[ref] {
		name, ok = ref, true
	}
	if !ok {
		p.wrong(r, "there is no staff member %q, here or in staff.csv", ref)
	}
	return p.object(schema.TypeStaff, name), ok
}

func (p *importPlan) access(r row) {
	member, ok := p.seat(r)
	if !ok {
		return
	}
	expires, ok := p.expiry(r)
	if !ok || !p.once(r, strings.Join([]string{
		member.Name(), "client=" + r.cells["client"], "account=" + r.cells["account"], "group=" + r.cells["group"],
	}, " ")) {
		return
	}
	g := grantRow{row: r, member: member, expires: expires, client: r.cells["client"], account: r.cells["account"], group: r.cells["group"]}
	switch {
	case g.account != "" && r.cells["off"] != "" && g.group == "":
		p.switched(g)
	case r.cells["off"] != "":
		p.wrong(r, "off needs an account, and no group")
	case g.client != "" && g.account == "" && g.group == "":
		p.granted(g, p.object("client", g.client), p.clients[g.client],
			&engine.AddClientStaff{Partner: p.partner, Client: g.client, Staff: member.Name(), ExpiresAt: expires})
	case g.account != "" && g.client == "" && g.group == "":
		folder, there := p.accounts[g.account]
		if folder != "" {
			p.wrong(r, "%s is an account of the folder %s: name the folder, or say yes or no in off", g.account, folder)
			return
		}
		p.granted(g, p.object("account", g.account), there,
			&engine.AddAccountStaff{Partner: p.partner, Account: g.account, Staff: member.Name(), ExpiresAt: expires})
	case g.group != "" && g.client == "" && g.account == "":
		p.granted(g, p.object("group", g.group), p.groups[g.group],
			&engine.AddRepresentative{Partner: p.partner, Group: g.group, Staff: member.Name(), ExpiresAt: expires})
	default:
		p.wrong(r, "name a client, an internal account, a group, or an account with off")
	}
}

// grantRow is a row of access.csv, read.
type grantRow struct {
	row                    row
	member                 schema.Object
	expires                time.Time
	client, account, group string
}

func (p *importPlan) granted(g grantRow, in schema.Object, exists bool, op engine.Operation) {
	if !exists {
		p.wrong(g.row, "there is no %s %q, here or in the files", in.Type, in.Name())
		return
	}
	if have, there := p.dir.grants[grantKey{in, g.member}]; there && have.ExpiresAt.Equal(g.expires) {
		p.there(g.row)
		return
	}
	p.fresh[grantKey{in, g.member}] = true
	p.add(g.row, op)
}

func (p *importPlan) switched(g grantRow) {
	off := strings.ToLower(g.row.cells["off"])
	folder, there := p.accounts[g.account]
	// Who is put on the folder only now has all accounts on.
	isOff := p.dir.off[grantKey{p.object("account", g.account), g.member}] && !p.fresh[grantKey{p.object("client", folder), g.member}]
	switch {
	case off != "yes" && off != "no":
		p.wrong(g.row, "off is %q, and not yes or no", off)
	case !there || folder == "":
		p.wrong(g.row, "there is no account %q of a folder, here or in accounts.csv", g.account)
	case g.client != "" && g.client != folder:
		p.wrong(g.row, "the account %s is in the folder %s, not %s", g.account, folder, g.client)
	case !g.expires.IsZero():
		p.wrong(g.row, "switching off has no expiry")
	case isOff == (off == "yes"):
		p.there(g.row)
	default:
		p.add(g.row, &engine.SwitchAccount{Partner: p.partner, Account: g.account, Staff: g.member.Name(), Enabled: off == "no"})
	}
}

func (p *importPlan) expiry(r row) (time.Time, bool) {
	text := r.cells["expires"]
	if text == "" {
		return time.Time{}, true
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	switch {
	case err != nil:
		p.wrong(r, "expires is %q; write 2027-01-31 or 2027-01-31T18:00:00Z", text)
		return at, false
	case !at.After(p.now):
		p.note(r, "this has ended and is left out")
		return at, false
	}
	return at.UTC(), true
}
